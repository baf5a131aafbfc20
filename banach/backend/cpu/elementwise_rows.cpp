#include <banach/backend/cpu/binary.hpp>
#include <banach/backend/cpu/blocks.hpp>
#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/unary.hpp>
#include <banach/ops/elementwise.hpp>

namespace banach::cpu {
namespace {

template <class Function>
Prepared prepare_unary(const Node& node) {
  const auto p = static_cast<const UnaryOp<Function>&>(*node.op).parameters;
  return {
      simd_implementation(),
      0,
      {0},
      [range = find_unary(Function::kName), p](const Views& in, const Views& out, std::byte*) {
        return Kernel([range, y = out[0].as<float>(), x = in[0].as<float>(), size = out[0].size(),
                       alpha = static_cast<float>(p.alpha), scale = static_cast<float>(p.scale)] {
          const bool streamed = is_streamed(y, x, size);
          parallel_ranges(size, 64, kGrain, [&](std::int64_t begin, std::int64_t end) {
            range(y + begin, x + begin, end - begin, alpha, scale, streamed);
          });
        });
      }};
}

template <class Function>
Prepared prepare_unary_grad(const Node& node) {
  const auto p = static_cast<const UnaryGradOp<Function>&>(*node.op).parameters;
  // a slope from the output is light work
  static constexpr std::int64_t grain = Function::kFromOutput ? kLightGrain : kGrain;
  return {
      simd_implementation(),
      0,
      {0},
      [range = find_unary_grad(Function::kName), p](const Views& in, const Views& out, std::byte*) {
        return Kernel([range, dx = out[0].as<float>(), dy = in[0].as<float>(),
                       known = in[1].as<float>(), size = out[0].size(),
                       alpha = static_cast<float>(p.alpha), scale = static_cast<float>(p.scale)] {
          const bool streamed = is_streamed(dx, dy, size) && dx != known;
          parallel_ranges(size, 64, grain, [&](std::int64_t begin, std::int64_t end) {
            range(dx + begin, dy + begin, known + begin, end - begin, alpha, scale, streamed);
          });
        });
      }};
}

// How the kernel runs through c: (outer, rows, columns), where a side that repeats has one row of
// `columns` numbers for each of `outer`.
struct Broadcast {
  Repeat repeat;
  Blocks blocks;
};

std::optional<Broadcast> broadcast_of(const Node& node) {
  const Shape &a = node.inputs[0].shape(), &b = node.inputs[1].shape();
  const Shape& c = node.outputs[0].shape;
  const bool whole_a = a.size() == c.size(), whole_b = b.size() == c.size();
  if (whole_a && whole_b) return Broadcast{Repeat::none, {1, c.size(), 1}};
  if (!whole_a && !whole_b) return std::nullopt;
  const auto blocks = repeated_blocks(whole_a ? b : a, c);
  if (!blocks) return std::nullopt;
  const bool numbers = blocks->columns == 1;
  if (whole_a) return Broadcast{numbers ? Repeat::right_number : Repeat::right_row, *blocks};
  return Broadcast{numbers ? Repeat::left_number : Repeat::left_row, *blocks};
}

bool accepts_binary(const Node& node) { return accepts_float32(node) && broadcast_of(node); }

// Calls body(i, begin, end) for parts of the rows of each i in [0, outer).
template <class Body>
void parallel_blocks(const Blocks& k, const Body& body) {
  parallel_rows(k.outer * k.rows, k.columns, kLightGrain, [&](std::int64_t row, std::int64_t end) {
    while (row < end) {
      const std::int64_t i = row / k.rows, first = row % k.rows;
      const std::int64_t last = std::min(k.rows, first + end - row);
      body(i, first, last);
      row += last - first;
    }
  });
}

template <class Function>
Prepared prepare_binary(const Node& node) {
  const auto [repeat, k] = *broadcast_of(node);
  const bool left = repeat == Repeat::left_number || repeat == Repeat::left_row;
  const bool right = repeat == Repeat::right_number || repeat == Repeat::right_row;
  return {simd_implementation(),
          0,
          {left ? 1 : 0},
          [k = k, left, right, range = find_binary(Function::kName, repeat)](
              const Views& in, const Views& out, std::byte*) {
            return Kernel([k, range, c = out[0].as<float>(), a = in[0].as<float>(),
                           b = in[1].as<float>(), block = k.rows * k.columns,
                           a_step = left ? k.columns : k.rows * k.columns,
                           b_step = right ? k.columns : k.rows * k.columns] {
              parallel_blocks(k, [&](std::int64_t i, std::int64_t begin, std::int64_t end) {
                range(c + i * block, a + i * a_step, b + i * b_step, begin, end, k.columns);
              });
            });
          }};
}

bool accepts_cast(const Node& node) {
  const DType from = node.inputs[0].dtype(), to = node.outputs[0].dtype;
  return (from == float32 && is_half(to)) || (is_half(from) && to == float32);
}

template <class To, class From>
Kernel make_cast(const View& to, const View& from) {
  return Kernel(
      [y = to.as<To>(), x = from.as<From>(), size = to.size()] { convert_parallel(y, x, size); });
}

template <class Half>
Kernel make_half_cast(const View& to, const View& from) {
  return to.spec.dtype == float32 ? make_cast<float, Half>(to, from)
                                  : make_cast<Half, float>(to, from);
}

Prepared prepare_cast(const Node& node) {
  const bool is_float16 = node.inputs[0].dtype() == float16 || node.outputs[0].dtype == float16;
  return {simd_implementation(),
          0,
          {},
          [make = is_float16 ? make_half_cast<Float16> : make_half_cast<BFloat16>](
              const Views& in, const Views& out, std::byte*) { return make(out[0], in[0]); }};
}

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows = {{"cast", accepts_cast, prepare_cast}};
  static std::vector<std::string> grad_names;  // the rows only view their names
  grad_names.reserve(std::tuple_size_v<functions::Unary>);
  functions::for_each<functions::Unary>([&]<class F>() {
    rows.push_back({F::kName, accepts_float32, prepare_unary<F>});
    grad_names.push_back(std::string(F::kName) + "_grad");
    rows.push_back({grad_names.back(), accepts_float32, prepare_unary_grad<F>});
  });
  functions::for_each<functions::Binary>([&]<class F>() {
    rows.push_back({F::kName, accepts_binary, prepare_binary<F>});
  });
  return rows;
}

}  // namespace

std::span<const KernelRow> elementwise_rows() {
  static const std::vector<KernelRow> rows = make_rows();
  return rows;
}

}  // namespace banach::cpu
