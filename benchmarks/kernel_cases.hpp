#pragma once

#include <banach/runtime/profile.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace banach::bench {

/// A graph of which some kernels are timed.
struct KernelCase {
  enum class Arithmetic { products, half_products, exponentials, random_bits };

  std::string name;
  std::vector<std::string> ops;
  std::function<void(Tape&)> build;
  Arithmetic arithmetic = Arithmetic::products;  ///< what takes their time, if not the memory

  bool times(const Node& node) const;
};

/// The kernels that decide how fast networks are, on values of the sizes that networks have.
const std::vector<KernelCase>& kernel_cases();
std::shared_ptr<const Program> kernel_program(const KernelCase& item);

/// Times each of them beside what memory and arithmetic allow.
Profile profile_kernels();

}  // namespace banach::bench
