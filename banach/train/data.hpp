#pragma once

#include <banach/models/model.hpp>

namespace banach {

/// Samples to train or evaluate on: an array for each input and output, and for each output sample
/// weights (samples,), all empty when there are none.
struct Data {
  std::vector<Array> x, y, weights;

  std::int64_t size() const { return x.front().dim(0); }
};
/// The same from what a caller gave. InvalidArgument when the numbers or names of the arrays are
/// not those of the model's inputs and outputs.
Data make_data(const Model& model, const Arrays& x, const Arrays& y,
               const std::optional<Arrays>& weights, const std::string& where);

/// InvalidArgument, in words, unless x and y go together and fit the model and its loss: lengths,
/// the shape of a sample, no NaN among the targets, class numbers in range, one weight a sample.
void check_data(const Model& model, const Data& data, const std::string& where);
/// InvalidArgument unless x holds samples of the model's input shapes, the same number in each.
void check_input(const Model& model, const std::vector<Array>& x, const std::string& where);
void check_batch_size(std::int64_t batch_size, const std::string& where);

/// Class numbers' weights as sample weights, of data without weights and with one output.
void weight_classes(Data& data, const std::map<std::int64_t, double>& class_weight,
                    const std::string& where);

struct TrainingData {
  Data train;
  std::optional<Data> validation;
};
/// The data of a fit, checked: the validation part is cut off the end
/// (keras/src/trainers/data_adapters/array_slicing.py) or taken from validation_data, and class
/// weights become sample weights of the rest.
TrainingData prepare_data(const Model& model, const Arrays& x, const Arrays& y,
                          const FitOptions& options);

}  // namespace banach
