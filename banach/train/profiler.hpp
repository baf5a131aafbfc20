#pragma once

#include <banach/models/callback.hpp>
#include <banach/runtime/profile.hpp>

namespace banach::callbacks {

struct ProfilerOptions {
  int steps = 11;   ///< that are measured
  int verbose = 1;  ///< 0: silent, for those who read profile()
};

/// Prints Model::profile of the training step after fit's first batch: `fit(x, y, {.callbacks =
/// {std::make_shared<callbacks::Profiler>()}})`. Training goes on as if nothing had been measured.
class Profiler final : public Callback {
 public:
  explicit Profiler(const ProfilerOptions& options = {}) : options_(options) {}

  void on_train_begin(const Logs& logs) override;
  void on_train_batch_end(std::int64_t batch, const Logs& logs) override;

  const Profile& profile() const { return profile_; }  ///< without rows before the first batch

 private:
  ProfilerOptions options_;
  Profile profile_;
};

}  // namespace banach::callbacks
