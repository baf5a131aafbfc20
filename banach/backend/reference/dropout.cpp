#include <banach/backend/reference/reference.hpp>
#include <banach/ops/dropout.hpp>

namespace banach::reference {
namespace {

// Walks x together with its noise, whose axes of size 1 repeat. `row` is the position on axis 0 of
// the noise, `element` the index within that row.
struct NoiseWalk {
  Shape shape, noise_shape;

  std::int64_t noise_index(std::int64_t index) const {
    std::int64_t at = 0, step = 1;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      if (noise_shape[axis] != 1) at += index % shape[axis] * step;
      step *= noise_shape[axis];
      index /= shape[axis];
    }
    return at;
  }
};

template <class T>
void dropout(T* y, const T* x, std::int64_t step, const NoiseWalk& walk,
             const DropoutParameters& p) {
  const std::int64_t size = walk.shape.size(), noise_size = walk.noise_shape.size();
  const std::int64_t rows = walk.shape.rank() == 0 ? 1 : walk.noise_shape[0];
  const std::int64_t width = rows == 0 ? 1 : noise_size / rows;
  const std::uint32_t threshold = dropout_threshold(p.rate);
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t at = walk.noise_index(i);
    const std::uint32_t bits = dropout_bits(p.key, step, at / width, at % width);
    y[i] =
        bits < threshold ? static_cast<T>(p.c) : static_cast<T>(p.a) * x[i] + static_cast<T>(p.b);
  }
}

Prepared prepare_dropout(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& op = static_cast<const DropoutOp&>(*n.op);
        return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), step = in[1].as<std::int64_t>(),
                       walk = NoiseWalk{in[0].spec.shape, op.noise_shape},
                       p = op.parameters] { dropout(y, x, *step, walk, p); });
      },
      {0});
}

constexpr KernelRow kRows[] = {{"dropout", accepts_floating, prepare_dropout}};

}  // namespace

std::span<const KernelRow> dropout_rows() { return kRows; }

}  // namespace banach::reference
