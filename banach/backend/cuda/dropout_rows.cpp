#include <banach/backend/cuda/dropout.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/dropout.hpp>

namespace banach::cuda {
namespace {

DropoutArguments arguments_of(const DropoutParameters& p, const View& step) {
  return {dropout_threshold(p.rate), p.a, p.b, p.c, p.key, step.as<std::int64_t>()};
}

Prepared prepare_dropout(const Node& node) {
  return prepare_any_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& op = static_cast<const DropoutOp&>(*n.op);
        const Shape &shape = out[0].spec.shape, noise = op.noise_shape;
        const std::int64_t rows = shape.rank() == 0 ? 1 : noise[0];
        const std::int64_t columns = rows == 0 ? 0 : noise.size() / rows;
        const DropoutArguments arguments = arguments_of(op.parameters, in[1]);
        if (noise == shape) {
          return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), rows, columns, arguments] {
            return dropout(y, x, rows, columns, arguments);
          });
        }
        return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), columns, arguments,
                       walk = make_walk<1>(shape, {broadcast_steps(noise, shape)})] {
          return dropout_noise(y, x, walk, columns, arguments);
        });
      },
      {0});
}

constexpr KernelRow kRows[] = {{"dropout", accepts_any_floating, prepare_dropout}};

}  // namespace

std::span<const KernelRow> dropout_rows() { return kRows; }

}  // namespace banach::cuda
