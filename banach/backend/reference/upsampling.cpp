#include <banach/backend/reference/reference.hpp>
#include <banach/ops/upsampling.hpp>

#include <algorithm>

namespace banach::reference {
namespace {

struct Geometry {
  std::int64_t batch, height, width, channels;  // of the small image
  std::vector<Sample> rows, columns;
};

template <class SomeOp>
Geometry geometry(const Node& node, const Shape& x) {
  const auto& op = static_cast<const SomeOp&>(*node.op);
  return {x[0],
          x[1],
          x[2],
          x[3],
          make_samples(op.interpolation, x[1], op.factor.height),
          make_samples(op.interpolation, x[2], op.factor.width)};
}

// Calls f(index in x, index in y, weight): y = sum of x * weight, four times a value of y.
template <class F>
void for_each_share(const Geometry& g, const F& f) {
  std::int64_t y = 0;
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (const Sample& row : g.rows)
      for (const Sample& column : g.columns)
        for (std::int64_t c = 0; c < g.channels; ++c, ++y) {
          const auto share = [&](std::int64_t i, std::int64_t j, double weight) {
            f(((b * g.height + i) * g.width + j) * g.channels + c, y, weight);
          };
          share(row.lower, column.lower, (1 - row.weight()) * (1 - column.weight()));
          share(row.lower, column.upper, (1 - row.weight()) * column.weight());
          share(row.upper, column.lower, row.weight() * (1 - column.weight()));
          share(row.upper, column.upper, row.weight() * column.weight());
        }
}

Prepared prepare_forward(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), size = out[0].size(),
                   g = geometry<UpSample2DOp>(n, in[0].spec.shape)] {
      std::fill(y, y + size, T(0));
      for_each_share(g, [=](std::int64_t xi, std::int64_t yi, double weight) {
        y[yi] += static_cast<T>(weight * x[xi]);
      });
    });
  });
}

Prepared prepare_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([dx = out[0].as<T>(), dy = in[0].as<T>(), size = out[0].size(),
                   g = geometry<UpSample2DGradOp>(n, out[0].spec.shape)] {
      std::fill(dx, dx + size, T(0));
      for_each_share(g, [=](std::int64_t xi, std::int64_t yi, double weight) {
        dx[xi] += static_cast<T>(weight * dy[yi]);
      });
    });
  });
}

constexpr KernelRow kRows[] = {{"up_sample2d", accepts_floating, prepare_forward},
                               {"up_sample2d_grad", accepts_floating, prepare_grad}};

}  // namespace

std::span<const KernelRow> upsampling_rows() { return kRows; }

}  // namespace banach::reference
