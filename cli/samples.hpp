#pragma once

#include <cli/data_options.hpp>
#include <cli/data_source.hpp>

#include <banach/models/model.hpp>

namespace banach::cli {

/// Inputs and targets as a model takes them.
struct Samples {
  std::vector<Array> x, y;

  std::int64_t size() const { return x.front().dim(0); }
};

/// The samples that `data` names (parse_data_spec), of `part` unless it says another, made to fit
/// the model: bytes are divided by 255 unless it begins with Rescaling; a sample of as many
/// elements in another shape is reshaped ((28, 28) to (28, 28, 1) or (784,)); class numbers become
/// one-hot rows where the loss wants them. Without `targets` there is no y. InvalidArgument, naming
/// source and array, for what is not there, samples beyond the last and labels out of range; shapes
/// that do not fit are left for fit() and predict() to name; what read_source throws.
Samples read_samples(const Model& model, const std::string& data, const DataOptions& options,
                     Part part, bool targets = true);

/// An input of the model as it takes it: see read_samples. x (samples, ...).
Array fit_input(const Model& model, std::size_t input, const Array& x, bool rescale = true);

}  // namespace banach::cli
