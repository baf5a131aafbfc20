#pragma once

#include <cli/data_source.hpp>

#include <banach/models/model.hpp>

namespace banach::cli {

/// Which part of a source that has several a command takes when nothing is said.
enum class Part { train, test };

struct SampleOptions {
  Part part = Part::train;
  bool targets = true;  ///< y is needed
  bool rescale = true;  ///< bytes become numbers in [0, 1]
};

/// Inputs and targets as a model takes them.
struct Samples {
  std::vector<Array> x, y;
  std::vector<std::string> class_names = {};

  std::int64_t size() const { return x.front().dim(0); }
};

/// The samples of a source that a spec names, made to fit the model: bytes are divided by 255
/// unless it begins with Rescaling; a sample of as many elements in another shape is reshaped
/// ((28, 28) to (28, 28, 1) or (784,)); class numbers become one-hot rows where the loss wants
/// them. InvalidArgument, naming source and array, for what is not there, samples beyond the last
/// and labels out of range; shapes that do not fit are left for fit() and predict() to name.
Samples samples_for(const Model& model, const DataSource& source, const DataSpec& spec,
                    const SampleOptions& options);

/// The same from what was given on the command line.
Samples read_samples(const Model& model, const std::string& data, SourceOptions source,
                     const SampleOptions& options);

/// An input of the model as it takes it: see samples_for. x (samples, ...).
Array fit_input(const Model& model, std::size_t input, const Array& x, bool rescale = true);

}  // namespace banach::cli
