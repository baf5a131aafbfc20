#include <banach/backend/backend.hpp>
#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace banach;

TEST_CASE("every op that the reference backend has a kernel for has one on the GPU") {
  std::set<std::string_view> known;
  for (const KernelRow& row : get_backend("cuda:0")->kernels()) known.insert(row.op);
  for (const KernelRow& row : get_backend("reference")->kernels()) {
    CAPTURE(std::string(row.op));
    CHECK(known.contains(row.op));
  }
}
