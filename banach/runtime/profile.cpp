#include <banach/ops/convolution.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/matmul_update.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/profile.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <numeric>
#include <set>

namespace banach {
namespace {

double elements(const TensorSpec& spec) { return static_cast<double>(spec.shape.size()); }

// Multiplications behind one value of y: w is (height, width, channels / groups, filters).
double window_size(const Shape& w) { return static_cast<double>(w[0] * w[1] * w[2]); }

// Steps of each sum of a product.
template <class Product>
double depth(const Product& op, const Tensor& a) {
  return static_cast<double>(a.dim(op.transpose_a ? 0 : 1));
}

// 2 m n k of a matmul, a convolution or one of its gradients; 0 for other ops.
double product_flops(const Node& node) {
  const Tensors& in = node.inputs;
  const double out = elements(node.outputs[0]);
  if (const auto* matmul = op_cast<MatmulOp>(node)) {
    return 2 * out * depth(*matmul, in[0]);
  }
  if (const auto* matmul = op_cast<MatmulEpilogueGradOp>(node)) {
    return 2 * out * depth(*matmul, in[0]);
  }
  if (const auto* update = op_cast<MatmulUpdateOp>(node)) {
    return 2 * out * depth(*update, in[update->scalars]);
  }
  if (op_cast<Conv2DOp>(node)) return 2 * out * window_size(in[1].shape());
  if (op_cast<Conv2DInputGradOp>(node)) {
    return 2 * elements(in[0].spec()) * window_size(in[1].shape());
  }
  if (const auto* gradient = op_cast<Conv2DKernelGradOp>(node)) {
    return 2 * elements(in[1].spec()) * window_size(gradient->w_shape);
  }
  return 0;
}

// Whether the node is a product of matrices in half precision, which machines have units for.
bool is_half_product(const Node& node) {
  if (const auto* update = op_cast<MatmulUpdateOp>(node)) {
    return is_half(node.inputs[update->scalars].dtype());
  }
  const bool product = op_cast<MatmulOp>(node) || op_cast<MatmulEpilogueGradOp>(node);
  return product && is_half(node.inputs[0].dtype());
}

// The machine's rate for a node's arithmetic.
double MachineBound::*rate_of(const Node& node) {
  return is_half_product(node) ? &MachineBound::half_gflops : &MachineBound::gflops;
}

// What all other ops count.
double element_flops(const Node& node) {
  double written = 0, read = 0;
  for (const TensorSpec& output : node.outputs) written += elements(output);
  for (const Tensor& input : node.inputs) read = std::max(read, elements(input.spec()));
  return std::max(written, read);
}

// Seconds of the fastest run.
double fastest(const Tape& tape, const BackendPtr& backend) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kEnough(200);
  const auto program = std::make_shared<Program>(lower(tape, *backend), backend);
  const ContextLease context = program->lease();
  context->run();
  backend->synchronize();
  double best = 0;
  for (const auto begin = Clock::now(); best == 0 || Clock::now() - begin < kEnough;) {
    const auto start = Clock::now();
    context->run();
    backend->synchronize();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = best == 0 ? seconds : std::min(best, seconds);
  }
  return best;
}

// Sizes double until a run takes so long that starting it is nothing beside it.
constexpr double kLongSeconds = 2e-3;

// Billions a second of what run(size) does size^power times; it returns its seconds.
template <class Run>
double giga_rate(std::int64_t size, std::int64_t largest, int power, const Run& run) {
  double seconds = run(size);
  for (; seconds < kLongSeconds && size < largest; seconds = run(size)) size *= 2;
  return std::pow(static_cast<double>(size), power) / seconds / 1e9;
}

double product_gflops(DType dtype, const BackendPtr& backend) {
  return 2 * giga_rate(1024, 8192, 3, [&](std::int64_t side) {
           const Variable a("a", Array({side, side}, dtype), false), b("b", a.value(), false);
           Tape tape;
           {
             const Tape::Scope scope(tape);
             tape.outputs = {ops::matmul(a, b)};
           }
           return fastest(tape, backend);
         });
}

// Of a program that moves so many arrays of float32; record(tape, size) records it.
template <class Record>
double array_gigabytes(int arrays, const BackendPtr& backend, const Record& record) {
  return arrays * sizeof(float) * giga_rate(1 << 24, 1 << 27, 1, [&](std::int64_t size) {
           Tape tape;
           {
             const Tape::Scope scope(tape);
             record(tape, size);
           }
           return fastest(tape, backend);
         });
}

double addition_gigabytes(const BackendPtr& backend) {
  return array_gigabytes(3, backend, [](Tape&, std::int64_t size) {
    const Variable sum("sum", Array({size}), false), addend("addend", Array({size}), false);
    sum.assign(sum + addend);
  });
}

double copy_gigabytes(const BackendPtr& backend) {
  return array_gigabytes(2, backend, [](Tape& tape, std::int64_t size) {
    tape.outputs = {-Variable("x", Array({size}), false).tensor()};
  });
}

MachineBound measure(const BackendPtr& backend) {
  return {product_gflops(float32, backend), addition_gigabytes(backend), copy_gigabytes(backend),
          product_gflops(bfloat16, backend)};
}

// The bounds by backend, kept for the process.
class KnownBounds {
 public:
  MachineBound get(const BackendPtr& backend) {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(backend->name());
    return found != known_.end() ? found->second : known_[backend->name()] = measure(backend);
  }
  // A product that went faster shows that others kept the machine busy when it was measured. Of
  // matrices: a convolution may need fewer operations than it counts.
  void raise(const BackendPtr& backend, double MachineBound::*rate, double gflops) {
    const std::scoped_lock lock(mutex_);
    double& bound = known_[backend->name()].*rate;
    bound = std::max(bound, gflops);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, MachineBound> known_;
};

KnownBounds& known_bounds() {
  static KnownBounds bounds;
  return bounds;
}

// Holds the variables that a program writes, and puts their values back.
class VariableKeeper {
 public:
  explicit VariableKeeper(const Tape& tape) {
    for (const Assign& assign : tape.assigns) {
      kept_.emplace_back(assign.variable, assign.variable.value());
    }
  }
  ~VariableKeeper() {
    for (auto& [variable, value] : kept_) variable.assign(value);
  }
  VariableKeeper(const VariableKeeper&) = delete;
  VariableKeeper& operator=(const VariableKeeper&) = delete;

