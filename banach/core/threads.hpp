#pragma once

#include <cstdint>

namespace banach {

namespace config {

/// Threads that one operation may use, 256 at most; at first what OMP_NUM_THREADS says, or else all
/// processors this process may run on.
int num_threads();
void set_num_threads(int count);  ///< InvalidArgument below 1

}  // namespace config

/// Items [begin, end).
struct IndexRange {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
  bool operator==(const IndexRange&) const = default;
};

namespace detail {

/// [0, count) in as many even shares as there are threads. A thread takes pieces of its own share
/// from the front, a quarter of what is left, then of the others' shares from the back: one that
/// starts late, or shares its processor, leaves work to the others. At least `least` items at a
/// time, where a share has so many.
class Shares {
 public:
  static constexpr int kMostThreads = 256;

  Shares(std::int64_t count, std::int64_t least, int threads);

  /// False when nothing is left. `from` is the share that the thread took from last, at first its
  /// own.
  bool take(int thread, int& from, IndexRange& piece);

 private:
  // Begin and end, in multiples of step_. A std::atomic would be cleared, all kMostThreads of them.
  struct alignas(64) Ends {
    std::uint64_t packed;
  };
  bool take_from(Ends& ends, bool own, IndexRange& piece);

  Ends ends_[kMostThreads];  // the first threads_ are set
  std::int64_t count_, step_, least_;
  int threads_;
};

/// function(body, thread) on each of so many threads.
using TeamFunction = void (*)(void* body, int thread) noexcept;
void run_team(int threads, TeamFunction function, void* body);
/// function(body, begin, end) on pieces of [0, count), on a thread for each `grain` items at most.
using PieceFunction = void (*)(const void* body, std::int64_t begin, std::int64_t end);
void run_pieces(std::int64_t count, std::int64_t grain, PieceFunction function, const void* body);
/// How many threads work on something that `most` could: num_threads() at most, 1 inside a team.
int team_size(std::int64_t most);

}  // namespace detail

/// What one thread comes to do: for (IndexRange piece; share.take(piece);).
class Share {
 public:
  Share(detail::Shares& shares, int thread) : shares_(shares), thread_(thread), from_(thread) {}

  /// Counts from 0, below the number of threads asked for: whose scratch to use.
  int thread() const { return thread_; }
  bool take(IndexRange& piece) { return shares_.take(thread_, from_, piece); }
  /// Calls body(i) for each item of each piece.
  template <class Body>
  void for_each(const Body& body) {
    for (IndexRange piece; take(piece);) {
      for (std::int64_t i = piece.begin; i < piece.end; ++i) body(i);
    }
  }

 private:
  detail::Shares& shares_;
  int thread_, from_;
};

/// Calls `body(share)` on at most `threads` threads; their shares are pieces of [0, count), of at
/// least `least` items where a share has so many. Which thread gets which piece is a matter of
/// time. Allocates nothing; inside another team it runs serially. The body does not throw: no other
/// thread could catch it.
template <class Body>
void parallel_shares(std::int64_t count, std::int64_t least, int threads, const Body& body) {
  if (count <= 0) return;
  threads = detail::team_size(count < threads ? count : threads);
  struct Team {
    detail::Shares shares;
    const Body& body;
  } team{{count, least, threads}, body};
  detail::run_team(
      threads,
      [](void* all, int thread) noexcept {
        auto* team = static_cast<Team*>(all);
        Share share(team->shares, thread);
        team->body(share);
      },
      &team);
}

/// Calls `body(begin, end)` on pieces of [0, count), of an eighth of `grain` items or more, on a
/// thread for each `grain` items at most. Allocates nothing; inside another team it runs serially.
/// The body does not throw.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, const Body& body) {
  detail::run_pieces(
      count, grain,
      [](const void* b, std::int64_t begin, std::int64_t end) {
        (*static_cast<const Body*>(b))(begin, end);
      },
      &body);
}

/// True inside a team: third-party code called there must not start threads of its own.
bool in_parallel();

}  // namespace banach
