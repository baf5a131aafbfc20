// Teams of std::thread, for builds whose compiler brings another OpenMP runtime than
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

// One team serves one caller at a time; a second concurrent caller does the work alone.
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

  void run(int threads, detail::TeamFunction function, void* body) {
    {
      std::scoped_lock lock(mutex_);
      while (static_cast<int>(workers_.size()) < threads - 1) {
        const int thread = static_cast<int>(workers_.size()) + 1;
        workers_.emplace_back([this, thread, seen = generation_] { work(thread, seen); });
      }
      job_ = {threads, function, body};
      pending_ = threads - 1;
      ++generation_;
    }
    start_.notify_all();
    run_job(job_, 0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return pending_ == 0; });
  }

 private:
  struct Job {
    int threads = 0;
    detail::TeamFunction function = nullptr;
    void* body = nullptr;
  };

  static void run_job(const Job& job, int thread) {
    inside_parallel = true;
    job.function(job.body, thread);
    inside_parallel = false;
  }

  void work(int thread, std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    for (;;) {
      start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      const Job job = job_;
      if (thread >= job.threads) continue;
      lock.unlock();
      run_job(job, thread);
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

void run_team(int threads, TeamFunction function, void* body) {
  if (threads == 1 || !team().try_acquire()) return function(body, 0);
  team().run(threads, function, body);
  team().release();
}

}  // namespace detail
}  // namespace banach
