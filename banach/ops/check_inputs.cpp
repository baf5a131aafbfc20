#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {

void check_same_dtype(const std::string& op, const Tensors& inputs, std::size_t count) {
  for (std::size_t i = 1; i < std::min(count, inputs.size()); ++i) {
    if (inputs[i].dtype() == inputs[0].dtype()) continue;
    throw InvalidArgument(fmt::format("{}{} expected one dtype, received {} and {}: use ops::cast",
                                      NameScope::tag(), op, name_of(inputs[0].dtype()),
                                      name_of(inputs[i].dtype())));
  }
}

void check_spec(const std::string& op, const char* what, const Tensor& input,
                const TensorSpec& expected) {
  if (input.shape() == expected.shape && input.dtype() == expected.dtype) return;
  throw InvalidArgument(fmt::format("{}{} expected {} of {} {}, received {} {}", NameScope::tag(),
                                    op, what, name_of(expected.dtype), expected.shape.str(),
                                    name_of(input.dtype()), input.shape().str()));
}

}  // namespace banach
