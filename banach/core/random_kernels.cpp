#include <banach/core/random_kernels.hpp>
#include <banach/core/simd_targets.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/core/random_kernels.cpp"
#include <hwy/foreach_target.h>

#include <banach/core/philox-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach {
namespace HWY_NAMESPACE {
namespace {

using Tag = hn::CappedTag<double, 8>;
using Doubles = hn::Vec<Tag>;
using Bits = hn::RebindToUnsigned<Tag>;
using HalfTag = hn::Rebind<float, Tag>;  // as many lanes as doubles
using FloatTag = hn::CappedTag<float, 16>;
using Floats = hn::Vec<FloatTag>;

HWY_INLINE Doubles all(double value) { return hn::Set(Tag(), value); }
HWY_INLINE std::int64_t num_lanes() { return static_cast<std::int64_t>(hn::Lanes(Tag())); }

constexpr double kTwo52 = 0x1p52;  // with a whole number in the low bits: 2^52 + that number

/// low + width (w + 1/2), of whole numbers w below 2^32 in the low halves of the lanes.
HWY_INLINE Doubles spread(hn::Vec<Bits> w, Doubles low, Doubles width) {
  const Bits d;
  const auto word = hn::And(w, hn::Set(d, 0xFFFFFFFF));
  const auto biased = hn::BitCast(Tag(), hn::Or(word, hn::BitCast(d, all(kTwo52))));
  const Doubles middle = hn::Sub(biased, all(kTwo52 - 0.5));  // exact
  return hn::Add(low, hn::Mul(width, middle));
}

/// A vector of blocks, which are four vectors of numbers.
HWY_INLINE void uniform_blocks(double* out, const Philox::RoundKeys& keys, std::uint64_t block,
                               Doubles low, Doubles width) {
#if HWY_TARGET == HWY_SCALAR
  const Philox::Counter words = Philox::generate(
      {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0},
      keys.key());
  for (std::size_t i = 0; i < 4; ++i) {
    hn::StoreU(spread(hn::Set(Bits(), words[i]), low, width), Tag(), out + i);
  }
#else
  const Bits d;
  const PhiloxLanes counters = hn::Add(hn::Set(d, block), hn::Iota(d, 0));
  PhiloxBlocks b{counters, hn::ShiftRight<32>(counters), hn::Zero(d), hn::Zero(d)};
  philox_rounds(keys, b);
  hn::StoreInterleaved4(spread(b.w0, low, width), spread(b.w1, low, width),
                        spread(b.w2, low, width), spread(b.w3, low, width), Tag(), out);
#endif
}

void uniform(double* out, std::int64_t size, const Philox::Key& key, std::int64_t first, double low,
             double high) {
  const Doubles from = all(low), width = all((high - low) * 0x1p-32);
  const Philox::RoundKeys keys(key);
  const std::int64_t step = 4 * num_lanes();
  auto block = static_cast<std::uint64_t>(first / 4);
  for (std::int64_t skipped = first % 4; size > 0; block += step / 4, skipped = 0) {
    const std::int64_t count = std::min(size, step - skipped);
    if (count == step) {
      uniform_blocks(out, keys, block, from, width);
    } else {
      HWY_ALIGN double numbers[32];
      uniform_blocks(numbers, keys, block, from, width);
      std::copy_n(numbers + skipped, count, out);
    }
    out += count;
    size -= count;
  }
}

// c[0] + c[1] x + ... of eight coefficients.
HWY_INLINE Doubles polynomial(const double (&c)[8], Doubles x) {
  Doubles sum = all(c[7]);
  for (int i = 6; i >= 0; --i) sum = hn::Add(hn::Mul(sum, x), all(c[i]));
  return sum;
}

// AS 241 for |q| <= 0.425, where q = p - 1/2.
constexpr double kMiddle = 0.425;
HWY_INLINE Doubles middle_quantile(Doubles q) {
  constexpr double kA[] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                           1.9715909503065514427e+3, 1.3731693765509461125e+4,
                           4.5921953931549871457e+4, 6.7265770927008700853e+4,
                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr double kB[] = {1.0,
                           4.2313330701600911252e+1,
                           6.8718700749205790830e+2,
                           5.3941960214247511077e+3,
                           2.1213794301586595867e+4,
                           3.9307895800092710610e+4,
                           2.8729085735721942674e+4,
                           5.2264952788528545610e+3};
  const Doubles r = hn::Sub(all(kMiddle * kMiddle), hn::Mul(q, q));
  return hn::Div(hn::Mul(q, polynomial(kA, r)), polynomial(kB, r));
}

HWY_INLINE Floats multiply_add(Floats a, Floats b, float c) {
  return hn::Add(hn::Mul(a, b), hn::Set(FloatTag(), c));
}

// The same to 7 digits: PPND7.
HWY_INLINE Floats middle_quantile(Floats q) {
  const FloatTag d;
  const Floats r = hn::Sub(hn::Set(d, 0.180625F), hn::Mul(q, q));
  Floats top = multiply_add(hn::Set(d, 59.109374720F), r, 159.29113202F);
  top = multiply_add(multiply_add(top, r, 50.434271938F), r, 3.3871327179F);
  Floats bottom = multiply_add(hn::Set(d, 67.187563600F), r, 78.757757664F);
  bottom = multiply_add(multiply_add(bottom, r, 17.895169469F), r, 1);
  return hn::Div(hn::Mul(q, top), bottom);
}

// ln x of normal numbers, by the method of FreeBSD's e_log.c: x = 2^k (1 + f), s = f / (2 + f).
HWY_INLINE Doubles logarithm(Doubles x) {
  constexpr double kSeries[] = {0,
                                6.666666666666735130e-01,
                                3.999999999940941908e-01,
                                2.857142874366239149e-01,
                                2.222219843214978396e-01,
                                1.818357216161805012e-01,
                                1.531383769920937332e-01,
                                1.479819860511658591e-01};
  constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
  const Bits d;
  const auto root_half = hn::Set(d, 0x3FE6A09E00000000), one = hn::Set(d, 0x3FF0000000000000);
  const auto bits = hn::Add(hn::BitCast(d, x), hn::Sub(one, root_half));
  const auto biased = hn::Or(hn::ShiftRight<52>(bits), hn::BitCast(d, all(kTwo52)));
  const Doubles k = hn::Sub(hn::BitCast(Tag(), biased), all(kTwo52 + 1023));
  const auto fraction = hn::And(bits, hn::Set(d, 0x000FFFFFFFFFFFFF));
  const Doubles f = hn::Sub(hn::BitCast(Tag(), hn::Add(fraction, root_half)), all(1));
  const Doubles s = hn::Div(f, hn::Add(f, all(2)));
  const Doubles series = polynomial(kSeries, hn::Mul(s, s));
  const Doubles half_square = hn::Mul(hn::Mul(all(0.5), f), f);
  const Doubles correction =
      hn::Add(hn::Mul(s, hn::Add(half_square, series)), hn::Mul(k, all(kLn2Low)));
  return hn::Sub(hn::Mul(k, all(kLn2High)), hn::Sub(hn::Sub(half_square, correction), f));
}

// AS 241 for the rest.
HWY_INLINE Doubles tail_quantile(Doubles p) {
  constexpr double kC[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                           5.76949722146069140550e0,  3.64784832476320460504e0,
                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double kD[] = {1.0,
                           2.05319162663775882187e0,
                           1.67638483018380384940e0,
                           6.89767334985100004550e-1,
                           1.48103976427480074590e-1,
                           1.51986665636164571966e-2,
                           5.47593808499534494600e-4,
                           1.05075007164441684324e-9};
  constexpr double kE[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                           1.78482653991729133580e0,  2.96560571828504891230e-1,
                           2.65321895265761230930e-2, 1.24266094738807843860e-3,
                           2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double kF[] = {1.0,
                           5.99832206555887937690e-1,
                           1.36929880922735805310e-1,
                           1.48753612908506148525e-2,
                           7.86869131145613259100e-4,
                           1.84631831751005468180e-5,
                           1.42151175831644588870e-7,
                           2.04426310338993978564e-15};
  const Doubles r = hn::Sqrt(hn::Neg(logarithm(hn::Min(p, hn::Sub(all(1), p)))));
  const Doubles near = hn::Sub(r, all(1.6)), far = hn::Sub(r, all(5));
  Doubles x = hn::Div(polynomial(kC, near), polynomial(kD, near));
  if (const auto is_far = hn::Gt(r, all(5)); !hn::AllFalse(Tag(), is_far)) {
    x = hn::IfThenElse(is_far, hn::Div(polynomial(kE, far), polynomial(kF, far)), x);
  }
  return hn::IfThenElse(hn::Lt(p, all(0.5)), hn::Neg(x), x);
}

constexpr std::int64_t kPart = 256;  // a position in it is a byte
constexpr std::int64_t kMostLanes = 8;

// For each mask of eight lanes the numbers of its lanes, a byte each.
constexpr std::array<std::uint64_t, 256> lanes_of_masks() {
  std::array<std::uint64_t, 256> lanes{};
  for (std::size_t mask = 0; mask < lanes.size(); ++mask) {
    int found = 0;
    for (std::uint64_t lane = 0; lane < 8; ++lane) {
      if ((mask >> lane & 1) != 0) lanes[mask] |= lane << 8 * found++;
    }
  }
  return lanes;
}
constexpr std::array<std::uint64_t, 256> kLanesOfMasks = lanes_of_masks();

// One in seven numbers lies in a tail, one in nine of a truncated distribution. They are collected,
// so that nearly all lanes of what they take are theirs.
class Tails {
 public:
  // Of the numbers p from `begin` on, those with q = p - 1/2.
  HWY_INLINE void find(Doubles q, std::int64_t begin) {
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(Tag(), hn::Gt(hn::Abs(q), all(kMiddle)), bits);
    const std::uint64_t found =
        kLanesOfMasks[bits[0]] + static_cast<std::uint64_t>(begin) * 0x0101010101010101;
    std::memcpy(positions_ + count_, &found, sizeof found);
    count_ += std::popcount(bits[0]);
  }

  // The quantiles, scaled, to their places.
  template <class T>
  HWY_INLINE void finish(T* out, const double* p, double offset, double scale) {
    for (std::int64_t i = 0; i < count_; ++i) values_[i] = p[positions_[i]];
    std::fill_n(values_ + count_, kMostLanes, 0.5);  // for the last vector
    for (std::int64_t i = 0; i < count_; i += num_lanes()) {
      const Doubles x = tail_quantile(hn::Load(Tag(), values_ + i));
      hn::Store(hn::Add(all(offset), hn::Mul(all(scale), x)), Tag(), values_ + i);
    }
    for (std::int64_t i = 0; i < count_; ++i) out[positions_[i]] = static_cast<T>(values_[i]);
  }

 private:
  HWY_ALIGN double values_[kPart + kMostLanes];
  std::uint8_t positions_[kPart + 8];
  std::int64_t count_ = 0;
};

// offset + scale * quantile, of whole vectors, kPart numbers at most.
void quantiles_of_part(double* out, const double* p, std::int64_t size, double offset,
                       double scale) {
  Tails tails;
  for (std::int64_t i = 0; i < size; i += num_lanes()) {
    const Doubles q = hn::Sub(hn::LoadU(Tag(), p + i), all(0.5));
    tails.find(q, i);
    hn::StoreU(hn::Add(all(offset), hn::Mul(all(scale), middle_quantile(q))), Tag(), out + i);
  }
  tails.finish(out, p, offset, scale);
}

void quantiles_of_part(float* out, const double* p, std::int64_t size, double offset,
                       double scale) {
  Tails tails;
  HWY_ALIGN float x[kPart] = {};
  for (std::int64_t i = 0; i < size; i += num_lanes()) {
    const Doubles q = hn::Sub(hn::LoadU(Tag(), p + i), all(0.5));
    tails.find(q, i);
    hn::StoreU(hn::DemoteTo(HalfTag(), q), HalfTag(), x + i);
  }
  for (std::int64_t i = 0; i < size; i += static_cast<std::int64_t>(hn::Lanes(FloatTag()))) {
    hn::Store(middle_quantile(hn::Load(FloatTag(), x + i)), FloatTag(), x + i);
  }
  for (std::int64_t i = 0; i < size; i += num_lanes()) {
    const Doubles quantile = hn::PromoteTo(Tag(), hn::LoadU(HalfTag(), x + i));
    const Doubles scaled = hn::Add(all(offset), hn::Mul(all(scale), quantile));
    hn::StoreU(hn::DemoteTo(HalfTag(), scaled), HalfTag(), out + i);
  }
  tails.finish(out, p, offset, scale);
}

template <class T>
HWY_INLINE void quantiles_of(T* out, const double* p, std::int64_t size, double offset,
                             double scale) {
  const std::int64_t whole = size / num_lanes() * num_lanes();
  for (std::int64_t begin = 0; begin < whole; begin += kPart) {
    quantiles_of_part(out + begin, p + begin, std::min(kPart, whole - begin), offset, scale);
  }
  if (whole == size) return;
  double rest[8] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
  T quantiles[8];
  std::copy(p + whole, p + size, rest);
  quantiles_of_part(quantiles, rest, num_lanes(), offset, scale);
  std::copy_n(quantiles, size - whole, out + whole);
}

void float_quantiles(float* out, const double* p, std::int64_t size, double offset, double scale) {
  quantiles_of(out, p, size, offset, scale);
}

void double_quantiles(double* out, const double* p, std::int64_t size, double offset,
                      double scale) {
  quantiles_of(out, p, size, offset, scale);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach {

HWY_EXPORT(uniform);
HWY_EXPORT(float_quantiles);
HWY_EXPORT(double_quantiles);

void uniform_numbers(double* out, std::int64_t size, const Philox::Key& key, std::int64_t first,
                     double low, double high) {
  HWY_DYNAMIC_DISPATCH(uniform)(out, size, key, first, low, high);
}

void normal_quantiles(float* out, const double* probabilities, std::int64_t size, double offset,
                      double scale) {
  HWY_DYNAMIC_DISPATCH(float_quantiles)(out, probabilities, size, offset, scale);
}

void normal_quantiles(double* out, const double* probabilities, std::int64_t size, double offset,
                      double scale) {
  HWY_DYNAMIC_DISPATCH(double_quantiles)(out, probabilities, size, offset, scale);
}

}  // namespace banach
#endif
