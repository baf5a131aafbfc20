#pragma once

#include <benchmarks/floor/lanes.hpp>

#include <algorithm>
#include <cstdint>

/// The loops of the floor's nets that no primitive does, each on the part of one thread.
namespace banach::bench {

constexpr std::int64_t kClasses = 10;          // of every net; its rows of logits are 16 apart
constexpr std::int64_t kSide = 28, kOut = 26;  // an image, and what a 3x3 convolution makes of it
constexpr std::int64_t kPixels = kOut * kOut;
constexpr std::int64_t kConvolved = 24, kPooled = 12;  // after a second one, and after the pooling

/// z = dropout(z), element by element from number `first` on.
template <class E>
void drop(E* z, std::int64_t size, const Dropout& dropout, std::int64_t first, std::uint32_t step) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    store(z + i, dropout.apply(load(z + i), static_cast<std::uint32_t>(first + i), step));
  }
}

/// dz = its gradient through dropout and SELU, whose result was z.
template <class E>
void undo(E* dz, const E* z, std::int64_t size, const Dropout& dropout) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    store(dz + i, dropout.gradient(load(dz + i), load(z + i)));
  }
}

/// total += x.
inline void add(float* total, const float* x, std::int64_t size) {
  for (std::int64_t i = 0; i < size; i += kLanes) store(total + i, load(total + i) + load(x + i));
}

/// sums (columns,) of x (rows, columns), rows `stride` apart.
template <class E>
void sum_rows(float* sums, const E* x, std::int64_t rows, std::int64_t columns,
              std::int64_t stride) {
  for (std::int64_t j = 0; j < columns; j += kLanes) {
    Lanes total{};
    for (std::int64_t i = 0; i < rows; ++i) total += load(x + i * stride + j);
    store(sums + j, total);
  }
}

/// y (units,) = x (inputs,) w for rows of w that are `stride` apart: N * 16 units, with the sums of
/// every R-th input apart, so that no addition waits for the one before.
template <int N, int R>
void multiply_row(float* y, const float* x, const float* w, std::int64_t inputs,
                  std::int64_t stride) {
  Lanes sums[R][N]{};
  for (std::int64_t i = 0; i < inputs; i += R) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sums[r][n] += x[i + r] * load(w + (i + r) * stride + n * kLanes);
    }
  }
  for (int n = 0; n < N; ++n) {
    Lanes total = sums[0][n];
    for (int r = 1; r < R; ++r) total += sums[r][n];
    store(y + n * kLanes, total);
  }
}

inline void multiply_row(float* y, const float* x, const float* w, std::int64_t inputs,
                         std::int64_t units, std::int64_t stride) {
  for (; units >= 256; units -= 256, y += 256, w += 256)
    multiply_row<16, 1>(y, x, w, inputs, stride);
  for (; units >= 128; units -= 128, y += 128, w += 128)
    multiply_row<8, 2>(y, x, w, inputs, stride);
  for (; units >= 64; units -= 64, y += 64, w += 64) multiply_row<4, 4>(y, x, w, inputs, stride);
  for (; units >= 16; units -= 16, y += 16, w += 16) multiply_row<1, 8>(y, x, w, inputs, stride);
}

struct Score {
  float loss = 0, correct = 0;
};

/// Softmax of logits (rows, 10), the sum of the rows' losses and how many were right; dlogits
/// becomes the gradient of the mean loss of `batch` samples.
template <class E>
Score cross_entropy(E* dlogits, const E* logits, const std::int32_t* labels, std::int64_t rows,
                    std::int64_t batch) {
  Score score;
  for (std::int64_t i = 0; i < rows; ++i) {
    Lanes x = load(logits + i * kLanes);
    for (std::int64_t j = kClasses; j < kLanes; ++j) x[j] = -1e30F;
    int best = 0;
    for (int j = 1; j < kClasses; ++j) best = x[j] > x[best] ? j : best;
    Lanes p = exp_negative(x - x[best]);
    for (std::int64_t j = kClasses; j < kLanes; ++j) p[j] = 0;
    const float total = sum(p);
    const int label = labels[i];
    score.loss += x[best] - x[label] + __builtin_logf(total);
    score.correct += best == label ? 1.0F : 0.0F;
    p = p / total;
    p[label] -= 1;
    store(dlogits + i * kLanes, p / static_cast<float>(batch));
  }
  return score;
}

/// The ten classes' part of 16 numbers, in place.
inline void softmax(float* row) {
  Lanes x = load(row);
  float largest = x[0];
  for (int j = 1; j < kClasses; ++j) largest = x[j] > largest ? x[j] : largest;
  Lanes p = exp_negative(x - largest);
  for (std::int64_t j = kClasses; j < kLanes; ++j) p[j] = 0;
  store(row, p / sum(p));
}

