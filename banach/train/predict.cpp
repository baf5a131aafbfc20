#include <banach/models/runtime.hpp>
#include <banach/train/data.hpp>

#include <algorithm>
#include <cstring>

namespace banach {

Array Model::predict(const Array& x, const PredictOptions& options) const {
  check_batch_size(options.batch_size, "predict");
  check_input(*this, x, "predict");
  Array result;
  for (std::int64_t first = 0; first < x.dim(0); first += options.batch_size) {
    const Array batch = x.slice(first, std::min(first + options.batch_size, x.dim(0)));
    // Tracing changes nothing that a caller can see: handles are shared, weights only read.
    auto& self = const_cast<Model&>(*this);
    const auto program = cached_program(self, {Mode::predict, batch.shape(), std::nullopt});
    const ContextLease context = program->lease();
    context->set_input(kInputX, batch);
    context->run();
    const Array y = context->get_output(0);
    if (batch.dim(0) == x.dim(0)) return y;
    if (first == 0) result = Array(y.shape().with(0, x.dim(0)), y.dtype());
    const std::size_t row = y.nbytes() / static_cast<std::size_t>(y.dim(0));
    std::memcpy(
        static_cast<std::byte*>(result.mutable_raw()) + static_cast<std::size_t>(first) * row,
        y.raw(), y.nbytes());
  }
  return result;
}

}  // namespace banach
