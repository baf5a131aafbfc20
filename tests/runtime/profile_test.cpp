#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/profile.hpp>
#include <doctest/doctest.h>

using namespace banach;

namespace {

void check_cost(const Tensor& y, double flops, double bytes) {
  const Cost c = cost(y.node());
  INFO(y.op().name());
  CHECK(c.flops == flops);
  CHECK(c.bytes == bytes);
}

}  // namespace

TEST_CASE("products count 2 m n k, and each operand once") {
  Tape tape;
  const Tensor a = tape.input("a", {5, 7}), b = tape.input("b", {7, 3});
  const Tensor at = tape.input("at", {7, 5}), bt = tape.input("bt", {3, 7});
  const double flops = 2 * 5 * 7 * 3, bytes = 4 * (5 * 7 + 7 * 3 + 5 * 3);
  check_cost(ops::matmul(a, b), flops, bytes);
  check_cost(ops::matmul(at, b, true), flops, bytes);
  check_cost(ops::matmul(a, bt, false, true), flops, bytes);
  const Tensor wide = tape.input("wide", {5, 7}, float64);
  check_cost(ops::matmul(wide, tape.input("w", {7, 3}, float64)), flops, 2 * bytes);
}

TEST_CASE("a convolution and its gradients are the same product") {
  const Window window = make_window({8, 9}, {3, 2}, {1, 1}, {1, 1}, "valid");
  const Shape x_shape{2, 8, 9, 4}, w_shape{3, 2, 2, 6}, y_shape{2, 6, 8, 6};  // 2 groups
  Tape tape;
  const Tensor x = tape.input("x", x_shape), w = tape.input("w", w_shape);
  const Tensor dy = tape.input("dy", y_shape);
  const double flops = 2.0 * (2 * 6 * 8 * 6) * (3 * 2 * 2);
  const double bytes = 4.0 * (2 * 8 * 9 * 4 + 3 * 2 * 2 * 6 + 2 * 6 * 8 * 6);
  check_cost(ops::conv2d(x, w, window, 2), flops, bytes);
  check_cost(make_node<Conv2DInputGradOp>({dy, w}, window, 2, x_shape), flops, bytes);
  check_cost(make_node<Conv2DKernelGradOp>({x, dy}, window, 2, w_shape), flops, bytes);
}

TEST_CASE("other ops count what they write, reductions what they read") {
  Tape tape;
  const Tensor x = tape.input("x", {6, 5}), row = tape.input("row", {5});
  check_cost(x + row, 30, 4 * (30 + 5 + 30));
  check_cost(x * x, 30, 4 * (30 + 30));  // read once
  check_cost(ops::exp(x), 30, 4 * 60);
  check_cost(ops::sum(x, {0}), 30, 4 * 35);
}

TEST_CASE("a profile has a row a kernel, shares that sum to 1, and changes no variable") {
  Variable w("w", Array::full({32, 16}, 0.5));
  Tape tape;
  {
    Tape::Scope scope(tape);
    const Tensor x = tape.input("x", {64, 32});
    const NameScope layer("net/layer");
    const Tensor y = ops::exp(ops::matmul(x, w));
    w.assign(w.tensor() + 1.0);
    tape.outputs = {y};
  }
  const BackendPtr backend = default_backend();
  const auto program = std::make_shared<Program>(lower(tape, *backend), backend);
  const ContextLease context = program->lease();
  const Profile profile = profile_program(*context, 3);

  CHECK(w.value().flat(0) == 0.5);
  REQUIRE(profile.rows.size() == program->num_kernels());
  double shares = 0, microseconds = 0;
  for (std::size_t i = 0; i < profile.rows.size(); ++i) {
    const ProfileRow& row = profile.rows[i];
    CHECK(row.op == program->node(i).op->name());
    CHECK(row.reached > 0);
    shares += row.share;
    microseconds += row.microseconds;
  }
  CHECK(shares == doctest::Approx(1));
  CHECK(profile.microseconds() == doctest::Approx(microseconds));
  CHECK(profile.rows[0].op == "matmul");
  CHECK(profile.rows[0].layer == "net/layer");
  CHECK(profile.rows[0].cost.flops == 2 * 64 * 16 * 32);
  CHECK(profile.machine.gflops > 0.1);
  CHECK(profile.machine.gigabytes > 0.1);
  CHECK(profile.machine.copy_gigabytes > 0.1);
  CHECK(machine_bound(backend).gflops == profile.machine.gflops);  // measured once
}

TEST_CASE("a convolution that needs fewer operations than it counts raises no bound") {
  Tape tape;
  {
    Tape::Scope scope(tape);
    const Tensor x = tape.input("x", {4, 32, 32, 64}), w = tape.input("w", {3, 3, 64, 64});
    tape.outputs = {ops::conv2d(x, w, make_window({32, 32}, 3, 1, 1, "same"))};
  }
  const BackendPtr backend = default_backend();
  const double before = machine_bound(backend).gflops;
  const auto program = std::make_shared<Program>(tape, backend);
  profile_program(*program->lease(), 5);
  CHECK(machine_bound(backend).gflops == before);
}

TEST_CASE("a profile takes at least one step") {
  Tape tape;
  {
    Tape::Scope scope(tape);
    tape.outputs = {ops::exp(tape.input("x", {3}))};
  }
  const auto program = std::make_shared<Program>(tape, default_backend());
  CHECK_THROWS_WITH_AS(program->lease()->profile(0),
                       "[profile] steps must be at least 1, received 0", InvalidArgument);
}

TEST_CASE("the bound is what takes longer, and reached the part of it") {
  Profile profile;
  profile.machine = {100, 10, 8};  // 10^9 a second
  profile.rows = {
      {"fused_matmul", "net/dense", {8, 4}, {2e6, 1e3}, 40, 0.8, ProfileRow::arithmetic, 0.5},
      {"add", "net", {8, 4}, {1e3, 1e5}, 10, 0.2, ProfileRow::memory, 1}};
  CHECK(
      profile.str() ==
      "kernel        layer      output     time us   share   GFLOP/s     GB/s  bound reached\n"
      "fused_matmul  net/dense  (8, 4)       40.00  80.0 %      50.0      0.0  arithmetic   50 %\n"
      "add           net        (8, 4)       10.00  20.0 %       0.1     10.0  memory      100 %\n"
      "step                                  50.00              40.0      2.0\n"
      "this machine's bound                                    100.0     10.0\n"
      "to other memory                                                    8.0\n");
  profile.rows[1].reached = 1.5;
  CHECK(
      profile.str().ends_with("above 100 %: the values stay in the cache, or a "
                              "convolution needs fewer operations\n"));
}