 private:
  std::vector<std::pair<Variable, Array>> kept_;
};

// The nodes that leave new values where those of variables lay.
std::set<const Node*> updates_of(const Tape& tape) {
  std::set<const Node*> updates;
  for (const Assign& assign : tape.assigns) updates.insert(&assign.value.node());
  return updates;
}

ProfileRow make_row(const Node& node, bool is_update, double microseconds, double share,
                    const MachineBound& machine) {
  const Cost c = cost(node);
  const double memory = c.bytes / (is_update ? machine.gigabytes : machine.copy_gigabytes) / 1e3;
  const double arithmetic = c.flops / (machine.*rate_of(node)) / 1e3;
  return {node.op->name(),
          node.scope,
          node.outputs[0].shape,
          c,
          microseconds,
          share,
          memory > arithmetic ? ProfileRow::memory : ProfileRow::arithmetic,
          std::max(memory, arithmetic) / microseconds};
}

}  // namespace

Cost cost(const Node& node) {
  const double product = product_flops(node);
  Cost result{product > 0 ? product : element_flops(node), 0};
  for (const Tensor& input : std::set<Tensor>(node.inputs.begin(), node.inputs.end())) {
    result.bytes += static_cast<double>(input.spec().bytes());
  }
  for (const TensorSpec& output : node.outputs) result.bytes += static_cast<double>(output.bytes());
  return result;
}

MachineBound machine_bound(const BackendPtr& backend) { return known_bounds().get(backend); }

Profile profile_program(Program::Context& context, int steps) {
  const Program& program = context.program();
  constexpr double kLongMicroseconds = 50;  // what is shorter is too hard to time
  machine_bound(program.backend());
  std::vector<double> times;
  {
    const VariableKeeper keeper(program.tape());
    times = context.profile(steps);
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Node& node = program.node(i);
    if (times[i] < kLongMicroseconds || op_cast<MatmulOp>(node) == nullptr) continue;
    known_bounds().raise(program.backend(), rate_of(node), product_flops(node) / times[i] / 1e3);
  }
  Profile profile{{}, machine_bound(program.backend())};
  const double total = std::accumulate(times.begin(), times.end(), 0.0);
  const std::set<const Node*> updates = updates_of(program.tape());
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Node& node = program.node(i);
    profile.rows.push_back(
        make_row(node, updates.contains(&node), times[i], times[i] / total, profile.machine));
  }
  return profile;
}

double Profile::microseconds() const {
  double total = 0;
  for (const ProfileRow& row : rows) total += row.microseconds;
  return total;
}

std::string Profile::str() const {
  std::size_t op = 6, layer = 5, shape = 6;
  Cost all;
  for (const ProfileRow& row : rows) {
    op = std::max(op, row.op.size());
    layer = std::max(layer, row.layer.size());
    shape = std::max(shape, row.shape.str().size());
    all.flops += row.cost.flops;
    all.bytes += row.cost.bytes;
  }
  const std::size_t names = op + layer + shape + 4;
  std::string text =
      fmt::format("{:{}}  {:{}}  {:{}} {:>11} {:>7} {:>9} {:>8}  {}\n", "kernel", op, "layer",
                  layer, "output", shape, "time us", "share", "GFLOP/s", "GB/s", "bound reached");
  for (const ProfileRow& row : rows) {
    text +=
        fmt::format("{:{}}  {:{}}  {:{}} {:11.2f} {:5.1f} % {:9.1f} {:8.1f}  {:10} {:4.0f} %\n",
                    row.op, op, row.layer, layer, row.shape.str(), shape, row.microseconds,
                    100 * row.share, row.gflops(), row.gigabytes(),
                    row.bound == ProfileRow::memory ? "memory" : "arithmetic", 100 * row.reached);
  }
  const double total = microseconds();
  text += fmt::format("{:{}} {:11.2f} {:7} {:9.1f} {:8.1f}\n", "step", names, total, "",
                      all.flops / total / 1e3, all.bytes / total / 1e3);
  text += fmt::format("{:{}} {:11} {:7} {:9.1f} {:8.1f}\n", "this machine's bound", names, "", "",
                      machine.gflops, machine.gigabytes);
  text += fmt::format("{:{}} {:11} {:7} {:9} {:8.1f}\n", "to other memory", names, "", "", "",
                      machine.copy_gigabytes);
  const bool cached = std::ranges::any_of(rows, [](const auto& row) { return row.reached > 1; });
  return text + (cached ? "above 100 %: the values stay in the cache, or a convolution needs "
                          "fewer operations\n"
                        : "");
}

}  // namespace banach
