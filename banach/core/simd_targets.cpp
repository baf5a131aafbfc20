#include <banach/core/simd_targets.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <hwy/targets.h>

namespace banach {
namespace {

// What hwy/detect_targets.h and the HWY_BEFORE_NAMESPACE of a target promise to the compiler, but
// for what each processor with AVX2 has (F16C).
std::int64_t targets_of_machine() {
  std::int64_t targets = HWY_STATIC_TARGET;
#if HWY_ARCH_X86
  const bool sse4 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") &&
                    __builtin_cpu_supports("pclmul");
  const bool avx2 = sse4 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool avx3 = avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512bw");
  if (sse4) targets |= HWY_SSE4;
  if (avx2) targets |= HWY_AVX2;
  if (avx3) targets |= HWY_AVX3;
#endif
  return targets & HWY_TARGETS;
}

std::atomic<std::int64_t> only_target = 0;

}  // namespace

std::vector<std::int64_t> simd_targets() {
  std::vector<std::int64_t> list;
  for (std::int64_t rest = targets_of_machine(); rest != 0; rest &= rest - 1) {
    list.push_back(rest & -rest);  // the lowest bit is the best of them
  }
  return list;
}

std::string simd_target_name() {
  const std::int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  std::string name = hwy::TargetName(targets & -targets);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

void use_simd_target(std::int64_t target) {
  only_target = target;
  hwy::GetChosenTarget().DeInit();
}

}  // namespace banach

// What Highway's headers declare and libhwy.so would define.
namespace hwy {

ChosenTarget& GetChosenTarget() {
  static ChosenTarget target;
  return target;
}

std::int64_t SupportedTargets() {
  const std::int64_t only = banach::only_target;
  return only != 0 ? only : banach::targets_of_machine();
}

// Called by assertions of debug builds alone.
void Abort(const char* file, int line, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  std::fprintf(stderr, "%s:%d: ", file, line);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::abort();
}

}  // namespace hwy
