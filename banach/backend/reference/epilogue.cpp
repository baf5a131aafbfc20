#include <banach/backend/reference/reference.hpp>
#include <banach/ops/epilogue.hpp>

#include <vector>

namespace banach::reference {
namespace {

// y = (z - b) / a undoes AlphaDropout; the slope follows from y, and is 0 where z was dropped.
template <class T, class Slope>
void epilogue_grad(T* dx, std::vector<double>& sums, const T* dz, const T* z, std::int64_t size,
                   const Epilogue& epilogue, const Slope& slope) {
  const DropoutParameters d = epilogue.alpha_dropout.value_or(DropoutParameters{});
  const T a = static_cast<T>(d.a), b = static_cast<T>(d.b), dropped = static_cast<T>(d.c);
  for (std::int64_t i = 0; i < size; ++i) {
    const bool gone = epilogue.alpha_dropout && z[i] == dropped;
    dx[i] = gone ? T(0) : dz[i] * a * slope((z[i] - b) / a);
    sums[static_cast<std::size_t>(i) % sums.size()] += dx[i];
  }
}

template <class T>
void epilogue_grad(T* dx, T* dbias, const T* dz, const T* z, std::int64_t size,
                   std::int64_t columns, const Epilogue& epilogue) {
  std::vector<double> sums(static_cast<std::size_t>(columns));
  const auto alpha = static_cast<T>(epilogue.parameters.alpha);
  const auto scale = static_cast<T>(epilogue.parameters.scale);
  const bool known = functions::with_name<functions::Unary>(epilogue.activation, [&]<class F>() {
    epilogue_grad(dx, sums, dz, z, size, epilogue, [&](T y) { return F::slope(y, alpha, scale); });
  });
  if (!known) epilogue_grad(dx, sums, dz, z, size, epilogue, [](T) { return T(1); });
  for (std::int64_t j = 0; j < columns; ++j) dbias[j] = static_cast<T>(sums[j]);
}

Prepared prepare_epilogue_grad(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        return Kernel([=, &epilogue = static_cast<const EpilogueGradOp&>(*n.op).epilogue] {
          epilogue_grad(out[0].as<T>(), out[1].as<T>(), in[0].as<T>(), in[1].as<T>(), in[0].size(),
                        out[1].size(), epilogue);
        });
      },
      {0, -1});
}

constexpr KernelRow kRows[] = {{"epilogue_grad", accepts_floating, prepare_epilogue_grad}};

}  // namespace

std::span<const KernelRow> epilogue_rows() { return kRows; }

}  // namespace banach::reference
