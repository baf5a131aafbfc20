#pragma once

#include <banach/models/model.hpp>

#include <map>
#include <string>

namespace banach {

/// A few inputs of a model and what it gave for them: "x0", "x1", ..., "y0", .... A saved file
/// carries them, so that loading can tell whether the model still computes the same. Empty for a
/// model that is not built, and when a sample is larger than is worth storing.
using Probes = std::map<std::string, Array>;

/// Where a file holds them; Keras reads neither.
inline constexpr const char* kSelfTestMember = "banach_self_test.npz";  ///< of a .keras archive
inline constexpr const char* kSelfTestGroup = "banach_self_test";       ///< of an .h5 file

/// How far outputs may be apart, relative to the largest value (or to 1 where all are smaller), for
/// the difference to be rounding: sums in another order on another machine, 8 bits of bfloat16, 11
/// of float16.
double rounding_tolerance(const Model& model);

Probes make_probes(const Model& model);

/// Corruption, naming the file and the largest difference, when the model gives something else than
/// rounding explains, or refuses the inputs.
void check_probes(const Model& model, const Probes& probes, const std::string& file);

}  // namespace banach
