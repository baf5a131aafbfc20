#include <banach/core/errors.hpp>
#include <banach/nn/dtype_policy.hpp>
#include <banach/nn/floatx.hpp>
#include <banach/nn/serialization.hpp>

#include <fmt/format.h>
#include <mutex>
#include <optional>

namespace banach {
namespace {

std::string mixed_name(DType half) { return fmt::format("mixed_{}", name_of(half)); }

struct Global {
  std::mutex mutex;
  std::optional<DTypePolicy> policy;
};

Global& global() {
  static Global value;
  return value;
}

}  // namespace

DTypePolicy::DTypePolicy(DType dtype) : compute_dtype_(dtype), variable_dtype_(dtype) {
  if (!is_floating(dtype)) {
    throw InvalidArgument(
        fmt::format("[DTypePolicy] expected a floating-point dtype, received {}", name_of(dtype)));
  }
}

DTypePolicy::DTypePolicy(const std::string& name) {
  for (const DType half : {bfloat16, float16}) {
    if (name == mixed_name(half)) {
      compute_dtype_ = half;
      return;
    }
  }
  try {
    *this = DTypePolicy(dtype_from_name(name));
  } catch (const InvalidArgument&) {
    throw InvalidArgument(
        fmt::format("[DTypePolicy] expected float32, float64, bfloat16, float16, mixed_bfloat16 or "
                    "mixed_float16, received '{}'",
                    name));
  }
}

std::string DTypePolicy::name() const {
  return compute_dtype_ == variable_dtype_ ? std::string(name_of(compute_dtype_))
                                           : mixed_name(compute_dtype_);
}

Json to_json(const DTypePolicy& policy) {
  return serialized("keras", "DTypePolicy", Json::dict({{"name", policy.name()}}));
}

void from_json(const Json& json, DTypePolicy& policy) {
  const SerializedObject object = parse_serialized(json, "a dtype policy");
  const Json* name = object.config.find("name");
  policy = DTypePolicy(name == nullptr ? object.class_name : name->as_string());
}

namespace config {

DTypePolicy dtype_policy() {
  std::scoped_lock lock(global().mutex);
  return global().policy.value_or(DTypePolicy(floatx()));
}

void set_dtype_policy(const DTypePolicy& policy) {
  std::scoped_lock lock(global().mutex);
  global().policy = policy;
}

}  // namespace config
}  // namespace banach
