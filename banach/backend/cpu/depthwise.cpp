#include <banach/backend/cpu/depthwise.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/integers.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/depthwise.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

struct Extent {
  std::int64_t begin, end;
};

/// How many multiples of `step` from 0 on lie below `end`.
std::int64_t steps_below(std::int64_t end, std::int64_t step) {
  return end <= 0 ? 0 : ceil_div(end, step);
}

/// The taps of one axis that lie inside an image of `size` when the window begins at `first`.
Extent taps_inside(std::int64_t first, std::int64_t taps, std::int64_t dilation,
                   std::int64_t size) {
  return {steps_below(-first, dilation), std::min(taps, steps_below(size - first, dilation))};
}

/// The windows of one axis, `count` of them, whose tap at `offset` lies inside an image of `size`.
Extent windows_inside(std::int64_t offset, std::int64_t count, std::int64_t stride,
                      std::int64_t size) {
  return {steps_below(-offset, stride), std::min(count, steps_below(size - offset, stride))};
}

// y for rows [begin, end) of all images' rows. Each filter has a channel of x: as many as there
// are.
void forward_rows(float* y, const float* x, const float* w, const ConvShape& s, std::int64_t begin,
                  std::int64_t end) {
  const Window& k = s.window;
  const Size2 out = s.output();
  const std::int64_t channels = s.filters, tap_row = k.size.width * channels;
  const std::int64_t row_step = k.dilation.height * s.width * channels;
  const std::int64_t column_step = k.dilation.width * channels;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t top = row % out.height * k.strides.height - k.before.height;
    const Extent rows = taps_inside(top, k.size.height, k.dilation.height, s.height);
    const float* image = x + (row / out.height * s.height + top) * s.width * channels;
    for (std::int64_t column = 0; column < out.width; ++column) {
      const std::int64_t left = column * k.strides.width - k.before.width;
      const Extent columns = taps_inside(left, k.size.width, k.dilation.width, s.width);
      const float* from = image + left * channels;
      float* to = y + (row * out.width + column) * channels;
      for_each_vector(channels, [=](auto access, std::int64_t c) HWY_ATTR {
        Floats sum = hn::Zero(Tag());
        for (std::int64_t i = rows.begin; i < rows.end; ++i) {
          for (std::int64_t j = columns.begin; j < columns.end; ++j) {
            sum = hn::MulAdd(access.load(from + i * row_step + j * column_step + c),
                             access.load(w + i * tap_row + j * channels + c), sum);
          }
        }
        access.store(sum, to + c);
      });
    }
  }
}

// to += a * b, pixel by pixel, with steps between the pixels of each.
HWY_INLINE void add_products(float* to, std::int64_t to_step, const float* a, std::int64_t a_step,
                             const float* b, std::int64_t pixels, std::int64_t channels) {
  for (std::int64_t i = 0; i < pixels; ++i, to += to_step, a += a_step) {
    for_each_vector(channels, [=](auto access, std::int64_t c) HWY_ATTR {
      access.store(hn::MulAdd(access.load(a + c), access.load(b + c), access.load(to + c)), to + c);
    });
  }
}

// dx for rows [begin, end) of all images' rows: what the taps of dy's rows send there.
void input_grad_rows(float* dx, const float* dy, const float* w, const ConvShape& s,
                     std::int64_t begin, std::int64_t end) {
  const Window& k = s.window;
  const Size2 out = s.output();
  const std::int64_t channels = s.filters;
  std::fill(dx + begin * s.width * channels, dx + end * s.width * channels, 0.0f);
  for (std::int64_t row = begin; row < end; ++row) {
    float* to = dx + row * s.width * channels;
    for (std::int64_t i = 0; i < k.size.height; ++i) {
      const std::int64_t at = row % s.height + k.before.height - i * k.dilation.height;
      const std::int64_t from_row = at / k.strides.height;
      if (at < 0 || at % k.strides.height != 0 || from_row >= out.height) continue;
      const float* from = dy + (row / s.height * out.height + from_row) * out.width * channels;
      for (std::int64_t j = 0; j < k.size.width; ++j) {
        const std::int64_t offset = j * k.dilation.width - k.before.width;
        const Extent columns = windows_inside(offset, out.width, k.strides.width, s.width);
        add_products(to + (columns.begin * k.strides.width + offset) * channels,
                     k.strides.width * channels, from + columns.begin * channels, channels,
                     w + (i * k.size.width + j) * channels, columns.end - columns.begin, channels);
      }
    }
  }
}

