#include <banach/backend/dependencies.hpp>

#include <algorithm>

namespace banach {
namespace {

constexpr std::size_t kMost = 1024;  // kernels that are compared with each other

using Spans = std::vector<std::span<const std::byte>>;

bool overlap(const Spans& some, const Spans& others) {
  return std::ranges::any_of(some, [&](std::span<const std::byte> a) {
    return std::ranges::any_of(others, [&](std::span<const std::byte> b) {
      return !a.empty() && !b.empty() && a.data() < b.data() + b.size() &&
             b.data() < a.data() + a.size();
    });
  });
}

bool conflict(const Access& earlier, const Access& later) {
  return overlap(earlier.writes, later.reads) || overlap(earlier.writes, later.writes) ||
         overlap(earlier.reads, later.writes);
}

}  // namespace

std::vector<std::vector<std::size_t>> chain_dependencies(std::size_t kernels) {
  std::vector<std::vector<std::size_t>> result(kernels);
  for (std::size_t i = 1; i < kernels; ++i) result[i] = {i - 1};
  return result;
}

std::vector<std::vector<std::size_t>> find_dependencies(std::span<const Access> accesses) {
  if (accesses.size() > kMost) return chain_dependencies(accesses.size());
  std::vector<std::vector<std::size_t>> result(accesses.size());
  std::vector<std::vector<bool>> before(accesses.size());  // all that is done before a kernel
  for (std::size_t j = 1; j < accesses.size(); ++j) {
    before[j].resize(j);
    for (std::size_t i = j; i-- > 0;) {
      if (before[j][i] || !conflict(accesses[i], accesses[j])) continue;
      result[j].push_back(i);
      before[j][i] = true;
      for (std::size_t k = 0; k < i; ++k) before[j][k] = before[j][k] || before[i][k];
    }
  }
  return result;
}

}  // namespace banach
