// banach's kernels one by one, each on what a network would give it, beside the bound: the time in
// which this machine moves as many bytes or does as many multiplications and additions.
#include <banach/core/threads.hpp>
#include <benchmarks/floor/bound.hpp>
#include <benchmarks/kernel_cases.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

using namespace banach;
using namespace banach::bench;

namespace {

double bound_seconds(const Node& node) {
  const int threads = config::num_threads();
  const Cost needed = cost(node);
  const bool half = is_half(node.inputs[0].dtype());
  return std::max(needed.flops / (half ? peak_bfloat16_flops(threads) : peak_flops(threads)),
                  seconds_to_move(needed.bytes));
}

void run(benchmark::State& state, const std::shared_ptr<const Program>& program, std::size_t i) {
  const Node& node = program->node(i);
  const ContextLease context = program->lease();
  double bound = bound_seconds(node), seconds = 0;
  for ([[maybe_unused]] auto iteration : state) {
    const double taken = context->profile(1)[i] * 1e-6;
    state.SetIterationTime(taken);
    seconds += taken;
  }
  bound = std::min(bound, bound_seconds(node));  // the machine may have been slow before
  const Cost needed = cost(node);
  const auto iterations = static_cast<double>(state.iterations());
  state.counters["bound_us"] = bound * 1e6;
  state.counters["of_bound"] = bound * iterations / seconds;
  state.counters["GFLOP/s"] = needed.flops * iterations / seconds / 1e9;
  state.counters["GB/s"] = needed.bytes * iterations / seconds / 1e9;
}

// "product: matmul (250, 21632) (21632, 256)"
std::string title(const KernelCase& item, const Node& node) {
  std::string inputs;
  for (const Tensor& input : node.inputs) {
    if (input.shape().size() > 1) inputs += " " + input.shape().str();
  }
  return fmt::format("{}: {}{}", item.name, node.op->name(), inputs);
}

}  // namespace

int main(int argc, char** argv) {
  for (const KernelCase& item : kernel_cases()) {
    const auto program = kernel_program(item);
    for (std::size_t i = 0; i < program->num_kernels(); ++i) {
      if (!item.times(program->node(i))) continue;
      benchmark::RegisterBenchmark(title(item, program->node(i)).c_str(), run, program, i)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
