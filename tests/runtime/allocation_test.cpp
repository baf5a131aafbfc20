// Interposes malloc and its family for the whole process, every thread and library included, and
// demands that a step calls none of them. A program of its own: doctest allocates.
#include <banach/models/runtime.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/policy_guard.hpp>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

namespace {

std::atomic<bool> counting{false};
std::atomic<long> calls{0};

void count() {
  if (counting.load(std::memory_order_relaxed)) calls.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* old, std::size_t size) {
  count();
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  count();
  *result = __libc_memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
  count();
  __libc_free(memory);
}

}  // extern "C"

namespace banach::testing {
namespace {

// Calls of the allocator during ten runs, after one run that may set up threads.
long calls_in_steps(Model& model, const ProgramRequest& request) {
  const ContextLease context = cached_program(model, request)->lease();
  context->run();
  calls = 0;
  counting = true;
  for (int i = 0; i < 10; ++i) context->run();
  counting = false;
  return calls;
}

int check(const char* name, long found) {
  std::printf("%s: %ld allocator calls in 10 steps\n", name, found);
  return found == 0 ? 0 : 1;
}

int check_model(const char* name, Sequential model, std::int64_t batch,
                const Optimizer& optimizer = optimizers::Adam()) {
  model.compile(
      {.loss = losses::categorical_crossentropy, .optimizer = optimizer, .metrics = {"accuracy"}});
  const Shape x = model.input_shapes().front().with(0, batch);
  const Shape y = model.output_shapes().front().with(0, batch);
  std::printf("%s\n", name);
  return check("  train", calls_in_steps(model, {Mode::train, {x}, {y}})) +
         check("  evaluate", calls_in_steps(model, {Mode::evaluate, {x}, {y}})) +
         check("  predict", calls_in_steps(model, {Mode::predict, {x}, {}}));
}

// Every layer there is, so that every kernel runs.
Sequential all_layers() {
  using namespace layers;
  return Sequential(
      {Input({12, 12, 2}), Conv2D(8, 3, {.padding = "same", .activation = "relu"}),
       BatchNormalization(), MaxPooling2D(2), Conv2D(6, 3, {.strides = 2}),
       layers::Activation("gelu"), AveragePooling2D(2, {.padding = "same"}), Dropout(0.3),
       Reshape({-1, 2}), Flatten(),
       Dense(16,
             {.activation = "selu", .kernel_regularizer = "l2", .kernel_constraint = "max_norm"}),
       AlphaDropout(0.1, {.noise_shape = Shape{-1, 1}}), Dense(5, {.activation = "softmax"})});
}

// Every state and option that an optimizer may have.
Optimizer full_optimizer() {
  return optimizers::Nadam(
      optimizers::schedules::CosineDecay(0.01, 5),
      {.weight_decay = 0.01, .global_clipnorm = 1, .use_ema = true, .ema_overwrite_frequency = 3});
}

Sequential in_float16(Sequential (*make)()) {
  const PolicyGuard guard("mixed_float16");
  return make();
}

// The test must be able to fail.
int check_harness() {
  calls = 0;
  counting = true;
  std::free(std::malloc(100));
  counting = false;
  return calls >= 2 ? 0 : 1;
}

}  // namespace
}  // namespace banach::testing

int main() {
  using namespace banach::testing;
  const int failures =
      check_harness() + check_model("tutorial", tutorial_net(), 50) +
      check_model("all layers", all_layers(), 17) +
      check_model("mixed_float16", in_float16(all_layers), 17, full_optimizer()) +
      check_model("all options of an optimizer", tutorial_net(), 20, full_optimizer());
  std::printf("%s\n", failures == 0 ? "no allocation" : "FAILED");
  return failures;
}
