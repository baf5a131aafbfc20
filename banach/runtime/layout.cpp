#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>
#include <banach/core/suggest.hpp>
#include <banach/ops/shape.hpp>
#include <banach/runtime/layout.hpp>
#include <banach/runtime/plan.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace banach {
namespace {

bool runs(const Node& node) {
  const std::string name = node.op->name();
  return !node.op->is_view() && name != "input" && name != "constant" && name != "variable";
}

// "21.6 MB for fused_conv2d of conv2d, (250, 26, 26, 32)".
std::string describe(const Tensor& value) {
  const Node& node = value.node();
  const auto* input = op_cast<InputOp>(node);
  return fmt::format("{} for {}{}, {}", bytes_text(value.spec().bytes()),
                     input ? "input " + input->input_name : node.op->name(),
                     node.scope.empty() ? "" : " of " + node.scope, value.shape().str());
}

// Which steps make and read each root value.
struct Uses {
  std::map<const Node*, int> position;       // of the nodes that run
  std::map<Tensor, std::vector<int>> reads;  // root -> steps that read it
  std::map<const void*, std::vector<int>> variable_reads;
  int num_steps = 0;
};

Uses find_uses(const Tape& tape) {
  Uses uses;
  for (const NodePtr& node : tape.schedule()) {
    if (!runs(*node)) continue;
    for (const Tensor& input : node->inputs) {
      const Tensor root = root_of(input);
      uses.reads[root].push_back(uses.num_steps);
      if (const auto* read = op_cast<VariableOp>(root.node())) {
        uses.variable_reads[read->variable.id()].push_back(uses.num_steps);
      }
    }
    uses.position[node.get()] = uses.num_steps++;
  }
  return uses;
}

Prepared prepare(const Node& node, const Backend& backend) {
  const KernelRow* row = backend.find(node);
  if (row == nullptr) {
    throw NotSupported(fmt::format("[{}] the backend '{}' has no kernel for the op '{}' on {}",
                                   node.scope, backend.name(), node.op->name(),
                                   name_of(node.outputs[0].dtype)));
  }
  return row->prepare(node);
}

int in_place_input(const Prepared& prepared, int output) {
  return output < static_cast<int>(prepared.in_place.size()) ? prepared.in_place[output] : -1;
}

// Decides which assigns their kernels may write straight into the variable.
class AssignChecker {
 public:
  AssignChecker(const Uses& uses, const Backend& backend) : uses_(uses), backend_(backend) {}

  // Everybody who reads the old value runs before the kernel that makes the new one, or is that
  // kernel itself, working in place.
  bool writes_in_place(const Assign& assign) {
    const Tensor value = root_of(assign.value);
    const auto maker = uses_.position.find(&value.node());
    if (maker == uses_.position.end()) return false;
    const auto reads = uses_.variable_reads.find(assign.variable.id());
    if (reads == uses_.variable_reads.end()) return true;
    return std::ranges::all_of(reads->second, [&](int reader) {
      return reader == maker->second ? overwrites(value, assign.variable) : reader < maker->second;
    });
  }

 private:
  bool overwrites(const Tensor& value, const Variable& variable) {
    const auto [prepared, is_new] = prepared_.try_emplace(&value.node());
    if (is_new) prepared->second = prepare(value.node(), backend_);
    const int input = in_place_input(prepared->second, value.index());
    if (input < 0) return false;
    const Tensor overwritten = root_of(value.node().inputs[static_cast<std::size_t>(input)]);
    const auto* read = op_cast<VariableOp>(overwritten.node());
    return read != nullptr && read->variable == variable;
  }

  const Uses& uses_;
  const Backend& backend_;
  std::map<const Node*, Prepared> prepared_;
};

// Assigns the arena's blocks: lifetimes, sharing where a kernel works in place, then the plan.
class ArenaPlanner {
 public:
  ArenaPlanner(const Tape& tape, const Uses& uses, ProgramLayout& layout)
      : tape_(tape), uses_(uses), layout_(layout) {}

  void plan() {
    for (const Tensor& input : tape_.inputs) new_block(input, 0, uses_.num_steps);
    for (const Tensor& output : tape_.outputs) kept_.insert(root_of(output));
    for (int i = 0; i < uses_.num_steps; ++i) add_step(i);
    const MemoryPlan plan = plan_memory(lifetimes_);
    for (const auto& [value, block] : blocks_) {
      layout_.places[value] = {Place::arena, plan.offsets[block], nullptr};
    }
    for (const auto& [step, block] : scratch_) {
      layout_.steps[step].scratch_offset = plan.offsets[block];
    }
    layout_.arena_bytes = plan.bytes;
  }

 private:
  int last_use(const Tensor& value, int made) const {
    if (kept_.contains(value)) return uses_.num_steps;
    const auto reads = uses_.reads.find(value);
    return reads == uses_.reads.end() ? made : std::max(made, reads->second.back());
  }

  void new_block(const Tensor& value, int first, int last) {
    constexpr std::size_t kMost = std::size_t{1} << 47;  // so that no sum of blocks overflows
    const std::size_t bytes = value.spec().bytes();
    if (bytes > kMost) {
      throw RuntimeError(
          fmt::format("[program] no memory holds {}. {}", describe(value), kLessMemory));
    }
    blocks_[value] = lifetimes_.size();
    lifetimes_.push_back({bytes, first, last});
  }

