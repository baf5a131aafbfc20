// The team behind core/threads: threads that stay and wait for the next call, awake for a moment,
// since the next kernel of a step follows at once, and then asleep, since the processor may be
// needed. Those of OpenMP stay awake for milliseconds, and a step beside a busy process takes ten
// times as long and more.
#include <banach/core/threads.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
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

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

struct Job {
  detail::TeamFunction function = nullptr;
  void* body = nullptr;

  void run(int thread) const {
    inside_parallel = true;
    function(body, thread);
    inside_parallel = false;
  }
};

// Looks for a while, since what is awaited comes soon in a step; false when it did not come.
template <class Done>
bool comes_soon(const Done& done) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds kAwake(20);
  const auto end = Clock::now() + kAwake;
  while (!done()) {
    if (Clock::now() >= end) return false;
    relax();
  }
  return true;
}

// A thread that runs a job when it is called. Only who sleeps is woken.
class Worker {
 public:
  Worker(const Job& job, int number) {
    const SignalsBlocked blocked;  // handlers are for the user's threads
    std::thread([this, &job, number] { work(job, number); }).detach();
  }

  void call() {
    if (state_.exchange(kCalled) == kAsleep) state_.notify_one();
  }

  // One that has not begun need not: its share was taken by the others.
  void await_end() {
    if (change(kCalled, kIdle)) return;
    if (comes_soon([&] { return state_ == kIdle; })) return;
    if (change(kRunning, kAwaited)) state_.wait(kAwaited);
  }

 private:
  enum State : std::uint32_t { kIdle, kAsleep, kCalled, kRunning, kAwaited };

  bool change(std::uint32_t from, State to) { return state_.compare_exchange_strong(from, to); }

  void await_call() {
    while (!comes_soon([&] { return state_ == kCalled; })) {
      if (change(kIdle, kAsleep)) state_.wait(kAsleep);
    }
  }

  [[noreturn]] void work(const Job& job, int number) {
    for (;;) {
      await_call();
      if (!change(kCalled, kRunning)) continue;
      job.run(number);
      if (state_.exchange(kIdle) == kAwaited) state_.notify_one();
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
    for (int i = 0; i < helpers; ++i) workers_[i]->call();
    job_.run(0);
    for (int i = 0; i < helpers; ++i) workers_[i]->await_end();
    return true;
  }

 private:
  // At most `count`, as many as the system gives: whoever is there takes the others' shares.
  int get_workers(int count) {
    count = std::min(count, most_);
    try {
      workers_.reserve(static_cast<std::size_t>(count));
      while (static_cast<int>(workers_.size()) < count) {
        const int number = static_cast<int>(workers_.size()) + 1;
        workers_.push_back(std::make_unique<Worker>(job_, number));
      }
    } catch (const std::exception&) {
      most_ = static_cast<int>(workers_.size());
    }
    return std::min(count, most_);
  }

  std::mutex busy_;
  Job job_;
  std::vector<std::unique_ptr<Worker>> workers_;
  int most_ = std::numeric_limits<int>::max();
};

// Never destroyed: other threads may compute while the process ends. A forked child, which has none
// of its parent's threads, gets another one.
constinit std::atomic<Team*> current_team = nullptr;

Team* team() {
  static const int registered = [] {
    current_team = new Team;
    return pthread_atfork(nullptr, nullptr, [] { current_team = new (std::nothrow) Team; });
  }();
  return registered == 0 ? current_team.load() : nullptr;
}

}  // namespace

bool in_parallel() { return inside_parallel; }

namespace detail {

void run_team(int threads, TeamFunction function, void* body) {
  Team* const others = threads == 1 ? nullptr : team();
  if (others == nullptr || !others->run(threads, function, body)) function(body, 0);
}

}  // namespace detail
}  // namespace banach
