#include <banach/backend/cpu/epilogue.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/epilogue.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/column_sums-inl.hpp>
#include <banach/backend/cpu/functions-inl.hpp>
#include <banach/backend/cpu/philox-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

struct Linear {
  static HWY_INLINE Floats forward(Floats x, float, float) { return x; }
  static HWY_INLINE Floats slope(Floats, float, float) { return all(1); }
};

/// Calls the body with the class behind an activation.
template <class Body>
HWY_INLINE void with_function(Activation activation, const Body& body) {
  switch (activation) {
    case Activation::linear: return body(Linear());
    case Activation::relu: return body(Vectorized<functions::Relu>());
    case Activation::relu6: return body(Vectorized<functions::Relu6>());
    case Activation::selu: return body(Vectorized<functions::Selu>());
    case Activation::elu: return body(Vectorized<functions::Elu>());
    case Activation::sigmoid: return body(Vectorized<functions::Sigmoid>());
    case Activation::tanh: return body(Vectorized<functions::Tanh>());
    case Activation::exponential: return body(Vectorized<functions::Exponential>());
  }
}

// One run of consecutive elements; bias (if any) and bits (if any) run along.
template <class Function>
HWY_NOINLINE void apply_run(float* x, std::int64_t size, const float* bias,
                            const std::uint32_t* bits, const EpilogueArguments& e) {
  const Floats a = all(e.a), b = all(e.b), c = all(e.c);
  for_each_vector(size, [&](auto access, std::int64_t i) HWY_ATTR {
    Floats y = access.load(x + i);
    if (bias != nullptr) y = hn::Add(y, access.load(bias + i));
    y = Function::forward(y, e.alpha, e.scale);
    if (bits != nullptr) {
      y = hn::IfThenElse(is_dropped(bits + i, e.threshold), c, hn::MulAdd(a, y, b));
    }
    access.store(y, x + i);
  });
}

struct Block {
  float* c;
  std::int64_t columns, row_begin, row_end, column_begin, column_end;

  bool is_contiguous() const { return column_begin == 0 && column_end == columns; }
};

/// The bias along rows of a matrix: several short ones are one run.
class BiasRows {
 public:
  HWY_INLINE BiasRows(const float* bias, std::int64_t columns)
      : bias_(bias), columns_(columns), size_(bias == nullptr ? kEndless : columns) {
    if (bias == nullptr || columns > kFloats / 2) return;
    size_ = kFloats / columns * columns;
    for (std::int64_t i = 0; i < size_; i += columns) std::copy_n(bias, columns, rows_ + i);
    bias_ = rows_;
  }

  HWY_INLINE const float* at(std::int64_t column) const {
    return bias_ == nullptr ? nullptr : bias_ + column;
  }
  /// How many elements at() serves in one go, which go on into the next rows.
  HWY_INLINE std::int64_t available(std::int64_t column) const { return size_ - column; }
  HWY_INLINE std::int64_t column_after(std::int64_t column, std::int64_t count) const {
    return (column + count) % columns_;
  }

 private:
  static constexpr std::int64_t kFloats = 512;
  static constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();

  HWY_ALIGN float rows_[kFloats];
  const float* bias_;
  std::int64_t columns_, size_;
};

// `size` elements from column `column` on, which are element `element` and on of a sample.
template <class Function>
HWY_INLINE void apply_stretch(float* c, std::int64_t size, std::int64_t column,
                              const BiasRows& bias, RandomRow* random, std::int64_t sample,
                              std::int64_t element, const EpilogueArguments& e) {
  for (std::int64_t done = 0; done < size;) {
    std::int64_t count = std::min(size - done, bias.available(column));
    const std::uint32_t* bits =
        random == nullptr ? nullptr : random->at(sample, element + done, count);
    apply_run<Function>(c + done, count, bias.at(column), bits, e);
    column = bias.column_after(column, count);
    done += count;
  }
}

