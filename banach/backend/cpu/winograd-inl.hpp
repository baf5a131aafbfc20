// The transforms of Winograd's F(2 x 2, 3 x 3). Included once per instruction set (Highway's
// foreach_target).
#if defined(BANACH_WINOGRAD_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_WINOGRAD_INL_HPP_
#undef BANACH_WINOGRAD_INL_HPP_
#else
#define BANACH_WINOGRAD_INL_HPP_
#endif

#include <banach/backend/cpu/simd-inl.hpp>
#include <banach/backend/cpu/winograd_product-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

// A matrix of the algorithm, as what it does to a column.

/// B^T
struct InputTransform {
  static constexpr int kIn = 4, kOut = 4;
  static HWY_INLINE void apply(const Floats (&d)[4], Floats (&v)[4]) {
    v[0] = hn::Sub(d[0], d[2]);
    v[1] = hn::Add(d[1], d[2]);
    v[2] = hn::Sub(d[2], d[1]);
    v[3] = hn::Sub(d[1], d[3]);
  }
};

/// G
struct KernelTransform {
  static constexpr int kIn = 3, kOut = 4;
  static HWY_INLINE void apply(const Floats (&g)[3], Floats (&u)[4]) {
    const Floats half = hn::Mul(all(0.5F), g[1]), sum = hn::Mul(all(0.5F), hn::Add(g[0], g[2]));
    u[0] = g[0];
    u[1] = hn::Add(sum, half);
    u[2] = hn::Sub(sum, half);
    u[3] = g[2];
  }
};

/// A^T
struct OutputTransform {
  static constexpr int kIn = 4, kOut = 2;
  static HWY_INLINE void apply(const Floats (&m)[4], Floats (&y)[2]) {
    y[0] = hn::Add(hn::Add(m[0], m[1]), m[2]);
    y[1] = hn::Sub(hn::Sub(m[1], m[2]), m[3]);
  }
};

/// A
struct OutputGradient {
  static constexpr int kIn = 2, kOut = 4;
  static HWY_INLINE void apply(const Floats (&dy)[2], Floats (&dm)[4]) {
    dm[0] = dy[0];
    dm[1] = hn::Add(dy[0], dy[1]);
    dm[2] = hn::Sub(dy[0], dy[1]);
    dm[3] = hn::Neg(dy[1]);
  }
};

/// G^T
struct KernelGradient {
  static constexpr int kIn = 4, kOut = 3;
  static HWY_INLINE void apply(const Floats (&du)[4], Floats (&dg)[3]) {
    const Floats half = all(0.5F);
    dg[0] = hn::MulAdd(half, hn::Add(du[1], du[2]), du[0]);
    dg[1] = hn::Mul(half, hn::Sub(du[1], du[2]));
    dg[2] = hn::MulAdd(half, hn::Add(du[1], du[2]), du[3]);
  }
};

/// out = M in M^T for a vector of channels: load(i, j) and store(value, i, j) reach the places.
template <class M, class Load, class Store>
HWY_INLINE void transform(const Load& load, const Store& store) {
  Floats half[M::kOut][M::kIn];
#pragma GCC unroll 4
  for (int j = 0; j < M::kIn; ++j) {
    Floats in[M::kIn], out[M::kOut];
#pragma GCC unroll 4
    for (int i = 0; i < M::kIn; ++i) in[i] = load(i, j);
    M::apply(in, out);
#pragma GCC unroll 4
    for (int i = 0; i < M::kOut; ++i) half[i][j] = out[i];
  }
#pragma GCC unroll 4
  for (int i = 0; i < M::kOut; ++i) {
    Floats out[M::kOut];
    M::apply(half[i], out);
#pragma GCC unroll 4
    for (int j = 0; j < M::kOut; ++j) store(out[j], i, j);
  }
}

/// V = B^T d B of a block of tiles, a row each.
inline void transform_images(float* v, const PlaceMatrices& to, const float* const* rows,
                             std::int64_t num_rows, Range columns, const Image& image,
                             Range channels) {
  const std::int64_t pitch = image.pitch(), step = image.channels;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    for (std::int64_t column = columns.begin; column < columns.end; ++column, v += to.columns) {
      const float* d = rows[row] + 2 * column * step + channels.begin;
      for_each_vector(channels.size(), [&](auto access, std::int64_t c) HWY_ATTR {
        transform<InputTransform>(
            [&](int i, int j) HWY_ATTR { return access.load(d + i * pitch + j * step + c); },
            [&](Floats value, int i, int j)
                HWY_ATTR { hn::StoreU(value, Tag(), v + (4 * i + j) * to.floats + c); });
      });
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
