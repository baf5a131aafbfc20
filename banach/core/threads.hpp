#pragma once

#include <cstdint>
#include <iterator>

namespace banach {

namespace config {

/// Threads that one operation may use; at first all processors this process may run on.
int num_threads();
void set_num_threads(int count);  ///< InvalidArgument below 1

}  // namespace config

namespace detail {

/// Items [begin, end) of some work.
struct Piece {
  std::int64_t begin = 0, end = 0;
};

/// [0, count) in as many even shares as there are threads. A thread takes pieces of its own share
/// from the front, a quarter of what is left, then of the others' shares from the back: one that
/// starts late, or shares its processor, leaves work to the others. At least `least` items at a
/// time, where a share has so many.
class Shares {
 public:
  static constexpr int kMostThreads = 256;

  Shares(std::int64_t count, std::int64_t least, int threads);
  bool take(int thread, Piece& piece);  ///< false when nothing is left

 private:
  struct alignas(64) Range {
    std::uint64_t ends;  // atomic: begin and end, each as a multiple of step_
  };
  bool take_from(Range& range, bool own, Piece& piece);

  Range ranges_[kMostThreads];  // the first threads_ are set
  std::int64_t count_, step_, least_;
  int threads_;
};

/// function(body, thread) on each of so many threads.
using TeamFunction = void (*)(void* body, int thread);
void run_team(int threads, TeamFunction function, void* body);
/// function(body, begin, end) on pieces of [0, count), on a thread for each `grain` items at most.
using PieceFunction = void (*)(const void* body, std::int64_t begin, std::int64_t end);
void run_pieces(std::int64_t count, std::int64_t grain, PieceFunction function, const void* body);
/// Of the threads that may be used, and at most so many; 1 inside a team.
int team_size(std::int64_t most);

}  // namespace detail

/// The pieces that one thread comes to take: for (const auto [begin, end] : share).
class Share {
 public:
  Share(detail::Shares& shares, int thread) : shares_(&shares), thread_(thread) {}

  /// Counts from 0, below the number of threads asked for: whose scratch to use.
  int thread() const { return thread_; }

  class Iterator {
   public:
    explicit Iterator(const Share& share) : share_(share) { ++*this; }
    const detail::Piece& operator*() const { return piece_; }
    Iterator& operator++() {
      more_ = share_.shares_->take(share_.thread_, piece_);
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !more_; }

   private:
    const Share& share_;
    detail::Piece piece_;
    bool more_ = false;
  };
  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  detail::Shares* shares_;
  int thread_;
};

/// Calls `body(share)` on at most `threads` threads; their shares are pieces of [0, count), of at
/// least `least` items where a share has so many. Which thread gets which piece is a matter of
/// time. Allocates nothing; inside another team it runs serially.
template <class Body>
void parallel_shares(std::int64_t count, std::int64_t least, int threads, const Body& body) {
  if (count <= 0) return;
  threads = detail::team_size(threads);
  struct Team {
    detail::Shares shares;
    const Body& body;
  } team{{count, least, threads}, body};
  detail::run_team(
      threads,
      [](void* all, int thread) {
        auto* team = static_cast<Team*>(all);
        team->body(Share(team->shares, thread));
      },
      &team);
}

/// Calls `body(begin, end)` on contiguous pieces of [0, count), on a thread for each `grain` items
/// at most. Allocates nothing; inside another team it runs serially.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, const Body& body) {
  detail::run_pieces(
      count, grain,
      [](const void* b, std::int64_t begin, std::int64_t end) {
        (*static_cast<const Body*>(b))(begin, end);
      },
      &body);
}

/// True inside a parallel_for: third-party code called there must not start threads of its own.
bool in_parallel();

}  // namespace banach
