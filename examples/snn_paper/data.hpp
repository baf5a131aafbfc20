#pragma once

#include <banach/core/array.hpp>

#include <string>
#include <vector>

namespace banach::snn_paper {

/// Inputs (n, ...) and int64 labels (n,).
struct Samples {
  Array x, y;
};

struct SplitSamples {
  Samples train, test;
};

enum class Scaling {
  bytes,     ///< x / 255
  whole,     ///< (x / 255 - 0.1307) / 0.3081: the mean and deviation of all pixels
  per_pixel  ///< each pixel to mean 0 and variance 1 over the training samples; constant ones to 0
};

/// MNIST's first `count` training images and its first `test_count` test images, (n, 784) float32.
SplitSamples load_mnist(std::int64_t count, Scaling scaling, std::int64_t test_count = 10000);

/// The rows with these numbers.
Samples pick(const Samples& samples, const std::vector<std::int64_t>& rows);

/// Each feature to mean 0 and variance 1 over the training samples; constant ones to 0.
void standardize(SplitSamples& split);

/// data/uci/<name>.csv; NotFound, saying where it was sought.
Samples load_uci(const std::string& name);

/// A random quarter of every class to test, the rest to train; the seed says which.
SplitSamples stratified_split(const Samples& samples, std::uint64_t seed);

}  // namespace banach::snn_paper
