#pragma once

#include <banach/core/dtype.hpp>
#include <banach/core/shape.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace banach {

class Op;
class Tensor;
struct Node;
using Tensors = std::vector<Tensor>;
using NodePtr = std::shared_ptr<const Node>;

/// What is known of a value before it exists.
struct TensorSpec {
  Shape shape;
  DType dtype = float32;
  std::size_t bytes() const { return static_cast<std::size_t>(shape.size()) * size_of(dtype); }
};

/// A handle to one output of an immutable Node; never holds data. An empty Tensor stands for
/// "none", such as a gradient that does not flow.
class Tensor {
 public:
  Tensor() = default;
  Tensor(NodePtr node, int index) : node_(std::move(node)), index_(index) {}

  explicit operator bool() const { return node_ != nullptr; }
  const Node& node() const { return *node_; }
  const NodePtr& node_ptr() const { return node_; }
  int index() const { return index_; }

  const TensorSpec& spec() const;
  const Shape& shape() const { return spec().shape; }
  DType dtype() const { return spec().dtype; }
  int rank() const { return shape().rank(); }
  std::int64_t dim(int axis) const { return shape()[axis]; }
  const Op& op() const;

  auto operator<=>(const Tensor&) const = default;  ///< identity of node and output

 private:
  NodePtr node_;
  int index_ = 0;
};

/// One operation of the graph. Ids grow in the order of creation, so sorting by id is a schedule.
struct Node {
  std::shared_ptr<const Op> op;
  Tensors inputs;
  std::vector<TensorSpec> outputs;
  std::string scope;  ///< the layer that made it, for messages and dumps
  std::uint64_t id = 0;
};

/// The op as the class it is; null when it is another one.
template <class T>
const T* op_cast(const Node& node) {
  return dynamic_cast<const T*>(node.op.get());
}

/// Names the layer that traces; nested scopes join with '/'.
class NameScope {
 public:
  explicit NameScope(const std::string& name);
  /// Exactly this scope, whatever is around it: for passes that rebuild a layer's nodes.
  static NameScope exact(const std::string& scope) { return NameScope(scope, Exact()); }
  ~NameScope();
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

  /// "mnist/dense_1", empty outside any scope.
  static const std::string& current();
  /// "[mnist/dense_1] ", the beginning of an error's text.
  static std::string tag();

 private:
  struct Exact {};
  NameScope(const std::string& scope, Exact);

  std::string previous_;
};

}  // namespace banach
