#pragma once

#include <banach/models/runtime.hpp>
#include <banach/train/feeder.hpp>

#include <map>

namespace banach {

/// Runs batches of one mode and keeps the contexts of both batch sizes, the full one and the last,
/// in one arena: that of a runner which does not run meanwhile, if it is large enough.
class BatchRunner {
 public:
  BatchRunner(Model& model, Mode mode, const Data& data, Feeder& feeder, const Buffer& arena = {})
      : model_(model), mode_(mode), data_(data), feeder_(feeder), arena_(arena) {}

  void run(std::int64_t batch);
  const Buffer& arena() const { return arena_; }

 private:
  Program::Context& context(std::int64_t batch_size);

  Model& model_;
  Mode mode_;
  const Data& data_;
  Feeder& feeder_;
  Buffer arena_;
  std::map<std::int64_t, ContextLease> contexts_;
};

}  // namespace banach
