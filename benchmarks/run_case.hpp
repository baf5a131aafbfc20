#pragma once

#include <benchmarks/cases.hpp>
#include <benchmarks/measure.hpp>

#include <optional>
#include <string>

namespace banach::bench {

/// What banach needs for a case.
struct Result {
  Timing step;                ///< one training step on a batch in place, or one predict()
  std::optional<double> fit;  ///< milliseconds of a step of fit(), which gathers its batches
  std::size_t arena_bytes = 0, kernels = 0;
};

/// Models are kept for when a case comes again. NotSupported for what this banach cannot run.
Result run_case(const Case& item);

/// The result as a line of JSON, with the case, the threads and the process's peak memory.
std::string to_json(const Case& item, const Result& result);

}  // namespace banach::bench
