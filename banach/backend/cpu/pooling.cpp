#include <banach/backend/cpu/pooling.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/pooling.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

/// The pixels of one window inside its image: rows [top, bottom), columns [left, right), at least
/// one of each; `y` and `image` are offsets of its result and of its image.
struct Pixels {
  std::int64_t y, image, top, bottom, left, right, stride, channels;

  std::int64_t count() const { return (bottom - top) * (right - left); }
  /// Calls body(offset in x, number of the pixel) in row-major order.
  template <class Body>
  HWY_INLINE void for_each(const Body& body) const {
    std::int64_t number = 0;
    for (std::int64_t i = top; i < bottom; ++i) {
      for (std::int64_t j = left; j < right; ++j) {
        body(image + i * stride + j * channels, number++);
      }
    }
  }
};

/// Calls body(pixels) for the windows of rows [begin, end) of y, all images' rows counted through.
template <class Body>
HWY_INLINE void for_each_window(const PoolShape& s, std::int64_t begin, std::int64_t end,
                                const Body& body) {
  const Window& w = s.window;
  Pixels p{};
  p.stride = s.width * s.channels;
  p.channels = s.channels;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t top = row % s.out_height * w.strides.height - w.before.height;
    p.top = std::max<std::int64_t>(top, 0);
    p.bottom = std::min(top + w.size.height, s.height);
    p.image = row / s.out_height * s.height * p.stride;
    for (std::int64_t column = 0; column < s.out_width; ++column) {
      const std::int64_t left = column * w.strides.width - w.before.width;
      p.left = std::max<std::int64_t>(left, 0);
      p.right = std::min(left + w.size.width, s.width);
      p.y = (row * s.out_width + column) * s.channels;
      body(p);
    }
  }
}

void max_rows(float* y, const float* x, const PoolShape& s, std::int64_t begin, std::int64_t end) {
  for_each_window(s, begin, end, [=](const Pixels& p) HWY_ATTR {
    const float* first = x + p.image + p.top * p.stride + p.left * p.channels;
    for_each_vector(p.channels, [&](auto access, std::int64_t c) HWY_ATTR {
      Floats best = access.load(first + c);
      p.for_each([&](std::int64_t offset, std::int64_t) HWY_ATTR {
        const Floats value = access.load(x + offset + c);
        best = hn::IfThenElse(hn::Gt(value, best), value, best);
      });
      access.store(best, y + p.y + c);
    });
  });
}

void average_rows(float* y, const float* x, const PoolShape& s, std::int64_t begin,
                  std::int64_t end) {
  for_each_window(s, begin, end, [=](const Pixels& p) HWY_ATTR {
    const Floats count = all(static_cast<float>(p.count()));
    for_each_vector(p.channels, [&](auto access, std::int64_t c) HWY_ATTR {
      Floats sum = hn::Zero(Tag());
      p.for_each([&](std::int64_t offset, std::int64_t)
                     HWY_ATTR { sum = hn::Add(sum, access.load(x + offset + c)); });
      access.store(hn::Div(sum, count), y + p.y + c);
    });
  });
}

/// Gives a pixel its share; the first window to do so where no two share a pixel.
template <bool kShared, class Access>
HWY_INLINE void add_share(Access access, Floats share, float* dx) {
  access.store(kShared ? hn::Add(access.load(dx), share) : share, dx);
}

template <bool kShared>
void max_grad(float* dx, const float* dy, const float* x, const PoolShape& s, std::int64_t begin,
              std::int64_t end) {
  for_each_window(s, begin, end, [=](const Pixels& p) HWY_ATTR {
    const float* first = x + p.image + p.top * p.stride + p.left * p.channels;
    for_each_vector(p.channels, [&](auto access, std::int64_t c) HWY_ATTR {
      Floats best = access.load(first + c), best_number = hn::Zero(Tag());
      p.for_each([&](std::int64_t offset, std::int64_t number) HWY_ATTR {
        const Floats value = access.load(x + offset + c);
        const auto larger = hn::Gt(value, best);
        best = hn::IfThenElse(larger, value, best);
        best_number = hn::IfThenElse(larger, all(static_cast<float>(number)), best_number);
      });
      const Floats gradient = access.load(dy + p.y + c);
      p.for_each([&](std::int64_t offset, std::int64_t number) HWY_ATTR {
        const auto is_best = hn::Eq(best_number, all(static_cast<float>(number)));
        add_share<kShared>(access, hn::IfThenElseZero(is_best, gradient), dx + offset + c);
      });
    });
  });
}

void max_grad_rows(float* dx, const float* dy, const float* x, const PoolShape& s,
                   std::int64_t begin, std::int64_t end) {
  s.windows_overlap() ? max_grad<true>(dx, dy, x, s, begin, end)
                      : max_grad<false>(dx, dy, x, s, begin, end);
}

template <bool kShared>
void average_grad(float* dx, const float* dy, const PoolShape& s, std::int64_t begin,
                  std::int64_t end) {
  for_each_window(s, begin, end, [=](const Pixels& p) HWY_ATTR {
    const Floats count = all(static_cast<float>(p.count()));
    for_each_vector(p.channels, [&](auto access, std::int64_t c) HWY_ATTR {
      const Floats share = hn::Div(access.load(dy + p.y + c), count);
      p.for_each([&](std::int64_t offset, std::int64_t)
                     HWY_ATTR { add_share<kShared>(access, share, dx + offset + c); });
    });
  });
}

void average_grad_rows(float* dx, const float* dy, const PoolShape& s, std::int64_t begin,
                       std::int64_t end) {
  s.windows_overlap() ? average_grad<true>(dx, dy, s, begin, end)
                      : average_grad<false>(dx, dy, s, begin, end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(max_rows);
HWY_EXPORT(average_rows);
HWY_EXPORT(max_grad_rows);
HWY_EXPORT(average_grad_rows);

namespace {

// Calls rows(begin, end) on parts of all images' rows of y.
template <class Rows>
void for_each_row(const PoolShape& s, const Rows& rows) {
  const std::int64_t work = s.out_width * s.channels * s.window.size.height * s.window.size.width;
  parallel_rows(s.batch * s.out_height, work, kLightGrain, rows);
}

// Windows may overlap, so a gradient is a whole image's: clears dx where not every pixel gets its
// share exactly once, then calls rows(begin, end).
template <class Rows>
void for_each_image(float* dx, const PoolShape& s, const Rows& rows) {
  const std::int64_t size = s.height * s.width * s.channels;
  parallel_rows(s.batch, size, kLightGrain, [&](std::int64_t begin, std::int64_t end) {
    if (!s.windows_tile()) std::fill(dx + begin * size, dx + end * size, 0.0f);
    rows(begin * s.out_height, end * s.out_height);
  });
}

}  // namespace

void max_pool(float* y, const float* x, const PoolShape& shape) {
  for_each_row(shape, [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_rows)(y, x, shape, begin, end);
  });
}

void average_pool(float* y, const float* x, const PoolShape& shape) {
  for_each_row(shape, [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(average_rows)(y, x, shape, begin, end);
  });
}

void max_pool_grad(float* dx, const float* dy, const float* x, const PoolShape& shape) {
  for_each_image(dx, shape, [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_grad_rows)(dx, dy, x, shape, begin, end);
  });
}

void average_pool_grad(float* dx, const float* dy, const PoolShape& shape) {
  for_each_image(dx, shape, [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(average_grad_rows)(dx, dy, shape, begin, end);
  });
}

}  // namespace banach::cpu
#endif
