#include <banach/backend/reference/reference.hpp>
#include <banach/ops/convolution.hpp>

#include <algorithm>
#include <vector>

namespace banach::reference {
namespace {

struct Geometry {
  Window window;
  std::int64_t batch, height, width, channels;  // of x
  std::int64_t out_height, out_width, filters;  // of y
  std::int64_t group_channels, group_filters;   // of one group
};

Geometry geometry(const Window& window, std::int64_t groups, const Shape& x, const Shape& y) {
  return {window, x[0], x[1], x[2], x[3], y[1], y[2], y[3], x[3] / groups, y[3] / groups};
}

// Calls f(x index, w index, y index) for every product of the convolution.
template <class F>
void for_each_product(const Geometry& g, const F& f) {
  const Window& w = g.window;
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t oh = 0; oh < g.out_height; ++oh)
      for (std::int64_t ow = 0; ow < g.out_width; ++ow)
        for (std::int64_t kh = 0; kh < w.size.height; ++kh)
          for (std::int64_t kw = 0; kw < w.size.width; ++kw) {
            const auto ih = oh * w.strides.height + kh * w.dilation.height - w.before.height;
            const auto iw = ow * w.strides.width + kw * w.dilation.width - w.before.width;
            if (ih < 0 || ih >= g.height || iw < 0 || iw >= g.width) continue;
            for (std::int64_t filter = 0; filter < g.filters; ++filter)
              for (std::int64_t c = 0; c < g.group_channels; ++c) {
                const auto channel = filter / g.group_filters * g.group_channels + c;
                f(((b * g.height + ih) * g.width + iw) * g.channels + channel,
                  ((kh * w.size.width + kw) * g.group_channels + c) * g.filters + filter,
                  ((b * g.out_height + oh) * g.out_width + ow) * g.filters + filter);
              }
          }
}

template <class T>
void store(T* to, std::vector<double>& sums) {
  std::ranges::transform(sums, to, [](double sum) { return static_cast<T>(sum); });
  std::ranges::fill(sums, 0);
}

// `add(sums, x index, w index, y index)` collects the products of one of the three kernels.
template <class T, class Add>
Kernel collect(const Geometry& g, const View& out, Add add) {
  return Kernel([to = out.as<T>(), g, add,
                 sums = std::vector<double>(static_cast<std::size_t>(out.size()))]() mutable {
    for_each_product(g, [&](auto x, auto w, auto y) { add(sums.data(), x, w, y); });
    store(to, sums);
  });
}

Prepared prepare_forward(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Conv2DOp&>(*n.op);
    const Geometry g = geometry(op.window, op.groups, in[0].spec.shape, out[0].spec.shape);
    return collect<T>(
        g, out[0], [x = in[0].as<T>(), w = in[1].as<T>()](double* sums, auto xi, auto wi, auto yi) {
          sums[yi] += static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
        });
  });
}

Prepared prepare_input_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Conv2DInputGradOp&>(*n.op);
    const Geometry g = geometry(op.window, op.groups, op.x_shape, in[0].spec.shape);
    return collect<T>(
        g, out[0],
        [dy = in[0].as<T>(), w = in[1].as<T>()](double* sums, auto xi, auto wi, auto yi) {
          sums[xi] += static_cast<double>(dy[yi]) * static_cast<double>(w[wi]);
        });
  });
}

Prepared prepare_kernel_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Conv2DKernelGradOp&>(*n.op);
    const Geometry g = geometry(op.window, op.groups, in[0].spec.shape, in[1].spec.shape);
    return collect<T>(
        g, out[0],
        [x = in[0].as<T>(), dy = in[1].as<T>()](double* sums, auto xi, auto wi, auto yi) {
          sums[wi] += static_cast<double>(x[xi]) * static_cast<double>(dy[yi]);
        });
  });
}

constexpr KernelRow kRows[] = {{"conv2d", accepts_floating, prepare_forward},
                               {"conv2d_input_grad", accepts_floating, prepare_input_grad},
                               {"conv2d_kernel_grad", accepts_floating, prepare_kernel_grad}};

}  // namespace

std::span<const KernelRow> convolution_rows() { return kRows; }

}  // namespace banach::reference
