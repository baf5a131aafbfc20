#pragma once

#include <banach/backend/backend.hpp>
#include <banach/ops/functions.hpp>

namespace banach {
struct Epilogue;
}

namespace banach::cuda {

/// banach::Epilogue with final pointers.
struct EpilogueArguments {
  const std::byte* bias = nullptr;  ///< (columns,) or null
  std::string_view activation = "linear";
  functions::Parameters parameters;
  bool dropout = false;
  std::uint32_t threshold = 0;  ///< dropout_threshold(rate)
  double a = 1, b = 0, c = 0;
  std::uint64_t key = 0;
  const std::int64_t* step = nullptr;
  std::int64_t rows_per_sample = 1;  ///< matrix rows of one row of axis 0: H' W' of a convolution
};

/// Whether it changes nothing.
inline bool is_empty(const EpilogueArguments& epilogue) {
  return epilogue.bias == nullptr && epilogue.activation == "linear" && !epilogue.dropout;
}

/// Of an op whose result has this shape; `in` are its inputs, or none for the gradient. Views the
/// epilogue's texts.
EpilogueArguments epilogue_arguments(const Epilogue& epilogue, const Shape& result,
                                     const Views& in);

/// Whether the kernels have the epilogue's activation, and a bias that is input 2 is of `dtype`.
bool accepts_epilogue(const Node& node, const Epilogue& epilogue, DType dtype);

/// z (rows, columns) becomes epilogue(z). Bias is the type of the bias: T, one of float, double,
/// BFloat16 and Float16, or one of the last two beside float.
template <class Bias, class T>
Status apply_epilogue(T* z, std::int64_t rows, std::int64_t columns,
                      const EpilogueArguments& epilogue);

/// Bytes of scratch that epilogue_grad needs.
std::size_t epilogue_grad_scratch_bytes(std::int64_t rows, std::int64_t columns);
/// dx (rows, columns) and dbias (columns,), its sum over rows, from dz and z (rows, columns), where
/// z is the result of the epilogue: dx = dz a f'(y) with y = (z - b) / a, and 0 where z was
/// dropped. dx may be dz. Takes no notice of bias, threshold, key and step. For float, double,
/// BFloat16 and Float16.
template <class T>
Status epilogue_grad(T* dx, T* dbias, const T* dz, const T* z, std::int64_t rows,
                     std::int64_t columns, const EpilogueArguments& epilogue, std::byte* scratch);

}  // namespace banach::cuda
