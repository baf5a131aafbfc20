// parallel_for on std::thread, for builds whose compiler brings another OpenMP runtime than
// oneDNN's, or whose sanitizer cannot see into it.
#include <banach/core/threads.hpp>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <sched.h>

namespace banach {
namespace {

thread_local bool inside_parallel = false;

// One team serves one caller at a time; a second concurrent caller runs its parts itself.
class Team {
 public:
  ~Team() {
    {
      std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    start_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  bool try_acquire() { return busy_.try_lock(); }
  void release() { busy_.unlock(); }

  void run(int parts, std::int64_t count, detail::ChunkFunction function, const void* body) {
    {
      std::scoped_lock lock(mutex_);
      while (static_cast<int>(workers_.size()) < parts - 1) {
        const int part = static_cast<int>(workers_.size()) + 1;
        workers_.emplace_back([this, part, seen = generation_] { work(part, seen); });
      }
      job_ = {parts, count, function, body};
      pending_ = parts - 1;
      ++generation_;
    }
    start_.notify_all();
    run_part(job_, 0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return pending_ == 0; });
  }

 private:
  struct Job {
    int parts = 0;
    std::int64_t count = 0;
    detail::ChunkFunction function = nullptr;
    const void* body = nullptr;
  };

  static void run_part(const Job& job, int part) {
    inside_parallel = true;
    job.function(job.body, job.count * part / job.parts, job.count * (part + 1) / job.parts);
    inside_parallel = false;
  }

  void work(int part, std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    for (;;) {
      start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      const Job job = job_;
      if (part >= job.parts) continue;
      lock.unlock();
      run_part(job, part);
      lock.lock();
      if (--pending_ == 0) done_.notify_one();
    }
  }

  std::mutex busy_, mutex_;
  std::condition_variable start_, done_;
  std::vector<std::thread> workers_;
  Job job_;
  int pending_ = 0;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
};

Team& team() {
  static Team instance;
  return instance;
}

}  // namespace

bool in_parallel() { return inside_parallel; }

namespace detail {

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

void run_team(int parts, std::int64_t count, ChunkFunction function, const void* body) {
  if (!team().try_acquire()) {
    function(body, 0, count);
    return;
  }
  team().run(parts, count, function, body);
  team().release();
}

}  // namespace detail
}  // namespace banach
