#include <banach/ops/update.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

// The specs of all inputs from `first` on: what an update rewrites.
std::vector<TensorSpec> specs_from(const Tensors& inputs, std::size_t first) {
  std::vector<TensorSpec> specs;
  for (std::size_t i = first; i < inputs.size(); ++i) specs.push_back(inputs[i].spec());
  return specs;
}

}  // namespace

std::string SgdOp::attributes() const {
  return fmt::format("momentum={}{}", momentum, nesterov ? " nesterov" : "");
}

std::vector<TensorSpec> SgdOp::infer(const Tensors& inputs) const {
  const std::size_t n = (inputs.size() - 1) / (2 + num_slots());
  return specs_from(inputs, 1 + n);
}

std::string AdamOp::attributes() const {
  return fmt::format("beta_1={} beta_2={} epsilon={}", beta_1, beta_2, epsilon);
}

std::vector<TensorSpec> AdamOp::infer(const Tensors& inputs) const {
  const std::size_t n = (inputs.size() - 2) / 4;
  return specs_from(inputs, 2 + n);
}

}  // namespace banach
