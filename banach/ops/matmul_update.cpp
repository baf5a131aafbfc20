#include <banach/ops/check_inputs.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/matmul_update.hpp>

#include <fmt/format.h>
#include <iterator>

namespace banach {

std::string MatmulUpdateOp::attributes() const {
  return fmt::format("{}+{} {}", transposes_text(transpose_a, transpose_b), update->name(),
                     update->attributes());
}

std::vector<TensorSpec> MatmulUpdateOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), {inputs[scalars], inputs[scalars + 1]}, 2);
  std::vector<TensorSpec> specs;
  for (std::size_t i = scalars + 2; i < inputs.size(); ++i) specs.push_back(inputs[i].spec());
  return specs;
}

Tensors MatmulUpdateOp::lower(const Tensors& inputs) const {
  const auto a = inputs.begin() + static_cast<std::ptrdiff_t>(scalars);
  Tensors updated(inputs.begin(), a);
  const DType gradient = inputs.back().dtype();  // that of the weight, also from half precision
  updated.push_back(
      make_node<MatmulOp>({a[0], a[1]}, transpose_a, transpose_b, Epilogue(), gradient));
  updated.insert(updated.end(), std::next(a, 2), inputs.end());
  return add_node(update, updated);
}

}  // namespace banach
