#pragma once

// The reference backend: naive loops that say what each op means, in float and in double. Sums are
// kept in double. It is the oracle of the tests and the fallback of the cpu backend.

#include <banach/backend/kernel_rows.hpp>

#include <span>
#include <vector>

namespace banach::reference {

// Every row of the backend, one table a family of ops.
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

/// All of them.
std::vector<KernelRow> all_rows();

/// A Prepared whose kernel is `make.operator()<T>(node, in, out)`, T the dtype of output 0.
template <class Make>
Prepared prepare_floating(const Node& node, Make make, std::vector<int> in_place = {}) {
  return {"reference", 0, std::move(in_place),
          [&node, make](const Views& in, const Views& out, std::byte*) {
            return node.outputs[0].dtype == float64
                       ? make.template operator()<double>(node, in, out)
                       : make.template operator()<float>(node, in, out);
          }};
}

}  // namespace banach::reference
