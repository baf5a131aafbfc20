#include <banach/graph/cast.hpp>
#include <banach/ops/update.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

std::string betas(double beta_1, double beta_2, double epsilon) {
  return fmt::format("beta_1={} beta_2={} epsilon={}", beta_1, beta_2, epsilon);
}

}  // namespace

namespace rules {

template <bool kNesterov>
std::string Momentum<kNesterov>::attributes() const {
  return fmt::format("momentum={}", momentum);
}

template <bool kAmsgrad>
std::string Adam<kAmsgrad>::attributes() const {
  return betas(beta_1, beta_2, epsilon);
}

std::string Adamax::attributes() const { return betas(beta_1, beta_2, epsilon); }

std::string Nadam::attributes() const { return betas(beta_1, beta_2, epsilon); }

std::string Adagrad::attributes() const { return fmt::format("epsilon={}", epsilon); }

template <bool kCentered, bool kMomentum>
std::string Rmsprop<kCentered, kMomentum>::attributes() const {
  const std::string own = fmt::format("rho={} epsilon={}", rho, epsilon);
  return kMomentum ? fmt::format("{} momentum={}", own, momentum) : own;
}

template struct Momentum<false>;
template struct Momentum<true>;
template struct Adam<false>;
template struct Adam<true>;
template struct Rmsprop<false, false>;
template struct Rmsprop<false, true>;
template struct Rmsprop<true, false>;
template struct Rmsprop<true, true>;

}  // namespace rules

std::vector<TensorSpec> detail::infer_update(const Tensors& inputs, std::size_t scalars,
                                             std::size_t slots) {
  const std::size_t n = (inputs.size() - scalars) / (2 + slots);
  std::vector<TensorSpec> specs;
  for (std::size_t i = scalars + n; i < inputs.size(); ++i) specs.push_back(inputs[i].spec());
  return specs;
}

std::string detail::with_decay(const std::string& attributes, double weight_decay) {
  if (weight_decay == 0) return attributes;
  return fmt::format("{}{}weight_decay={}", attributes, attributes.empty() ? "" : " ",
                     weight_decay);
}

Tensor ops::of_step(const Tensor& t, const std::string& label, OfStepOp::Function function,
                    DType dtype) {
  const DType computed = dtype == float64 ? float64 : float32;
  return cast(make_node<OfStepOp>({t}, label, std::move(function), computed), dtype);
}

}  // namespace banach
