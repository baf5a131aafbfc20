#include <banach/core/errors.hpp>
#include <banach/nn/floatx.hpp>

#include <atomic>

namespace banach::config {
namespace {

std::atomic<DType>& current() {
  static std::atomic<DType> dtype = float32;
  return dtype;
}

}  // namespace

DType floatx() { return current().load(); }

void set_floatx(DType dtype) {
  if (!is_floating(dtype) || is_half(dtype)) {
    throw InvalidArgument("[set_floatx] expected float32 or float64, received " +
                          std::string(name_of(dtype)));
  }
  current().store(dtype);
}

void set_floatx(const std::string& name) { set_floatx(dtype_from_name(name)); }

}  // namespace banach::config