/// y = selu(y + bias) of a hidden layer, softmax(y + bias) of the last.
inline void finish_row(float* y, const float* bias, std::int64_t units, bool hidden) {
  for (std::int64_t j = 0; j < units; j += kLanes) {
    const Lanes value = load(y + j) + load(bias + j);
    store(y + j, hidden ? selu(value) : value);
  }
  if (!hidden) softmax(y);
}

/// A 3x3 convolution of an image of one channel with SELU and dropout: one block of 16 filters of
/// one sample. z (height - 2, width - 2, 16), x (height, width), w (9, 16), bias (16,).
template <class E>
void convolve_image(E* z, const float* x, const float* w, const float* bias, const Dropout& dropout,
                    std::int64_t first, std::uint32_t step) {
  Lanes taps[9];
  for (int t = 0; t < 9; ++t) taps[t] = load(w + t * kLanes);
  for (std::int64_t y = 0; y < kOut; ++y) {
    Lanes row[kOut];
    for (Lanes& value : row) value = load(bias);
    for (int t = 0; t < 9; ++t) {
      const float* from = x + (y + t / 3) * kSide + t % 3;
#pragma GCC unroll 26
      for (std::int64_t i = 0; i < kOut; ++i) row[i] += from[i] * taps[t];
    }
    for (std::int64_t i = 0; i < kOut; ++i) {
      const std::int64_t element = (y * kOut + i) * kLanes;
      store(z + element,
            dropout.apply(selu(row[i]), static_cast<std::uint32_t>(first + element), step));
    }
  }
}

/// Adds to dw (9, 16) and dbias (16,) what `rows` rows of one block of one sample say, from dz and
/// z (rows, width - 2, 16) through dropout and SELU; x (rows + 2, width).
template <class E>
void convolve_image_gradient(float* dw, float* dbias, const E* dz, const E* z, const float* x,
                             std::int64_t rows, const Dropout& dropout) {
  Lanes taps[9], bias = load(dbias);
  for (int t = 0; t < 9; ++t) taps[t] = load(dw + t * kLanes);
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t i = 0; i < kOut; ++i) {
      const std::int64_t element = (y * kOut + i) * kLanes;
      const Lanes dy = dropout.gradient(load(dz + element), load(z + element));
      bias += dy;
#pragma GCC unroll 9
      for (int t = 0; t < 9; ++t) taps[t] += x[(y + t / 3) * kSide + i + t % 3] * dy;
    }
  }
  for (int t = 0; t < 9; ++t) store(dw + t * kLanes, taps[t]);
  store(dbias, bias);
}

constexpr std::int64_t kWindow[] = {0, 1, kConvolved, kConvolved + 1};  // pixels of a 2x2 window

/// z = selu(z) and pooled = dropout(2x2 maxima of z), for one sample: z (blocks, 24, 24, 16),
/// pooled (blocks, 12, 12, 16).
inline void selu_pool(float* pooled, float* z, std::int64_t blocks, const Dropout& dropout,
                      std::int64_t first, std::uint32_t step) {
  for (std::int64_t y = 0; y < blocks * kPooled; ++y) {
    for (std::int64_t x = 0; x < kPooled; ++x) {
      float* const corner = z + (2 * y * kConvolved + 2 * x) * kLanes;
      Lanes largest = Lanes{} - 10.0F;  // less than any selu
      for (const std::int64_t at : kWindow) {
        const Lanes value = selu(load(corner + at * kLanes));
        store(corner + at * kLanes, value);
        largest = value > largest ? value : largest;
      }
      const std::int64_t element = (y * kPooled + x) * kLanes;
      store(pooled + element,
            dropout.apply(largest, static_cast<std::uint32_t>(first + element), step));
    }
  }
}

/// dz (2 rows, 24, 16) from dpooled, pooled (rows, 12, 16) and z: dropout, the first maximum of
/// each window, SELU.
inline void selu_pool_gradient(float* dz, const float* dpooled, const float* pooled, const float* z,
                               std::int64_t rows, const Dropout& dropout) {
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < kPooled; ++x) {
      const std::int64_t element = (y * kPooled + x) * kLanes;
      const std::int64_t corner = (2 * y * kConvolved + 2 * x) * kLanes;
      const Lanes kept = load(pooled + element);
      Lanes left = kept == dropout.dropped ? Lanes{} : dropout.a * load(dpooled + element);
      Lanes largest = Lanes{} - 10.0F;
      for (const std::int64_t at : kWindow) {
        const Lanes value = load(z + corner + at * kLanes);
        largest = value > largest ? value : largest;
      }
      for (const std::int64_t at : kWindow) {
        const Lanes value = load(z + corner + at * kLanes);
        store(dz + corner + at * kLanes,
              value == largest ? Dropout().gradient(left, value) : Lanes{});
        left = value == largest ? Lanes{} : left;
      }
    }
  }
}

}  // namespace banach::bench
