#include <banach/core/errors.hpp>
#include <banach/graph/op.hpp>
#include <banach/graph/tensor.hpp>

#include <atomic>
#include <fmt/format.h>

namespace banach {
namespace {

std::string& current_scope() {
  thread_local std::string scope;
  return scope;
}

}  // namespace

const TensorSpec& Tensor::spec() const {
  if (!node_) throw InvalidArgument("[Tensor] an empty tensor has no shape");
  return node_->outputs[static_cast<std::size_t>(index_)];
}

const Op& Tensor::op() const { return *node_->op; }

NameScope::NameScope(const std::string& name) : previous_(current_scope()) {
  current_scope() = previous_.empty() ? name : previous_ + "/" + name;
}

NameScope::NameScope(const std::string& scope, Exact) : previous_(current_scope()) {
  current_scope() = scope;
}

NameScope::~NameScope() { current_scope() = previous_; }

const std::string& NameScope::current() { return current_scope(); }

std::string NameScope::tag() { return current().empty() ? "" : "[" + current() + "] "; }

Tensors Op::vjp(const Tensors&, const Tensors&, const Tensors&) const {
  throw NotSupported(fmt::format("{}the op '{}' has no gradient", NameScope::tag(), name()));
}

Tensors Op::lower(const Tensors&) const { return {}; }

namespace {

void check_not_symbolic(const Op& op, const Tensors& inputs) {
  if (op.is_symbolic()) return;
  for (const Tensor& input : inputs) {
    if (!input || !input.op().is_symbolic()) continue;
    throw InvalidArgument(fmt::format(
        "{}the op '{}' received a tensor of a functional model, which only layers take: use a "
        "layer, such as Add, Multiply or Concatenate, or one of your own",
        NameScope::tag(), op.name()));
  }
}

}  // namespace

Tensors add_node(std::shared_ptr<const Op> op, Tensors inputs) {
  check_not_symbolic(*op, inputs);
  static std::atomic<std::uint64_t> next_id{1};
  auto node = std::make_shared<Node>();
  node->outputs = op->infer(inputs);
  node->op = std::move(op);
  node->inputs = std::move(inputs);
  node->scope = NameScope::current();
  node->id = next_id.fetch_add(1, std::memory_order_relaxed);
  Tensors outputs;
  for (int i = 0; i < static_cast<int>(node->outputs.size()); ++i) outputs.emplace_back(node, i);
  return outputs;
}

}  // namespace banach
