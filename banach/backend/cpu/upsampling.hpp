#pragma once

#include <banach/ops/upsampling.hpp>

#include <cstdint>
#include <vector>

namespace banach::cpu {

/// Images x (batch, height, width, channels) and the rows and columns of larger ones,
/// y (batch, rows, columns, channels), made of them.
struct UpSampleShape {
  std::int64_t batch, height, width, channels;
  std::vector<Sample> rows, columns;
};

void up_sample(float* y, const float* x, const UpSampleShape& shape);
/// dx from dy.
void up_sample_grad(float* dx, const float* dy, const UpSampleShape& shape);

}  // namespace banach::cpu