// sums (taps, filters) of x dy over rows [begin, end) of all images' rows of dy.
void kernel_grad_rows(float* sums, const float* x, const float* dy, const ConvShape& s,
                      std::int64_t begin, std::int64_t end) {
  const Window& k = s.window;
  const Size2 out = s.output();
  const std::int64_t channels = s.filters, x_step = k.strides.width * channels;
  std::fill(sums, sums + s.taps() * channels, 0.0f);
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t top = row % out.height * k.strides.height - k.before.height;
    const Extent rows = taps_inside(top, k.size.height, k.dilation.height, s.height);
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
      const std::int64_t image_row = row / out.height * s.height + top + i * k.dilation.height;
      for (std::int64_t j = 0; j < k.size.width; ++j) {
        const std::int64_t offset = j * k.dilation.width - k.before.width;
        const Extent columns = windows_inside(offset, out.width, k.strides.width, s.width);
        const float* a = x + (image_row * s.width + offset) * channels + columns.begin * x_step;
        const float* b = dy + (row * out.width + columns.begin) * channels;
        float* to = sums + (i * k.size.width + j) * channels;
        for_each_vector(channels, [=](auto access, std::int64_t c) HWY_ATTR {
          Floats sum = access.load(to + c);
          for (std::int64_t p = 0; p < columns.end - columns.begin; ++p) {
            sum =
                hn::MulAdd(access.load(a + p * x_step + c), access.load(b + p * channels + c), sum);
          }
          access.store(sum, to + c);
        });
      }
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(forward_rows);
HWY_EXPORT(input_grad_rows);
HWY_EXPORT(kernel_grad_rows);

namespace {

std::int64_t multiplier(const ConvShape& s) { return s.filters / s.channels; }

// Where channels have several filters, an image (pixels, filters) repeats each channel for them.
std::int64_t pixels(const ConvShape& s) { return s.batch * s.height * s.width; }
std::size_t image_bytes(const ConvShape& s) {
  if (multiplier(s) == 1) return 0;
  return static_cast<std::size_t>((pixels(s) * s.filters + 15) / 16 * 16) * sizeof(float);
}

const float* repeat_channels(const float* x, const ConvShape& s, std::byte* scratch) {
  const std::int64_t times = multiplier(s), size = pixels(s) * s.channels;
  if (times == 1) return x;
  auto* repeated = reinterpret_cast<float*>(scratch);
  parallel_rows(size, times, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) std::fill_n(repeated + i * times, times, x[i]);
  });
  return repeated;
}

void sum_channels(float* x, const float* repeated, const ConvShape& s) {
  const std::int64_t times = multiplier(s), size = pixels(s) * s.channels;
  parallel_rows(size, times, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      float sum = 0;
      for (std::int64_t j = 0; j < times; ++j) sum += repeated[i * times + j];
      x[i] = sum;
    }
  });
}

Slices kernel_grad_slices(const ConvShape& s) {
  return {s.batch * s.output().height, s.taps() * s.filters};
}

}  // namespace

std::size_t depthwise_forward_scratch_bytes(const ConvShape& shape) { return image_bytes(shape); }
std::size_t depthwise_input_grad_scratch_bytes(const ConvShape& shape) {
  return image_bytes(shape);
}
std::size_t depthwise_kernel_grad_scratch_bytes(const ConvShape& shape) {
  return image_bytes(shape) + kernel_grad_slices(shape).scratch_bytes();
}

void depthwise_forward(float* y, const float* x, const float* w, const ConvShape& shape,
                       const EpilogueArguments& epilogue, std::byte* scratch) {
  const float* image = repeat_channels(x, shape, scratch);
  const Size2 out = shape.output();
  parallel_rows(shape.batch * out.height, out.width * shape.filters * shape.taps(), kLightGrain,
                [&](std::int64_t begin, std::int64_t end) {
                  HWY_DYNAMIC_DISPATCH(forward_rows)(y, image, w, shape, begin, end);
                  apply_epilogue(y, shape.filters, begin * out.width, end * out.width, 0,
                                 shape.filters, epilogue);
                });
}

void depthwise_input_grad(float* dx, const float* dy, const float* w, const ConvShape& shape,
                          std::byte* scratch) {
  const bool repeated = multiplier(shape) > 1;
  float* image = repeated ? reinterpret_cast<float*>(scratch) : dx;
  const std::int64_t work = shape.output().width * shape.filters * shape.taps();
  parallel_rows(shape.batch * shape.height, work, kLightGrain,
                [&](std::int64_t begin, std::int64_t end) {
                  HWY_DYNAMIC_DISPATCH(input_grad_rows)(image, dy, w, shape, begin, end);
                });
  if (repeated) sum_channels(dx, image, shape);
}

void depthwise_kernel_grad(float* dw, const float* x, const float* dy, const ConvShape& shape,
                           std::byte* scratch) {
  const float* image = repeat_channels(x, shape, scratch);
  kernel_grad_slices(shape).run(dw, scratch + image_bytes(shape), kLightGrain,
                                [&](float* sums, std::int64_t begin, std::int64_t end) {
                                  HWY_DYNAMIC_DISPATCH(kernel_grad_rows)
                                  (sums, image, dy, shape, begin, end);
                                });
}

}  // namespace banach::cpu
#endif
