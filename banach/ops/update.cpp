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
                                             std::size_t slots, bool scaled) {
  const std::size_t last = inputs.size() - (scaled ? 1 : 0);
  const std::size_t n = (last - scalars) / (2 + slots);
  std::vector<TensorSpec> specs;
  for (std::size_t i = scalars + n; i < last; ++i) specs.push_back(inputs[i].spec());
  return specs;
}

std::string detail::update_attributes(const std::string& of_rule, double weight_decay,
                                      bool scaled) {
  std::string attributes = of_rule;
  const auto add = [&](const std::string& text) {
    if (!attributes.empty()) attributes += ' ';
    attributes += text;
  };
  if (weight_decay != 0) add(fmt::format("weight_decay={}", weight_decay));
  if (scaled) add("scaled");
  return attributes;
}

Tensor ops::of_step(const Tensor& t, const std::string& label, OfStepOp::Function function,
                    DType dtype) {
  const DType computed = dtype == float64 ? float64 : float32;
  return cast(make_node<OfStepOp>({t}, label, std::move(function), computed), dtype);
}

}  // namespace banach
