#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace banach::bench {

/// Milliseconds of one step, over repetitions of several steps each.
struct Timing {
  double median = 0, fastest = 0, slowest = 0;
  int repetitions = 0;
};

double median(std::vector<double> values);

/// Times step(): warms up for 200 ms, until threads have found their processors, then takes
/// `repetitions` measurements of at least `milliseconds` each. finish() waits for a device that is
/// only told to make its steps.
template <class Step>
Timing measure(
    const Step& step, int repetitions = 5, double milliseconds = 100,
    const std::function<void()>& finish = [] {}) {
  using Clock = std::chrono::steady_clock;
  const auto run = [&](int steps) {
    const auto start = Clock::now();
    for (int i = 0; i < steps; ++i) step();
    finish();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  };
  for (double spent = run(2); spent < 200;) spent += run(1);
  int steps = 1;
  double taken = run(steps);
  while (taken < milliseconds / 4) taken = run(steps *= 2);
  steps = std::max(1, static_cast<int>(std::ceil(milliseconds * steps / taken)));
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) times.push_back(run(steps) / steps);
  std::ranges::sort(times);
  return {times[times.size() / 2], times.front(), times.back(), repetitions};
}

/// `"median_ms": 1.5, ...`: the members of a JSON line.
std::string to_json(const Timing& timing);

/// The most memory this process has had, in megabytes.
double peak_megabytes();

}  // namespace banach::bench
