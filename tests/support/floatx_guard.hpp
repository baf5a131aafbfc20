#pragma once

#include <banach/nn/floatx.hpp>

namespace banach::testing {

/// config::floatx() is this dtype until the end of the scope.
class FloatxGuard {
 public:
  explicit FloatxGuard(DType dtype) : before_(config::floatx()) { config::set_floatx(dtype); }
  ~FloatxGuard() { config::set_floatx(before_); }
  FloatxGuard(const FloatxGuard&) = delete;
  FloatxGuard& operator=(const FloatxGuard&) = delete;

 private:
  DType before_;
};

}  // namespace banach::testing
