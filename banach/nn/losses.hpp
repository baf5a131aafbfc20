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
/// axis. On tensors inside a loss or call(), or on arrays at once. InvalidArgument where their
/// shapes do not match.
namespace losses {

// ---- Probabilistic

struct CrossentropyOptions {
  bool from_logits = false;    ///< y_pred are scores before softmax or sigmoid
  double label_smoothing = 0;  ///< in [0, 1]; not for the sparse form
};
struct BinaryFocalCrossentropyOptions {
  bool apply_class_balancing = false;
  double alpha = 0.25;  ///< weight of class 1 when balancing; class 0 has 1 - alpha
  double gamma = 2;     ///< the higher, the less easy samples count; 0 is plain crossentropy
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]
};
struct CategoricalFocalCrossentropyOptions {
  double alpha = 0.25;  ///< factor of the loss
  double gamma = 2;     ///< the higher, the less easy samples count
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]
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
/// mean((1 - p_t)^gamma crossentropy), p_t = p of the true class (Lin et al. 2017, eq. 5).
Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred);
Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                 const BinaryFocalCrossentropyOptions& options);
/// -sum(alpha (1 - p)^gamma y log p).
Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred);
Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                      const CategoricalFocalCrossentropyOptions& options);
/// sum(y log(y / p)), both clipped to [1e-7, 1].
Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred);
Tensor poisson(const Tensor& y_true, const Tensor& y_pred);  ///< mean(p - y log(p + 1e-7))

// ---- Regression

struct HuberOptions {
  double delta = 1;  ///< up to this error the loss is a square, then a line
};

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred);
Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred);
/// 100 mean(|y - p| / max(|y|, 1e-7))
Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred);
/// mean((log(1 + y) - log(1 + p))^2), both 1e-7 at least
Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred);
/// -sum(y p) / (|y| |p|): -1 for the same direction. As a metric, "cosine_similarity" is +1 there.
Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred);
/// mean(e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2), e = p - y
Tensor huber(const Tensor& y_true, const Tensor& y_pred);
Tensor huber(const Tensor& y_true, const Tensor& y_pred, const HuberOptions& options);
Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred);  ///< mean(log(cosh(p - y)))

// ---- Hinge: y_true is -1 or 1; 0 and 1 become these

Tensor hinge(const Tensor& y_true, const Tensor& y_pred);          ///< mean(max(1 - y p, 0))
Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred);  ///< mean(max(1 - y p, 0)^2)
/// max(max((1 - y) p) - sum(y p) + 1, 0), y one-hot
Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred);

// ---- On arrays

Array categorical_crossentropy(const Array& y_true, const Array& y_pred,
                               const CrossentropyOptions& options = {});
Array sparse_categorical_crossentropy(const Array& y_true, const Array& y_pred,
                                      const CrossentropyOptions& options = {});
Array binary_crossentropy(const Array& y_true, const Array& y_pred,
                          const CrossentropyOptions& options = {});
Array binary_focal_crossentropy(const Array& y_true, const Array& y_pred,
                                const BinaryFocalCrossentropyOptions& options = {});
Array categorical_focal_crossentropy(const Array& y_true, const Array& y_pred,
                                     const CategoricalFocalCrossentropyOptions& options = {});
Array kl_divergence(const Array& y_true, const Array& y_pred);
Array poisson(const Array& y_true, const Array& y_pred);
Array mean_squared_error(const Array& y_true, const Array& y_pred);
Array mean_absolute_error(const Array& y_true, const Array& y_pred);
Array mean_absolute_percentage_error(const Array& y_true, const Array& y_pred);
Array mean_squared_logarithmic_error(const Array& y_true, const Array& y_pred);
Array cosine_similarity(const Array& y_true, const Array& y_pred);
Array huber(const Array& y_true, const Array& y_pred, const HuberOptions& options = {});
Array log_cosh(const Array& y_true, const Array& y_pred);
Array hinge(const Array& y_true, const Array& y_pred);
Array squared_hinge(const Array& y_true, const Array& y_pred);
Array categorical_hinge(const Array& y_true, const Array& y_pred);

/// The same as objects, with options, for compile: `.loss = losses::CategoricalCrossentropy(
/// {.from_logits = true})`. InvalidArgument for options out of their range.
Loss CategoricalCrossentropy(const CrossentropyOptions& options = {});
Loss SparseCategoricalCrossentropy(const CrossentropyOptions& options = {});
Loss BinaryCrossentropy(const CrossentropyOptions& options = {});
Loss BinaryFocalCrossentropy(const BinaryFocalCrossentropyOptions& options = {});
Loss CategoricalFocalCrossentropy(const CategoricalFocalCrossentropyOptions& options = {});
Loss KLDivergence();
Loss Poisson();
Loss MeanSquaredError();
Loss MeanAbsoluteError();
Loss MeanAbsolutePercentageError();
Loss MeanSquaredLogarithmicError();
Loss CosineSimilarity();
Loss Huber(const HuberOptions& options = {});
Loss LogCosh();
Loss Hinge();
Loss SquaredHinge();
Loss CategoricalHinge();

std::vector<std::string> names();  ///< all that Loss(name) knows

}  // namespace losses
}  // namespace banach
