#pragma once

#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banach {

struct ProgramOptions {
  /// After each kernel, look for NaN in what it wrote; RuntimeError names op and layer.
  bool check_values = false;
};

struct DumpOptions {
  bool memory = true;                     ///< where each output lies
  bool implementation = true;             ///< which kernel runs, and its scratch
  std::vector<double> microseconds = {};  ///< of each kernel, as Context::profile gives them
};

/// A tape made ready to run: prepared kernels and a static memory plan. Programs are immutable;
/// what one execution writes lies in a Context.
class Program : public std::enable_shared_from_this<Program> {
 public:
  Program(Tape tape, BackendPtr backend, ProgramOptions options = {});
  ~Program();

  class Context;
  /// A context for one thread, from a pool that keeps as many as were ever needed at once.
  /// RuntimeError, with the largest values by layer, when there is no memory for its arena.
  std::unique_ptr<Context, void (*)(Context*)> lease() const;
  /// The same in the arena of another context, which does not run meanwhile and whose inputs are
  /// lost; from the pool when that arena is too small.
  std::unique_ptr<Context, void (*)(Context*)> lease_in(const Buffer& arena) const;

  const Tape& tape() const { return tape_; }
  const BackendPtr& backend() const { return backend_; }
  std::size_t num_kernels() const;
  const Node& node(std::size_t i) const;  ///< of kernel i
  std::size_t arena_bytes() const;        ///< activations and scratch of one context
  /// One line a kernel: number, op, attributes, layer, shapes, memory, implementation.
  std::string dump(const DumpOptions& options = {}) const;

 private:
  struct Layout;
  struct Pool;

  Buffer allocate_arena() const;
  std::string fitting_batch() const;

  Tape tape_;
  BackendPtr backend_;
  ProgramOptions options_;
  std::unique_ptr<Layout> layout_;
  std::unique_ptr<Pool> pool_;
};
using ContextLease = std::unique_ptr<Program::Context, void (*)(Program::Context*)>;

/// One execution's memory and kernels: final pointers throughout. For one thread at a time.
class Program::Context {
 public:
  explicit Context(std::shared_ptr<const Program> program);
  Context(std::shared_ptr<const Program> program, Buffer arena);

  const Buffer& arena() const { return arena_; }
  const Program& program() const { return *program_; }
  /// The slot of input i, host memory to be filled before run(); what was filled once stays.
  const View& input(std::size_t i) { return stage_ ? stage_->slot(i) : inputs_[i]; }
  void set_input(std::size_t i, const Array& value);  ///< InvalidArgument when it does not fit
  Array get_output(std::size_t i) const;

  /// All kernels, as if in order. DeviceError when one reports a failure; a device may report it
  /// only when results are read.
  void run();
  /// Runs `steps` times, kernel by kernel; the median microseconds of each kernel.
  std::vector<double> profile(int steps);

 private:
  friend class Program;
  View view_of(const Tensor& tensor) const;
  void begin_run();
  void check(Status status) const;
  void run_checked();

  std::shared_ptr<const Program> program_;
  Buffer arena_;
  std::vector<View> inputs_, outputs_;
  std::unique_ptr<InputStage> stage_;
  std::vector<Kernel> kernels_;
  Kernel runner_;
};

/// Runs a tape without inputs once and reads its outputs: how eager values come about.
std::vector<Array> evaluate_tape(const Tape& tape, const BackendPtr& backend);

}  // namespace banach
