#include <banach/backend/cpu/epilogue.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/targets.hpp>

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

template <class Function>
HWY_INLINE void apply_without_dropout(const Block& k, const EpilogueArguments& e) {
  if (e.bias == nullptr && k.is_contiguous()) {
    const std::int64_t size = (k.row_end - k.row_begin) * k.columns;
    return apply_run<Function>(k.c + k.row_begin * k.columns, size, nullptr, nullptr, e);
  }
  for (std::int64_t row = k.row_begin; row < k.row_end; ++row) {
    apply_run<Function>(k.c + row * k.columns + k.column_begin, k.column_end - k.column_begin,
                        e.bias == nullptr ? nullptr : e.bias + k.column_begin, nullptr, e);
  }
}

template <class Function>
HWY_INLINE void apply_with_dropout(const Block& k, const EpilogueArguments& e) {
  RandomRow random(e.key, *e.step, e.rows_per_sample * k.columns);
  std::int64_t sample = k.row_begin / e.rows_per_sample;
  std::int64_t within = k.row_begin % e.rows_per_sample;
  for (std::int64_t row = k.row_begin; row < k.row_end; ++row) {
    for (std::int64_t j = k.column_begin; j < k.column_end;) {
      const std::int64_t element = within * k.columns + j;
      const std::int64_t size = std::min(k.column_end - j, RandomRow::available(element));
      apply_run<Function>(k.c + row * k.columns + j, size, e.bias == nullptr ? nullptr : e.bias + j,
                          random.at(sample, element), e);
      j += size;
    }
    if (++within == e.rows_per_sample) {
      within = 0;
      ++sample;
    }
  }
}

void apply_block(float* c, std::int64_t columns, std::int64_t row_begin, std::int64_t row_end,
                 std::int64_t column_begin, std::int64_t column_end,
                 const EpilogueArguments& epilogue) {
  const Block block{c, columns, row_begin, row_end, column_begin, column_end};
  with_function(epilogue.activation, [&](auto function) HWY_ATTR {
    using Function = decltype(function);
    if (epilogue.dropout) {
      apply_with_dropout<Function>(block, epilogue);
    } else {
      apply_without_dropout<Function>(block, epilogue);
    }
  });
}

// What a kept or dropped value z looks like in T: the constant c is rounded as z was.
template <class Function, bool kDropout, class T>
HWY_INLINE void grad_rows(T* dx, float* sums, const T* dz, const T* z, std::int64_t row_begin,
                          std::int64_t row_end, std::int64_t columns, const EpilogueArguments& e) {
  const Floats a = all(e.a), b = all(e.b), c = all(static_cast<float>(static_cast<T>(e.c)));
  const Floats inverse = all(1 / e.a);
  sum_rows(sums, row_begin, row_end, columns,
           [=](auto access, std::int64_t i, std::int64_t) HWY_ATTR {
             const Floats out = access.load(z + i), dy = access.load(dz + i);
             if constexpr (kDropout) {
               const Floats y = hn::Mul(hn::Sub(out, b), inverse);
               const Floats slope = Function::slope(y, e.alpha, e.scale);
               const Floats g = hn::IfThenZeroElse(hn::Eq(out, c), hn::Mul(hn::Mul(dy, a), slope));
               access.store(g, dx + i);
               return g;
             } else {
               const Floats g = hn::Mul(dy, Function::slope(out, e.alpha, e.scale));
               access.store(g, dx + i);
               return g;
             }
           });
}

template <class T>
void grad_slice(T* dx, float* sums, const T* dz, const T* z, std::int64_t row_begin,
                std::int64_t row_end, std::int64_t columns, const EpilogueArguments& e) {
  with_function(e.activation, [&](auto function) HWY_ATTR {
    using Function = decltype(function);
    if (e.dropout) {
      grad_rows<Function, true>(dx, sums, dz, z, row_begin, row_end, columns, e);
    } else {
      grad_rows<Function, false>(dx, sums, dz, z, row_begin, row_end, columns, e);
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

}  // namespace banach::cpu
#endif
