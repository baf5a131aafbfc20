#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>
#include <banach/runtime/layout.hpp>
#include <banach/runtime/program.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <mutex>

namespace banach {

struct Program::Layout : ProgramLayout {};

struct Program::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Context>> idle;
};

namespace {

std::string place_text(const Place& place) {
  switch (place.kind) {
    case Place::variable: return place.owner->name();
    case Place::constant: return fmt::format("constant+{}", place.offset);
    case Place::arena: break;
  }
  return fmt::format("+{}", place.offset);
}

std::string dump_line(std::size_t i, const ProgramStep& step, const ProgramLayout& layout,
                      const DumpOptions& options) {
  const Node& node = *step.node;
  std::string text = fmt::format("{:3} {}", i, node.op->name());
  if (const std::string attributes = node.op->attributes(); !attributes.empty()) {
    text += " [" + attributes + "]";
  }
  if (!node.scope.empty()) text += " " + node.scope;
  std::string outputs;
  for (int k = 0; k < static_cast<int>(node.outputs.size()) && k < 3; ++k) {
    outputs += " " + node.outputs[static_cast<std::size_t>(k)].shape.str();
    if (options.memory) outputs += "@" + place_text(layout.place(Tensor(step.node, k)));
  }
  if (node.outputs.size() > 3) outputs += fmt::format(" ... {} outputs", node.outputs.size());
  text += " ->" + outputs;
  if (options.implementation) {
    text += " | " + step.prepared.implementation;
    if (step.prepared.scratch_bytes > 0) {
      text += fmt::format(", scratch {}", step.prepared.scratch_bytes);
    }
  }
  if (i < options.microseconds.size()) text += fmt::format(" | {:.1f} us", options.microseconds[i]);
  return text + "\n";
}

bool has_nan(const View& view) {
  if (!is_floating(view.spec.dtype)) return false;
  const std::int64_t n = view.size();
  const auto any_nan = [n](const auto* x) {
    for (std::int64_t i = 0; i < n; ++i) {
      if (std::isnan(static_cast<double>(x[i]))) return true;
    }
    return false;
  };
  return visit_dtype(view.spec.dtype, [&]<class T>() { return any_nan(view.as<T>()); });
}

std::vector<std::span<const std::byte>> bytes_of(const Views& views) {
  std::vector<std::span<const std::byte>> result;
  for (const View& view : views) result.emplace_back(view.data, view.bytes());
  return result;
}

}  // namespace

Program::Program(Tape tape, BackendPtr backend, ProgramOptions options)
    : tape_(settle_assigns(std::move(tape), *backend)),
      backend_(std::move(backend)),
      options_(options),
      layout_(new Layout{lay_out(tape_, *backend_)}),
      pool_(std::make_unique<Pool>()) {}

Program::~Program() = default;

std::size_t Program::num_kernels() const { return layout_->steps.size(); }
const Node& Program::node(std::size_t i) const { return *layout_->steps.at(i).node; }
std::size_t Program::arena_bytes() const { return layout_->arena_bytes; }

std::string Program::dump(const DumpOptions& options) const {
  std::string text;
  for (std::size_t i = 0; i < layout_->steps.size(); ++i) {
    text += dump_line(i, layout_->steps[i], *layout_, options);
  }
  return text;
}

ContextLease Program::lease() const {
  std::unique_ptr<Context> context;
  {
    std::scoped_lock lock(pool_->mutex);
    if (!pool_->idle.empty()) {
      context = std::move(pool_->idle.back());
      pool_->idle.pop_back();
    }
  }
  if (context) {
    context->program_ = shared_from_this();
  } else {
    context = std::make_unique<Context>(shared_from_this());
  }
  return {context.release(), [](Context* returned) {
            // An idle context does not own its program, which owns the pool.
            const std::shared_ptr<const Program> program = std::move(returned->program_);
            std::scoped_lock lock(program->pool_->mutex);
            program->pool_->idle.emplace_back(returned);
          }};
}

ContextLease Program::lease_in(const Buffer& arena) const {
  if (arena.size() < arena_bytes()) return lease();
  return {new Context(shared_from_this(), arena), [](Context* returned) { delete returned; }};
}

Buffer Program::allocate_arena() const {
  try {
    return backend_->allocate(arena_bytes());
  } catch (const RuntimeError& error) {
    throw RuntimeError(fmt::format(
        "[program] a step takes {} for activations and scratch: {}. The largest: {}. {}{}",
        bytes_text(arena_bytes()), error.what(), layout_->largest_blocks(3), kLessMemory,
        fitting_batch()));
  }
}

// " A batch of about 120 fits.", from the share of the arena that is available; empty when none
// does.
std::string Program::fitting_batch() const {
  if (tape_.inputs.empty() || tape_.inputs[0].rank() == 0) return "";
  const double share =
      static_cast<double>(backend_->available()) / static_cast<double>(arena_bytes());
  const auto batch = static_cast<std::int64_t>(static_cast<double>(tape_.inputs[0].dim(0)) * share);
  return batch < 1 || share >= 1 ? "" : fmt::format(" A batch of about {} fits.", batch);
}

