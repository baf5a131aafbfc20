#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/graph/variable.hpp>

#include <cstring>
#include <fmt/format.h>

namespace banach {

struct Variable::Cell {
  std::string name;
  Shape shape;
  DType dtype = float32;
  bool trainable = true;
  bool initialized = false;
  Buffer storage;
};

Variable::Variable() : cell_(std::make_shared<Cell>()) {}

Variable::Variable(std::string name, const Array& initial_value, bool trainable) : Variable() {
  initialize(std::move(name), initial_value, trainable);
}

void Variable::initialize(std::string name, const Array& value, bool trainable) {
  initialize_over(std::move(name), value.shape(), value.dtype(),
                  Buffer::allocate_lasting(value.nbytes()), trainable);
  assign(value);
}

void Variable::initialize_over(std::string name, const Shape& shape, DType dtype, Buffer storage,
                               bool trainable) {
  if (cell_->initialized) {
    throw InvalidArgument(fmt::format("[{}] the variable has a value already", cell_->name));
  }
  *cell_ = {std::move(name), shape, dtype, trainable, true, std::move(storage)};
}

const Variable::Cell& Variable::cell() const {
  if (!cell_->initialized) {
    throw RuntimeError("the variable has no value yet: build its layer first");
  }
  return *cell_;
}

bool Variable::is_initialized() const { return cell_->initialized; }
const std::string& Variable::name() const { return cell_->name; }
void Variable::rename(std::string name) { cell_->name = std::move(name); }
const Shape& Variable::shape() const { return cell().shape; }
DType Variable::dtype() const { return cell().dtype; }
bool Variable::trainable() const { return cell_->trainable; }
void Variable::set_trainable(bool trainable) { cell_->trainable = trainable; }
std::byte* Variable::data() const { return cell().storage.data(); }

Array Variable::value() const { return Array(cell().shape, cell().dtype, cell().storage).copy(); }

void Variable::assign(const Array& value) {
  if (value.shape() != cell().shape) {
    throw InvalidArgument(fmt::format("[{}] expected a value of shape {}, received {}", name(),
                                      shape().str(), value.shape().str()));
  }
  const Array converted = value.astype(dtype());
  if (converted.size() > 0) std::memcpy(data(), converted.raw(), converted.nbytes());
}

Tensor Variable::tensor() const {
  if (Tape* tape = Tape::current()) return tape->read(*this);
  return make_node<VariableOp>({}, *this);
}

void Variable::assign(const Tensor& value) const {
  Tape* tape = Tape::current();
  if (tape == nullptr) {
    throw RuntimeError(fmt::format("[{}] a tensor can be assigned only inside call()", name()));
  }
  tape->assign(*this, value);
}

}  // namespace banach
