#pragma once

#include <span>

namespace banach::cli {

/// An architecture that comes with the program.
struct BuiltInModel {
  const char* name;
  const char* about;
  const char* architecture;  ///< JSON, models/architecture.hpp
};

std::span<const BuiltInModel> built_in_models();

}  // namespace banach::cli
