#pragma once

// The rows of the cuda backend, one table a family of ops. NAME.hpp declares the functions that put
// a family's kernels into the current stream, NAME.cu defines them, NAME_rows.cpp prepares nodes.

#include <banach/backend/kernel_rows.hpp>
#include <banach/core/dtype.hpp>

#include <span>
#include <vector>

namespace banach::cuda {

std::span<const KernelRow> elementwise_rows();
std::span<const KernelRow> shape_rows();
std::span<const KernelRow> slice_rows();
std::span<const KernelRow> reduce_rows();
std::span<const KernelRow> matmul_rows();
std::span<const KernelRow> convolution_rows();
std::span<const KernelRow> pooling_rows();
std::span<const KernelRow> upsampling_rows();
std::span<const KernelRow> softmax_rows();
std::span<const KernelRow> normalization_rows();
std::span<const KernelRow> dropout_rows();
std::span<const KernelRow> epilogue_rows();
std::span<const KernelRow> update_rows();
std::span<const KernelRow> loss_scale_rows();

/// All of them.
std::vector<KernelRow> all_rows();

/// A Prepared whose kernel is `make.operator()<T>(node, in, out, scratch)`, T the dtype of output
/// 0.
template <class Make>
Prepared prepare_floating(const Node& node, std::size_t scratch_bytes, Make make,
                          std::vector<int> in_place = {}) {
  return {"cuda", scratch_bytes, std::move(in_place),
          [&node, make](const Views& in, const Views& out, std::byte* scratch) {
            return node.outputs[0].dtype == float64
                       ? make.template operator()<double>(node, in, out, scratch)
                       : make.template operator()<float>(node, in, out, scratch);
          }};
}

/// The same without scratch memory: `make.operator()<T>(node, in, out)`.
template <class Make>
Prepared prepare_floating(const Node& node, Make make, std::vector<int> in_place = {}) {
  return prepare_floating(
      node, 0,
      [make]<class T>(const Node& n, const Views& in, const Views& out, std::byte*) {
        return make.template operator()<T>(n, in, out);
      },
      std::move(in_place));
}

/// Calls `f.template operator()<T>()` with the C++ type of a floating-point dtype.
template <class F>
decltype(auto) visit_floating(DType dtype, const F& f) {
  switch (dtype) {
    case float64: return f.template operator()<double>();
    case bfloat16: return f.template operator()<BFloat16>();
    case float16: return f.template operator()<Float16>();
    default: return f.template operator()<float>();
  }
}

/// One floating-point type throughout, but for what is not floating-point.
bool accepts_any_floating(const Node& node);

/// prepare_floating for those.
template <class Make>
Prepared prepare_any_floating(const Node& node, Make make, std::vector<int> in_place = {}) {
  return {"cuda", 0, std::move(in_place),
          [&node, make](const Views& in, const Views& out, std::byte*) {
            return visit_floating(node.outputs[0].dtype, [&]<class T>() {
              return make.template operator()<T>(node, in, out);
            });
          }};
}

}  // namespace banach::cuda