Program::Context::Context(std::shared_ptr<const Program> program)
    : Context(program, program->allocate_arena()) {}

Program::Context::Context(std::shared_ptr<const Program> program, Buffer arena)
    : program_(std::move(program)), arena_(std::move(arena)), runner_([] {}) {
  for (const Tensor& input : program_->tape_.inputs) inputs_.push_back(view_of(input));
  for (const Tensor& output : program_->tape_.outputs) outputs_.push_back(view_of(output));
  stage_ = program_->backend_->make_stage(inputs_);
  std::vector<Access> accesses;
  for (const ProgramStep& step : program_->layout_->steps) {
    Views in, out;
    for (const Tensor& input : step.node->inputs) in.push_back(view_of(input));
    for (int i = 0; i < static_cast<int>(step.node->outputs.size()); ++i) {
      out.push_back(view_of(Tensor(step.node, i)));
    }
    std::byte* scratch = arena_.data() + step.scratch_offset;
    kernels_.push_back(step.prepared.bind(in, out, scratch));
    accesses.push_back({bytes_of(in), bytes_of(out)});
    accesses.back().writes.emplace_back(scratch, step.prepared.scratch_bytes);
    if (const std::byte* shared = step.prepared.shared) {
      accesses.back().writes.emplace_back(shared, 1);
    }
  }
  runner_ = program_->backend_->make_runner(kernels_, accesses);
}

View Program::Context::view_of(const Tensor& tensor) const {
  const Place& place = program_->layout_->place(tensor);
  std::byte* data = nullptr;
  switch (place.kind) {
    case Place::arena: data = arena_.data() + place.offset; break;
    case Place::variable: data = place.owner->data_in(*program_->backend_); break;
    case Place::constant: data = program_->layout_->constants.data() + place.offset; break;
  }
  return {data, tensor.spec()};
}

void Program::Context::set_input(std::size_t i, const Array& value) {
  const TensorSpec& spec = inputs_.at(i).spec;
  if (value.shape() != spec.shape) {
    throw InvalidArgument(fmt::format("[program] input {} has shape {}, received {}", i,
                                      spec.shape.str(), value.shape().str()));
  }
  const Array converted = value.astype(spec.dtype);
  if (converted.nbytes() > 0) std::memcpy(input(i).data, converted.raw(), converted.nbytes());
}

Array Program::Context::get_output(std::size_t i) const {
  const View& view = outputs_.at(i);
  Array result(view.spec.shape, view.spec.dtype);
  program_->backend_->read(result.mutable_raw(), view.data, result.nbytes());
  return result;
}

void Program::Context::begin_run() {
  Variable::before_run(program_->layout_->read, *program_->backend_);
  if (stage_) check(stage_->submit());
}

void Program::Context::check(Status status) const {
  if (status != 0) throw DeviceError("[program] " + program_->backend_->explain(status));
}

void Program::Context::run() {
  begin_run();
  if (program_->options_.check_values) {
    run_checked();
  } else {
    check(runner_());
  }
  Variable::after_run(program_->layout_->assigned, *program_->backend_);
}

void Program::Context::run_checked() {
  const auto& steps = program_->layout_->steps;
  for (std::size_t i = 0; i < kernels_.size(); ++i) {
    const Node& node = *steps[i].node;
    if (const Status status = kernels_[i](); status != 0) {
      throw DeviceError(fmt::format("[{}] {}: {}", node.scope, node.op->name(),
                                    program_->backend_->explain(status)));
    }
    for (int k = 0; k < static_cast<int>(node.outputs.size()); ++k) {
      if (!has_nan(view_of(Tensor(steps[i].node, k)))) continue;
      throw RuntimeError(fmt::format(
          "[{}] '{}' gave NaN: the first one of the step. Look for an infinite input, a learning "
          "rate that is too large or a log of 0.",
          node.scope, node.op->name()));
    }
  }
}

std::vector<double> Program::Context::profile(int steps) {
  using Clock = std::chrono::steady_clock;
  if (steps < 1) {
    throw InvalidArgument(fmt::format("[profile] steps must be at least 1, received {}", steps));
  }
  std::vector<std::vector<double>> times(kernels_.size());
  begin_run();
  program_->backend_->synchronize();
  for (int step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      const auto start = Clock::now();
      check(kernels_[i]());
      program_->backend_->synchronize();
      times[i].push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
  }
  Variable::after_run(program_->layout_->assigned, *program_->backend_);
  std::vector<double> medians;
  for (auto& all : times) {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    medians.push_back(*middle);
  }
  return medians;
}

std::vector<Array> evaluate_tape(const Tape& tape, const BackendPtr& backend) {
  const auto program = std::make_shared<Program>(tape, backend);
  const ContextLease context = program->lease();
  context->run();
  std::vector<Array> results;
  for (std::size_t i = 0; i < tape.outputs.size(); ++i) results.push_back(context->get_output(i));
  return results;
}

}  // namespace banach
