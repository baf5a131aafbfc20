#include <banach/train/runner.hpp>

namespace banach {
namespace {

std::vector<Shape> batch_shapes(const std::vector<Array>& arrays, std::int64_t batch_size) {
  std::vector<Shape> shapes;
  for (const Array& array : arrays) shapes.push_back(array.shape().with(0, batch_size));
  return shapes;
}

}  // namespace

Program::Context& BatchRunner::context(std::int64_t batch_size) {
  const auto found = contexts_.find(batch_size);
  if (found != contexts_.end()) return *found->second;
  const ProgramRequest request{mode_, batch_shapes(data_.x, batch_size),
                               batch_shapes(data_.y, batch_size)};
  ContextLease lease = cached_program(model_, request)->lease_in(arena_);
  arena_ = lease->arena();
  return *contexts_.emplace(batch_size, std::move(lease)).first->second;
}

void BatchRunner::run(std::int64_t batch) {
  Program::Context& slot = context(feeder_.batch_size(batch));
  feeder_.fill(slot, batch);
  slot.run();
}

}  // namespace banach
