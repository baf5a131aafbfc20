// The team behind core/threads: threads that stay and wait for the next call, awake for a moment,
// since the next kernel of a step follows at once, and then asleep, since the processor may be
// needed. Those of OpenMP stay awake for milliseconds, and a step beside a busy process takes ten
// times as long and more.
#include <banach/core/threads.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>

namespace banach {
namespace {

thread_local bool inside_parallel = false;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns when the value is not `old`.
void await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds kAwake(20);
  const auto sleep = Clock::now() + kAwake;
  while (value.load() == old) {
    if (Clock::now() < sleep) {
      relax();
    } else {
      value.wait(old);
    }
  }
}

struct Job {
  detail::TeamFunction function = nullptr;
  void* body = nullptr;

  void run(int thread) const {
    inside_parallel = true;
    function(body, thread);
    inside_parallel = false;
  }
};

// A thread that runs a job when it is told to.
class Worker {
 public:
  Worker(const Job& job, int number) {
    std::thread([this, &job, number] { work(job, number); }).detach();
  }

  void start() { tell(kBusy); }
  void await_end() { await_change(state_, kBusy); }

 private:
  enum : std::uint32_t { kIdle, kBusy };

  void tell(std::uint32_t state) {
    state_ = state;
    state_.notify_one();
  }

  [[noreturn]] void work(const Job& job, int number) {
    for (;;) {
      await_change(state_, kIdle);
      job.run(number);
      tell(kIdle);
    }
  }

  alignas(64) std::atomic<std::uint32_t> state_ = kIdle;
};

// One team serves one caller at a time.
class Team {
 public:
  /// False when somebody else has it.
  bool run(int threads, detail::TeamFunction function, void* body) {
    const std::unique_lock lock(busy_, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    const int helpers = get_workers(threads - 1);
    job_ = {function, body};
    for (int i = 0; i < helpers; ++i) workers_[i]->start();
    job_.run(0);
    for (int i = 0; i < helpers; ++i) workers_[i]->await_end();
    return true;
  }

 private:
  // At most `count`, as many as the system gives: whoever is there takes the others' shares.
  int get_workers(int count) {
    try {
      workers_.reserve(static_cast<std::size_t>(count));
      while (static_cast<int>(workers_.size()) < count) {
        const int number = static_cast<int>(workers_.size()) + 1;
        workers_.push_back(std::make_unique<Worker>(job_, number));
      }
    } catch (const std::exception&) {
    }
    return std::min(count, static_cast<int>(workers_.size()));
  }

  std::mutex busy_;
  Job job_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

// Never destroyed: other threads may compute while the process ends. A forked child, which has none
// of its parent's threads, gets another one.
Team*& team() {
  static Team* instance = [] {
    pthread_atfork(nullptr, nullptr, [] { team() = new Team; });
    return new Team;
  }();
  return instance;
}

}  // namespace

bool in_parallel() { return inside_parallel; }

namespace detail {

void run_team(int threads, TeamFunction function, void* body) {
  if (threads == 1 || !team()->run(threads, function, body)) function(body, 0);
}

}  // namespace detail
}  // namespace banach
