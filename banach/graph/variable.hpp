#pragma once

#include <banach/core/array.hpp>
#include <banach/core/memory_space.hpp>
#include <banach/graph/tensor.hpp>

#include <memory>
#include <span>
#include <string>

namespace banach {

/// A weight or a piece of state that owns its storage. Copies are handles to the same variable, so
/// every model that uses a layer shares its weights. Default-constructed it is empty until a layer
/// fills it with add_weight.
class Variable {
 public:
  Variable();
  Variable(std::string name, Array initial_value, bool trainable = true);

  /// Gives an empty variable its storage; InvalidArgument when it has one already. Large values
  /// that nobody else holds become the storage.
  void initialize(std::string name, Array value, bool trainable);
  /// The same over storage that exists, such as a slice of an arena.
  void initialize_over(std::string name, const Shape& shape, DType dtype, Buffer storage,
                       bool trainable = false);
  bool is_initialized() const;

  const std::string& name() const;
  void rename(std::string name);
  const Shape& shape() const;
  DType dtype() const;
  std::int64_t size() const { return shape().size(); }
  bool trainable() const;
  void set_trainable(bool trainable);

  Array value() const;              ///< a copy of the stored value
  void assign(const Array& value);  ///< InvalidArgument when the shape differs

  /// The value inside a trace: what the variable holds, or what was assigned on this tape before.
  Tensor tensor() const;
  operator Tensor() const { return tensor(); }
  /// On the current tape: the variable holds `value` once the step is over.
  void assign(const Tensor& value) const;

  /// The storage, in the host's memory. Whoever writes there tells written_in_place().
  std::byte* data() const;
  void written_in_place();

  /// The storage that prepared kernels point to: data() in the host's memory, else a copy in that
  /// of a device, made when it is asked for first. `space` must outlive the variable.
  std::byte* data_in(const MemorySpace& space) const;
  /// Around a run in `space`: values that were written elsewhere are brought there before, and
  /// those elsewhere are old after it. Free of cost as long as no variable has a copy.
  static void before_run(std::span<const Variable> read, const MemorySpace& space);
  static void after_run(std::span<const Variable> written, const MemorySpace& space);

  bool operator==(const Variable& other) const { return cell_ == other.cell_; }
  const void* id() const { return cell_.get(); }

 private:
  struct Cell;
  const Cell& cell() const;
  std::shared_ptr<Cell> cell_;
};

}  // namespace banach
