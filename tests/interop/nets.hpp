#pragma once

#include <banach/models/model.hpp>

#include <memory>
#include <string>
#include <vector>

namespace interop {

/// The models that Keras is to load: "tutorial", "functional", ....
std::vector<std::string> net_names();

/// One of them, compiled and trained for a few steps on random data.
std::shared_ptr<banach::Model> make_trained_net(const std::string& name);

}  // namespace interop
