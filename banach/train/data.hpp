#pragma once

#include <banach/models/model.hpp>

namespace banach {

/// Samples to train or evaluate on; `weights` is empty or (samples,).
struct Data {
  Array x, y;
  std::optional<Array> weights;

  std::int64_t size() const { return x.dim(0); }
};

/// InvalidArgument, in words, unless x and y go together and fit the model and its loss: lengths,
/// the shape of a sample, no NaN among the targets, class numbers in range, one weight a sample.
void check_data(const Model& model, const Data& data, const std::string& where);
/// InvalidArgument unless x holds samples of the model's input shape.
void check_input(const Model& model, const Array& x, const std::string& where);
void check_batch_size(std::int64_t batch_size, const std::string& where);

struct TrainingData {
  Data train;
  std::optional<Data> validation;
};
/// The data of a fit: class weights become sample weights, and the validation part is cut off the
/// end (keras/src/trainers/data_adapters/array_slicing.py) or taken from validation_data.
TrainingData prepare_data(const Array& x, const Array& y, const FitOptions& options);

}  // namespace banach
