// banach's kernels one by one, each on what a network would give it, by turns with its bound: loops
// that do what it cannot do without.
#include <banach/core/threads.hpp>
#include <benchmarks/floor/bound.hpp>
#include <benchmarks/kernel_cases.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <memory>
#include <vector>

using namespace banach;
using namespace banach::bench;

namespace {

bool is_update(const Program& program, const Node& node) {
  return std::ranges::any_of(program.tape().assigns,
                             [&](const Assign& assign) { return &assign.value.node() == &node; });
}

Work work_of(const KernelCase& item, const Program& program, const Node& node) {
  using enum KernelCase::Arithmetic;
  Work work{.in_place = is_update(program, node)};
  for (const TensorSpec& output : node.outputs) {
    work.written +=
        static_cast<double>(output.shape.size()) * static_cast<double>(size_of(output.dtype));
  }
  work.read = cost(node).bytes - work.written;
  const auto values = static_cast<double>(node.outputs[0].shape.size());
  switch (item.arithmetic) {
    case products: work.flops = cost(node).flops; break;
    case half_products: work.half_flops = cost(node).flops; break;
    case exponentials: work.exponentials = values; break;
    case random_bits: work.random_bits = values; break;
  }
  return work;
}

struct TimedKernel {
  const KernelCase& item;
  std::shared_ptr<const Program> program;
  std::size_t index;
  std::unique_ptr<Bound> bound = nullptr;  // from the first call on

  const Node& node() const { return program->node(index); }
};

// Medians of both, since others use the machine.
void run(benchmark::State& state, const std::shared_ptr<TimedKernel>& kernel) {
  const ContextLease context = kernel->program->lease();
  if (kernel->bound == nullptr) {
    const Work work = work_of(kernel->item, *kernel->program, kernel->node());
    kernel->bound = std::make_unique<Bound>(work, config::num_threads());
  }
  std::vector<double> times;
  for ([[maybe_unused]] auto iteration : state) {
    times.push_back(context->profile(1)[kernel->index] * 1e-6);
    state.SetIterationTime(times.back());
    kernel->bound->measure();
  }
  const double seconds = median(times), least = kernel->bound->seconds();
  const Cost needed = cost(kernel->node());
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
      const auto kernel = std::make_shared<TimedKernel>(TimedKernel{item, program, i});
      benchmark::RegisterBenchmark(title(item, kernel->node()).c_str(), run, kernel)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