// Whole rows of one sample are one stretch; without random numbers all rows are of one sample.
template <class Function>
HWY_INLINE void apply_rows(const Block& k, RandomRow* random, const EpilogueArguments& e) {
  const BiasRows bias(e.bias, k.columns);
  const std::int64_t per_sample = random == nullptr ? k.row_end : e.rows_per_sample;
  for (std::int64_t row = k.row_begin; row < k.row_end;) {
    const std::int64_t sample = row / per_sample, within = row % per_sample;
    const std::int64_t rows =
        k.is_contiguous() ? std::min(k.row_end - row, per_sample - within) : 1;
    apply_stretch<Function>(k.c + row * k.columns + k.column_begin,
                            (rows - 1) * k.columns + k.column_end - k.column_begin, k.column_begin,
                            bias, random, sample, within * k.columns + k.column_begin, e);
    row += rows;
  }
}

void apply_block(float* c, std::int64_t columns, std::int64_t row_begin, std::int64_t row_end,
                 std::int64_t column_begin, std::int64_t column_end,
                 const EpilogueArguments& epilogue) {
  const Block block{c, columns, row_begin, row_end, column_begin, column_end};
  with_function(epilogue.activation, [&](auto function) HWY_ATTR {
    using Function = decltype(function);
    if (epilogue.dropout) {
      RandomRow random(epilogue.key, *epilogue.step, epilogue.rows_per_sample * columns);
      apply_rows<Function>(block, &random, epilogue);
    } else {
      apply_rows<Function>(block, nullptr, epilogue);
    }
  });
}

/// The gradient before an epilogue, from that after it and the result, of type T: the constant of
/// dropped values is rounded as they were.
template <class Function, bool kDropout, class T>
struct Gradient {
  explicit Gradient(const EpilogueArguments& e)
      : a(all(e.a)),
        b(all(e.b)),
        c(all(static_cast<float>(static_cast<T>(e.c)))),
        inverse(all(1 / e.a)),
        alpha(e.alpha),
        scale(e.scale) {}
  HWY_INLINE Floats operator()(Floats dz, Floats z) const {
    if constexpr (!kDropout) return hn::Mul(dz, Function::slope(z, alpha, scale));
    const Floats y = hn::Mul(hn::Sub(z, b), inverse);
    const Floats slope = Function::slope(y, alpha, scale);
    return hn::IfThenZeroElse(hn::Eq(z, c), hn::Mul(hn::Mul(dz, a), slope));
  }

  Floats a, b, c, inverse;
  float alpha, scale;
};

/// Calls the body with the Gradient of an epilogue.
template <class T, class Body>
HWY_INLINE void with_gradient(const EpilogueArguments& e, const Body& body) {
  with_function(e.activation, [&](auto function) HWY_ATTR {
    using Function = decltype(function);
    if (e.dropout) {
      body(Gradient<Function, true, T>(e));
    } else {
      body(Gradient<Function, false, T>(e));
    }
  });
}

template <class T>
void grad_slice(T* dx, float* sums, const T* dz, const T* z, std::int64_t row_begin,
                std::int64_t row_end, std::int64_t columns, const EpilogueArguments& e) {
  with_gradient<T>(e, [&](const auto& gradient) HWY_ATTR {
    sum_rows(sums, row_begin, row_end, columns,
             [&](auto access, std::int64_t i, std::int64_t) HWY_ATTR {
               const Floats g = gradient(access.load(dz + i), access.load(z + i));
               access.store(g, dx + i);
               return g;
             });
  });
}

// The sum of some rows grows in their order, wherever blocks of them begin.
void grad_block(float* dx, float* sums, const float* z, std::int64_t columns,
                std::int64_t row_begin, std::int64_t row_end, std::int64_t column_begin,
                std::int64_t column_end, std::int64_t summed_rows, const EpilogueArguments& e) {
  with_gradient<float>(e, [&](const auto& gradient) HWY_ATTR {
    for (std::int64_t row = row_begin; row < row_end; ++row) {
      const std::int64_t at = row * columns + column_begin;
      float* sum = sums + row / summed_rows * columns + column_begin;
      const bool first = row % summed_rows == 0;
      for_each_vector(column_end - column_begin, [&](auto access, std::int64_t i) HWY_ATTR {
        const Floats g = gradient(access.load(dx + at + i), access.load(z + at + i));
        access.store(g, dx + at + i);
        access.store(first ? g : hn::Add(access.load(sum + i), g), sum + i);
      });
    }
  });
}

