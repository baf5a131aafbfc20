#pragma once

#include <banach/core/dtype.hpp>
#include <banach/core/json.hpp>

#include <string>

namespace banach {

/// What a layer computes in and what it keeps its weights in. "mixed_bfloat16" and "mixed_float16"
/// compute in bfloat16 and float16 with float32 weights; any other policy is one dtype for both.
/// float16's gradients need a scaled loss, which compile() sees to. Keras: dtype_policies.
class DTypePolicy {
 public:
  DTypePolicy(DType dtype);              ///< InvalidArgument when it is not floating-point
  DTypePolicy(const std::string& name);  ///< the same for an unknown name
  DTypePolicy(const char* name) : DTypePolicy(std::string(name)) {}

  std::string name() const;  ///< "float32", "mixed_bfloat16", ...
  DType compute_dtype() const { return compute_dtype_; }
  DType variable_dtype() const { return variable_dtype_; }

 private:
  DType compute_dtype_ = float32, variable_dtype_ = float32;
};

Json to_json(const DTypePolicy& policy);
void from_json(const Json& json, DTypePolicy& policy);  ///< a name or a serialized DTypePolicy

namespace config {

/// The policy of layers made from now on: floatx() unless one was set.
DTypePolicy dtype_policy();
void set_dtype_policy(const DTypePolicy& policy);

}  // namespace config

/// Keras' older names for the same.
namespace mixed_precision {

inline DTypePolicy global_policy() { return config::dtype_policy(); }
inline void set_global_policy(const DTypePolicy& policy) { config::set_dtype_policy(policy); }

}  // namespace mixed_precision
}  // namespace banach
