#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/graph/variable.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fmt/format.h>
#include <mutex>
#include <vector>

namespace banach {
namespace {

// What a variable holds, in the memory of a device.
struct DeviceCopy {
  const MemorySpace* space;
  Buffer storage;
  bool is_current;
};

std::mutex copies_mutex;  // guards the copies of all variables
std::atomic<bool> any_copies = false;

}  // namespace

struct Variable::Cell {
  std::string name;
  Shape shape;
  DType dtype = float32;
  bool trainable = true;
  bool initialized = false;
  Buffer storage;
  std::vector<DeviceCopy> copies;  // of one of them and of the storage, at least one is current
  bool is_current = true;          // the storage

  DeviceCopy* copy_in(const MemorySpace& space) {
    const auto copy = std::ranges::find(copies, &space, &DeviceCopy::space);
    return copy == copies.end() ? nullptr : &*copy;
  }
  // Brings the storage up to date.
  void fetch() {
    if (is_current) return;
    const auto newest = std::ranges::find(copies, true, &DeviceCopy::is_current);
    newest->space->read(storage.data(), newest->storage.data(), storage.size());
    is_current = true;
  }
  void set_written(const DeviceCopy* where) {
    is_current = where == nullptr;
    for (DeviceCopy& copy : copies) copy.is_current = &copy == where;
  }
};

Variable::Variable() : cell_(std::make_shared<Cell>()) {}

Variable::Variable(std::string name, Array initial_value, bool trainable) : Variable() {
  initialize(std::move(name), std::move(initial_value), trainable);
}

void Variable::initialize(std::string name, Array value, bool trainable) {
  constexpr std::size_t kLarge = std::size_t{1} << 24;  // worth no second copy
  if (value.nbytes() >= kLarge && value.buffer().is_exclusive()) {
    return initialize_over(std::move(name), value.shape(), value.dtype(), value.buffer(),
                           trainable);
  }
  initialize_over(std::move(name), value.shape(), value.dtype(),
                  Buffer::allocate_lasting(value.nbytes()), trainable);
  assign(value);
}

void Variable::initialize_over(std::string name, const Shape& shape, DType dtype, Buffer storage,
                               bool trainable) {
  if (cell_->initialized) {
    throw InvalidArgument(fmt::format("[{}] the variable has a value already", cell_->name));
  }
  *cell_ = {std::move(name), shape, dtype, trainable, true, std::move(storage), {}, true};
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

std::byte* Variable::data() const {
  if (any_copies) {
    const std::scoped_lock lock(copies_mutex);
    cell_->fetch();
  }
  return cell().storage.data();
}

void Variable::written_in_place() {
  if (!any_copies) return;
  const std::scoped_lock lock(copies_mutex);
  cell_->set_written(nullptr);
}

std::byte* Variable::data_in(const MemorySpace& space) const {
  if (space.is_host()) return cell().storage.data();
  const std::scoped_lock lock(copies_mutex);
  any_copies = true;
  if (const DeviceCopy* copy = cell_->copy_in(space)) return copy->storage.data();
  cell_->copies.push_back({&space, space.allocate(cell().storage.size()), false});
  return cell_->copies.back().storage.data();
}

void Variable::before_run(std::span<const Variable> read, const MemorySpace& space) {
  if (!any_copies) return;
  const std::scoped_lock lock(copies_mutex);
  for (const Variable& variable : read) {
    Cell& cell = *variable.cell_;
    DeviceCopy* copy = cell.copy_in(space);
    if (copy != nullptr && copy->is_current) continue;
    cell.fetch();
    if (copy == nullptr) continue;
    space.write(copy->storage.data(), cell.storage.data(), cell.storage.size());
    copy->is_current = true;
  }
}

void Variable::after_run(std::span<const Variable> written, const MemorySpace& space) {
  if (!any_copies) return;
  const std::scoped_lock lock(copies_mutex);
  for (const Variable& variable : written) {
    variable.cell_->set_written(variable.cell_->copy_in(space));
  }
}

Array Variable::value() const {
  data();
  return Array(cell().shape, cell().dtype, cell().storage).copy();
}

void Variable::assign(const Array& value) {
  if (value.shape() != cell().shape) {
    throw InvalidArgument(fmt::format("[{}] expected a value of shape {}, received {}", name(),
                                      shape().str(), value.shape().str()));
  }
  const Array converted = value.astype(dtype());
  if (converted.size() > 0) {
    std::memcpy(cell().storage.data(), converted.raw(), converted.nbytes());
  }
  written_in_place();
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