  void add_step(int i) {
    const ProgramStep& step = layout_.steps[static_cast<std::size_t>(i)];
    for (int output = 0; output < static_cast<int>(step.node->outputs.size()); ++output) {
      const Tensor value(step.node, output);
      if (!layout_.places.contains(value) && !share(step, value, i)) {
        new_block(value, i, last_use(value, i));
      }
    }
    if (step.prepared.scratch_bytes > 0) {
      scratch_.emplace_back(i, lifetimes_.size());
      lifetimes_.push_back({step.prepared.scratch_bytes, i, i});
    }
  }

  // Puts an output on an input that dies here, if the kernel allows it.
  bool share(const ProgramStep& step, const Tensor& value, int i) {
    const int index = in_place_input(step.prepared, value.index());
    if (index < 0) return false;
    const Tensor input = root_of(step.node->inputs[static_cast<std::size_t>(index)]);
    const auto block = blocks_.find(input);
    const bool is_input = op_cast<InputOp>(input.node()) != nullptr;
    if (block == blocks_.end() || is_input || last_use(input, -1) != i) return false;
    Lifetime& lifetime = lifetimes_[block->second];
    if (lifetime.bytes != value.spec().bytes()) return false;
    lifetime.last = std::max(lifetime.last, last_use(value, i));
    blocks_[value] = block->second;
    return true;
  }

  const Tape& tape_;
  const Uses& uses_;
  ProgramLayout& layout_;
  std::set<Tensor> kept_;
  std::map<Tensor, std::size_t> blocks_;
  std::vector<Lifetime> lifetimes_;
  std::vector<std::pair<int, std::size_t>> scratch_;
};

void place_fixed_values(const Tape& tape, const Backend& backend, ProgramLayout& layout) {
  std::size_t constant_bytes = 0;
  std::vector<std::pair<const ConstantOp*, std::size_t>> constants;
  for (const NodePtr& node : tape.schedule()) {
    if (const auto* read = op_cast<VariableOp>(*node)) {
      layout.places[Tensor(node, 0)] = {Place::variable, 0, &read->variable};
      layout.read.push_back(read->variable);
    } else if (const auto* constant = op_cast<ConstantOp>(*node)) {
      layout.places[Tensor(node, 0)] = {Place::constant, constant_bytes, nullptr};
      constants.emplace_back(constant, constant_bytes);
      constant_bytes += (constant->value.nbytes() + 63) / 64 * 64;
    }
  }
  for (const Assign& assign : tape.assigns) {
    layout.places[root_of(assign.value)] = {Place::variable, 0, &assign.variable};
    layout.assigned.push_back(assign.variable);
  }
  layout.constants = backend.allocate(constant_bytes);
  for (const auto& [constant, offset] : constants) {
    const Array& value = constant->value;
    backend.write(layout.constants.data() + offset, value.raw(), value.nbytes());
  }
}

}  // namespace

Tensor root_of(const Tensor& tensor) {
  Tensor root = tensor;
  while (root.node().op->is_view()) {
    const Tensor next = root.node().inputs[0];
    root = next;
  }
  return root;
}

const Place& ProgramLayout::place(const Tensor& tensor) const { return places.at(root_of(tensor)); }

std::string ProgramLayout::largest_blocks(std::size_t count) const {
  std::map<std::size_t, Tensor> blocks;  // by offset, the largest
  for (const auto& [value, place] : places) {
    if (place.kind != Place::arena) continue;
    Tensor& block = blocks[place.offset];
    if (!block || block.spec().bytes() < value.spec().bytes()) block = value;
  }
  std::vector<Tensor> values;
  for (const auto& [offset, value] : blocks) values.push_back(value);
  std::ranges::stable_sort(values, std::greater(),
                           [](const Tensor& value) { return value.spec().bytes(); });
  std::vector<std::string> texts;
  for (const Tensor& value : std::span(values).first(std::min(count, values.size()))) {
    texts.push_back(describe(value));
  }
  return join(texts, "; ");
}

Tape settle_assigns(Tape tape, const Backend& backend) {
  for (bool settled = false; !settled;) {
    settled = true;
    const Uses uses = find_uses(tape);
    AssignChecker checker(uses, backend);
    std::set<Tensor> taken;
    for (const Tensor& output : tape.outputs) taken.insert(root_of(output));
    for (Assign& assign : tape.assigns) {
      const bool own = taken.insert(root_of(assign.value)).second;
      if (own && checker.writes_in_place(assign)) continue;
      assign.value = ops::copy(assign.value);
      settled = false;
    }
  }
  return tape;
}

ProgramLayout lay_out(const Tape& tape, const Backend& backend) {
  ProgramLayout layout;
  for (const NodePtr& node : tape.schedule()) {
    if (runs(*node)) layout.steps.push_back({node, prepare(*node, backend), 0});
  }
  place_fixed_values(tape, backend, layout);
  ArenaPlanner(tape, find_uses(tape), layout).plan();
  return layout;
}

}  // namespace banach
