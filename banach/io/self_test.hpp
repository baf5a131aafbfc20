#pragma once

#include <banach/models/model.hpp>

#include <map>
#include <string>

namespace banach {

/// A few inputs of a model and what it gave for them: "x0", "x1", ..., "y0", .... A saved file
/// carries them, so that loading can tell whether the model still computes the same. Empty for a
/// model that is not built, and when a sample is larger than is worth storing.
using Probes = std::map<std::string, Array>;

Probes make_probes(const Model& model);

/// Corruption, naming the file and the largest difference, when the model gives something else than
/// rounding explains.
void check_probes(const Model& model, const Probes& probes, const std::string& file);

}  // namespace banach
