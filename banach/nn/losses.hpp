#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>
#include <banach/graph/tensor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banach {

/// A loss: a name, one of the functions below, or a function of your own. It gives one value a
/// sample (batch,); training minimises their mean.
class Loss {
 public:
  using Function = std::function<Tensor(const Tensor& y_true, const Tensor& y_pred)>;
  using Pointer = Tensor (*)(const Tensor& y_true, const Tensor& y_pred);

  Loss(const char* name) : Loss(std::string(name)) {}
  Loss(const std::string& name);  ///< InvalidArgument for an unknown name, with the nearest
  Loss(Pointer function);         ///< named when it is one of `losses::`
  template <class F>
  requires std::is_invocable_r_v<Tensor, F, const Tensor&, const Tensor&> Loss(F function)
      : Loss("custom", std::move(function), false) {}
  Loss(std::string name, Function function, bool sparse, Json config = {})
      : name_(std::move(name)),
        function_(std::move(function)),
        sparse_(sparse),
        config_(std::move(config)) {}

  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const {
    return function_(y_true, y_pred);
  }
  const std::string& name() const { return name_; }
  /// Whether y_true holds class numbers in [0, last axis of y_pred).
  bool is_sparse() const { return sparse_; }
  /// The name, or what Keras writes for an object with options; null for a function of your own.
  const Json& config() const { return config_; }

 private:
  std::string name_;
  Function function_;
  bool sparse_ = false;
  Json config_;
};

Json to_json(const Loss& loss);  ///< NotSupported for a function of your own
void from_json(const Json& json, Loss& loss);

/// keras.losses, as functions: y_true and y_pred (batch, ...) give (batch, ...) without the last
/// axis. On tensors inside a loss or call(), or on arrays at once.
namespace losses {

struct CrossentropyOptions {
  bool from_logits = false;    ///< y_pred are scores before softmax or sigmoid
  double label_smoothing = 0;  ///< in [0, 1]; not for the sparse form
};

/// -sum(y_true log y_pred). Where y_pred comes from softmax its logits are used instead, without
/// clipping, as Keras' fit does; plain probabilities are normalised and clipped to [1e-7, 1 -
/// 1e-7].
Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred);
Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                const CrossentropyOptions& options);
/// The same with class numbers (batch,) or (batch, 1) as y_true.
Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred);
Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                       const CrossentropyOptions& options);
/// mean(-y log p - (1 - y) log(1 - p)) over the last axis; behind sigmoid on its logits.
Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred);
Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                           const CrossentropyOptions& options);
Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred);
Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred);

Array categorical_crossentropy(const Array& y_true, const Array& y_pred,
                               const CrossentropyOptions& options = {});
Array sparse_categorical_crossentropy(const Array& y_true, const Array& y_pred,
                                      const CrossentropyOptions& options = {});
Array binary_crossentropy(const Array& y_true, const Array& y_pred,
                          const CrossentropyOptions& options = {});
Array mean_squared_error(const Array& y_true, const Array& y_pred);
Array mean_absolute_error(const Array& y_true, const Array& y_pred);

/// The same with options, for compile: `.loss = losses::CategoricalCrossentropy({.from_logits =
/// true})`.
Loss CategoricalCrossentropy(const CrossentropyOptions& options = {});
Loss SparseCategoricalCrossentropy(const CrossentropyOptions& options = {});
Loss BinaryCrossentropy(const CrossentropyOptions& options = {});
Loss MeanSquaredError();
Loss MeanAbsoluteError();

std::vector<std::string> names();  ///< all that Loss(name) knows

}  // namespace losses
}  // namespace banach
