#include <banach/backend/reference/reference.hpp>
#include <banach/ops/pooling.hpp>

#include <algorithm>

namespace banach::reference {
namespace {

struct Geometry {
  Window window;
  std::int64_t batch, height, width, channels, out_height, out_width;
};

Geometry geometry(const Window& window, const Shape& x, const Shape& y) {
  return {window, x[0], x[1], x[2], x[3], y[1], y[2]};
}

// Calls f(y index, x indices of the window's pixels inside the image, how many).
template <class F>
void for_each_window(const Geometry& g, std::vector<std::int64_t>& pixels, const F& f) {
  const Window& w = g.window;
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t oh = 0; oh < g.out_height; ++oh)
      for (std::int64_t ow = 0; ow < g.out_width; ++ow)
        for (std::int64_t c = 0; c < g.channels; ++c) {
          std::size_t count = 0;
          for (std::int64_t kh = 0; kh < w.size.height; ++kh)
            for (std::int64_t kw = 0; kw < w.size.width; ++kw) {
              const auto ih = oh * w.strides.height + kh - w.before.height;
              const auto iw = ow * w.strides.width + kw - w.before.width;
              if (ih < 0 || ih >= g.height || iw < 0 || iw >= g.width) continue;
              pixels[count++] = ((b * g.height + ih) * g.width + iw) * g.channels + c;
            }
          f(((b * g.out_height + oh) * g.out_width + ow) * g.channels + c, pixels.data(), count);
        }
}

template <class T>
std::int64_t first_maximum(const T* x, const std::int64_t* pixels, std::size_t count) {
  return *std::max_element(pixels, pixels + count,
                           [x](std::int64_t i, std::int64_t j) { return x[i] < x[j]; });
}

template <class T>
T mean(const T* x, const std::int64_t* pixels, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[pixels[i]];
  return static_cast<T>(sum / static_cast<double>(count));
}

std::vector<std::int64_t> pixel_buffer(const Window& window) {
  return std::vector<std::int64_t>(
      static_cast<std::size_t>(window.size.height * window.size.width));
}

Prepared prepare_forward(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Pool2DOp&>(*n.op);
    return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), kind = op.kind,
                   g = geometry(op.window, in[0].spec.shape, out[0].spec.shape),
                   pixels = pixel_buffer(op.window)]() mutable {
      for_each_window(g, pixels, [&](auto yi, const auto* window, std::size_t count) {
        y[yi] = kind == Pooling::max ? x[first_maximum(x, window, count)] : mean(x, window, count);
      });
    });
  });
}

Prepared prepare_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const Pool2DGradOp&>(*n.op);
    return Kernel([dx = out[0].as<T>(), dy = in[0].as<T>(),
                   x = op.kind == Pooling::max ? in[1].as<T>() : nullptr, size = out[0].size(),
                   g = geometry(op.window, op.x_shape, in[0].spec.shape),
                   pixels = pixel_buffer(op.window)]() mutable {
      std::fill(dx, dx + size, T(0));
      for_each_window(g, pixels, [&](auto yi, const auto* window, std::size_t count) {
        if (x != nullptr) {
          dx[first_maximum(x, window, count)] += dy[yi];
        } else {
          for (std::size_t i = 0; i < count; ++i) dx[window[i]] += dy[yi] / static_cast<T>(count);
        }
      });
    });
  });
}

constexpr KernelRow kRows[] = {{"max_pool2d", accepts_floating, prepare_forward},
                               {"average_pool2d", accepts_floating, prepare_forward},
                               {"max_pool2d_grad", accepts_floating, prepare_grad},
                               {"average_pool2d_grad", accepts_floating, prepare_grad}};

}  // namespace

std::span<const KernelRow> pooling_rows() { return kRows; }

}  // namespace banach::reference
