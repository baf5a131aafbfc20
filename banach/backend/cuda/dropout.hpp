#pragma once

#include <banach/backend/backend.hpp>
#include <banach/backend/cuda/walk.hpp>

namespace banach::cuda {

/// DropoutParameters, with the step that lies in the GPU's memory.
struct DropoutArguments {
  std::uint32_t threshold = 0;  ///< dropout_threshold(rate)
  double a = 1, b = 0, c = 0;
  std::uint64_t key = 0;
  const std::int64_t* step = nullptr;
};

/// y = kept ? a x + b : c, (rows, columns), where a row is one of the noise's. In place. For float,
/// double, BFloat16 and Float16.
template <class T>
Status dropout(T* y, const T* x, std::int64_t rows, std::int64_t columns,
               const DropoutArguments& arguments);
/// The same where `walk` says which element of a smaller noise, with rows of `columns`, is that of
/// each element.
template <class T>
Status dropout_noise(T* y, const T* x, const Walk<1>& walk, std::int64_t columns,
                     const DropoutArguments& arguments);

}  // namespace banach::cuda
