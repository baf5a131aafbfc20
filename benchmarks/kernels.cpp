// banach's kernels one by one, each on what a network would give it, beside the bound: the time in
// which this machine moves as many bytes or does as many multiplications and additions.
#include <banach/core/threads.hpp>
#include <benchmarks/floor/bound.hpp>
#include <benchmarks/kernel_cases.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <vector>

using namespace banach;
using namespace banach::bench;

namespace {

double bytes(const TensorSpec& spec) {
  return static_cast<double>(spec.shape.size()) * static_cast<double>(size_of(spec.dtype));
}

Work work_of(const KernelCase& item, const Node& node) {
  using enum KernelCase::Arithmetic;
  Work work{.half = is_half(node.inputs[0].dtype()), .in_place = item.in_place};
  for (const Tensor& input : node.inputs) work.read += bytes(input.spec());
  for (const TensorSpec& output : node.outputs) work.written += bytes(output);
  const auto values = static_cast<double>(node.outputs[0].shape.size());
  switch (item.arithmetic) {
    case products: work.flops = cost(node).flops; break;
    case exponentials: work.exponentials = values; break;
    case random_bits: work.random_bits = values; break;
  }
  return work;
}

// The kernel and its bound by turns, since others use the machine: medians of both.
void run(benchmark::State& state, const KernelCase& item,
         const std::shared_ptr<const Program>& program, std::size_t i) {
  const Node& node = program->node(i);
  const ContextLease context = program->lease();
  const Bound bound(work_of(item, node), config::num_threads());
  std::vector<double> kernel_seconds, bound_seconds;
  for ([[maybe_unused]] auto iteration : state) {
    kernel_seconds.push_back(context->profile(1)[i] * 1e-6);
    state.SetIterationTime(kernel_seconds.back());
    bound_seconds.push_back(bound.seconds());
  }
  const double seconds = median(kernel_seconds), least = median(bound_seconds);
  const Cost needed = cost(node);
  state.counters["median_us"] = seconds * 1e6;
  state.counters["bound_us"] = least * 1e6;
  state.counters["of_bound"] = least / seconds;
  state.counters["GFLOP/s"] = needed.flops / seconds / 1e9;
  state.counters["GB/s"] = needed.bytes / seconds / 1e9;
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
      benchmark::RegisterBenchmark(title(item, program->node(i)).c_str(), run, item, program, i)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
