#include <array>
#include <banach/backend/dependencies.hpp>
#include <doctest/doctest.h>

using namespace banach;

namespace {

std::array<std::byte, 100> memory;

std::span<const std::byte> bytes(std::size_t first, std::size_t count) {
  return std::span<const std::byte>(memory).subspan(first, count);
}

using Dependencies = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE("a kernel waits for what it reads, and before it overwrites what is read or written") {
  const Access writes{{}, {bytes(0, 10)}}, reads{{bytes(5, 10)}, {bytes(20, 5)}};
  CHECK(find_dependencies(std::array{writes, reads}) == Dependencies{{}, {0}});
  CHECK(find_dependencies(std::array{reads, writes}) == Dependencies{{}, {0}});
  CHECK(find_dependencies(std::array{writes, writes}) == Dependencies{{}, {0}});
  CHECK(find_dependencies(std::array{reads, reads}) == Dependencies{{}, {0}});  // both write
}

TEST_CASE("kernels that share no memory, or only read it, wait for nothing") {
  const Access one{{bytes(0, 10)}, {bytes(10, 10)}}, other{{bytes(0, 10)}, {bytes(20, 10)}};
  CHECK(find_dependencies(std::array{one, other}) == Dependencies{{}, {}});
  const Access nothing{{}, {bytes(15, 0)}};
  CHECK(find_dependencies(std::array{one, nothing, one}) == Dependencies{{}, {}, {0}});
  CHECK(find_dependencies({}).empty());
}

TEST_CASE("what is waited for anyway is left out") {
  const Access a{{}, {bytes(0, 1)}}, b{{bytes(0, 1)}, {bytes(1, 1)}},
      c{{bytes(0, 1)}, {bytes(2, 1)}}, d{{bytes(0, 1), bytes(1, 1), bytes(2, 1)}, {bytes(3, 1)}};
  CHECK(find_dependencies(std::array{a, b, c, d}) == Dependencies{{}, {0}, {0}, {2, 1}});
}

TEST_CASE("very many kernels run one after the other") {
  const std::vector<Access> many(2000, Access{{bytes(0, 1)}, {}});
  const Dependencies found = find_dependencies(many);
  CHECK(found[0].empty());
  CHECK(found == chain_dependencies(2000));
  CHECK(found[1999] == std::vector<std::size_t>{1998});
}
