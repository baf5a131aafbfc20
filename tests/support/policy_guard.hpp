#pragma once

#include <banach/nn/dtype_policy.hpp>

namespace banach::testing {

/// config::dtype_policy() is this policy until the end of the scope.
class PolicyGuard {
 public:
  explicit PolicyGuard(const DTypePolicy& policy) : before_(config::dtype_policy()) {
    config::set_dtype_policy(policy);
  }
  ~PolicyGuard() { config::set_dtype_policy(before_); }
  PolicyGuard(const PolicyGuard&) = delete;
  PolicyGuard& operator=(const PolicyGuard&) = delete;

 private:
  DTypePolicy before_;
};

}  // namespace banach::testing