void grad_slice_float(float* dx, float* sums, const float* dz, const float* z,
                      std::int64_t row_begin, std::int64_t row_end, std::int64_t columns,
                      const EpilogueArguments& e) {
  grad_slice(dx, sums, dz, z, row_begin, row_end, columns, e);
}
void grad_slice_bf16(BFloat16* dx, float* sums, const BFloat16* dz, const BFloat16* z,
                     std::int64_t row_begin, std::int64_t row_end, std::int64_t columns,
                     const EpilogueArguments& e) {
  grad_slice(dx, sums, dz, z, row_begin, row_end, columns, e);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(apply_block);
HWY_EXPORT(grad_slice_float);
HWY_EXPORT(grad_slice_bf16);
HWY_EXPORT(grad_block);

void apply_epilogue(float* c, std::int64_t columns, std::int64_t row_begin, std::int64_t row_end,
                    std::int64_t column_begin, std::int64_t column_end,
                    const EpilogueArguments& epilogue) {
  HWY_DYNAMIC_DISPATCH(apply_block)
  (c, columns, row_begin, row_end, column_begin, column_end, epilogue);
}

std::size_t epilogue_grad_scratch_bytes(std::int64_t rows, std::int64_t columns) {
  return Slices(rows, columns).scratch_bytes();
}

namespace {

template <class T, class Slice>
void run_grad(Slice slice, T* dx, float* dbias, const T* dz, const T* z, std::int64_t rows,
              std::int64_t columns, const EpilogueArguments& epilogue, std::byte* scratch) {
  Slices(rows, columns)
      .run(dbias, scratch, kLightGrain, [&](float* sums, std::int64_t begin, std::int64_t end) {
        slice(dx, sums, dz, z, begin, end, columns, epilogue);
      });
}

}  // namespace

void epilogue_grad(float* dx, float* dbias, const float* dz, const float* z, std::int64_t rows,
                   std::int64_t columns, const EpilogueArguments& epilogue, std::byte* scratch) {
  run_grad(HWY_DYNAMIC_DISPATCH(grad_slice_float), dx, dbias, dz, z, rows, columns, epilogue,
           scratch);
}
void epilogue_grad(BFloat16* dx, float* dbias, const BFloat16* dz, const BFloat16* z,
                   std::int64_t rows, std::int64_t columns, const EpilogueArguments& epilogue,
                   std::byte* scratch) {
  run_grad(HWY_DYNAMIC_DISPATCH(grad_slice_bf16), dx, dbias, dz, z, rows, columns, epilogue,
           scratch);
}

void epilogue_grad_block(float* dx, float* sums, const float* z, std::int64_t columns,
                         std::int64_t row_begin, std::int64_t row_end, std::int64_t column_begin,
                         std::int64_t column_end, std::int64_t summed_rows,
                         const EpilogueArguments& epilogue) {
  HWY_DYNAMIC_DISPATCH(grad_block)
  (dx, sums, z, columns, row_begin, row_end, column_begin, column_end, summed_rows, epilogue);
}

void add_block_sums(float* dbias, std::int64_t channels, float* sums, std::int64_t count,
                    std::int64_t columns) {
  if (count == 0) {
    std::fill_n(dbias, channels, 0.0F);
    return;
  }
  parallel_ranges(columns, 64, kLightGrain / count, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = 1; i < count; ++i) {
      const float* more = sums + i * columns;
      for (std::int64_t j = begin; j < end; ++j) sums[j] += more[j];
    }
  });
  std::copy_n(sums, channels, dbias);
  for (std::int64_t at = channels; at < columns; at += channels) {
    for (std::int64_t j = 0; j < channels; ++j) dbias[j] += sums[at + j];
  }
}

}  // namespace banach::cpu
#endif
