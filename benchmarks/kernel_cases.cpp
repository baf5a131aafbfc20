#include <banach/models/eager.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/optimizers.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/softmax.hpp>
#include <banach/runtime/fuse.hpp>
#include <benchmarks/kernel_cases.hpp>

#include <algorithm>

namespace banach::bench {
namespace {

constexpr std::int64_t kMany = std::int64_t{1} << 24;  // more than caches hold

void product(Tape& tape, std::int64_t m, std::int64_t n, std::int64_t k, DType dtype) {
  tape.outputs = {ops::matmul(tape.input("a", {m, k}, dtype), tape.input("b", {k, n}, dtype))};
}

// The three convolutions of a layer of 32 to 64 channels: forward, kernel and input gradient.
void convolutions(Tape& tape) {
  const Tensor x = tape.input("x", {64, 26, 26, 32}), w = tape.input("w", {3, 3, 32, 64});
  const Window window = make_window({26, 26}, {3, 3}, {1, 1}, {1, 1}, "valid");
  const Tensor y = ops::conv2d(x, w, window);
  tape.outputs = gradients(ops::sum(y * y), {x, w});
}

void update(Tape& tape, Optimizer optimizer) {
  const Variable w("w", Array({kMany}));
  optimizer.build({w});
  optimizer.apply({tape.input("gradient", {kMany})}, {w});
}

std::vector<KernelCase> make_cases() {
  using enum KernelCase::Arithmetic;
  return {
      {"selu",
       {"selu"},
       [](Tape& t) { t.outputs = {activations::selu(t.input("x", {kMany}))}; },
       exponentials},
      {"selu_grad",
       {"selu_grad"},
       [](Tape& t) {
         const Tensor x = t.input("x", {kMany});
         t.outputs = gradients(ops::sum(activations::selu(x)), {x});
       }},
      {"alpha_dropout",
       {"dropout"},
       [](Tape& t) {
         const Tensor x = t.input("x", {kMany / 1024, 1024});
         t.outputs = {
             ops::dropout(x, t.random_step(), alpha_dropout_parameters(0.1, 7), x.shape())};
       },
       random_bits},
      {"softmax",
       {"softmax"},
       [](Tape& t) {
         t.outputs = {ops::softmax(t.input("x", {kMany / 1024, 1024}))};
       },
       exponentials},
      {"to bfloat16",
       {"cast"},
       [](Tape& t) { t.outputs = {cast(t.input("x", {kMany}), bfloat16)}; }},
      {"to float32",
       {"cast"},
       [](Tape& t) { t.outputs = {cast(t.input("x", {kMany}, bfloat16), float32)}; }},
      {"adam", {"adam"}, [](Tape& t) { update(t, optimizers::Adam()); }},
      {"sgd", {"sgd"}, [](Tape& t) { update(t, optimizers::SGD()); }},
      {"product", {"matmul"}, [](Tape& t) { product(t, 250, 256, 21632, float32); }},
      {"product", {"matmul"}, [](Tape& t) { product(t, 128, 256, 256, float32); }},
      {"product", {"matmul"}, [](Tape& t) { product(t, 32, 64, 64, float32); }},
      {"product", {"matmul"}, [](Tape& t) { product(t, 1, 512, 784, float32); }},
      {"product of bfloat16",
       {"matmul"},
       [](Tape& t) { product(t, 250, 256, 21632, bfloat16); },
       half_products},
      {"convolution", {"conv2d", "conv2d_kernel_grad", "conv2d_input_grad"}, convolutions},
  };
}

}  // namespace

bool KernelCase::times(const Node& node) const {
  return std::ranges::find(ops, node.op->name()) != ops.end();
}

const std::vector<KernelCase>& kernel_cases() {
  static const std::vector<KernelCase> cases = make_cases();
  return cases;
}

std::shared_ptr<const Program> kernel_program(const KernelCase& item) {
  const BackendPtr backend = get_backend("cpu");
  Tape tape;
  {
    const Tape::Scope scope(tape);
    const NameScope name(item.name);
    item.build(tape);
  }
  return std::make_shared<Program>(lower(tape, *backend), backend);
}

Profile profile_kernels() {
  Profile all;
  for (const KernelCase& item : kernel_cases()) {
    const auto program = kernel_program(item);
    const ContextLease context = program->lease();
    Profile profile = profile_program(*context, 11);
    for (std::size_t i = 0; i < profile.rows.size(); ++i) {
      if (item.times(program->node(i))) all.rows.push_back(std::move(profile.rows[i]));
    }
  }
  all.machine = machine_bound(get_backend("cpu"));
  for (ProfileRow& row : all.rows) row.share = row.microseconds / all.microseconds();
  return all;
}

}  // namespace banach::bench
