#include <banach/train/runner.hpp>

namespace banach {

Program::Context& BatchRunner::context(std::int64_t batch_size) {
  const auto found = contexts_.find(batch_size);
  if (found != contexts_.end()) return *found->second;
  const ProgramRequest request{mode_, data_.x.shape().with(0, batch_size),
                               data_.y.shape().with(0, batch_size)};
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
