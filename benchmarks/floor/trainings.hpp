#pragma once

#include <benchmarks/floor/loops.hpp>

#include <functional>
#include <map>
#include <string>

namespace banach::bench {

/// Steps of a net, and what it has learned: mean loss and accuracy of the last step.
struct Training {
  std::function<void()> run;
  std::function<Score()> score;
};

/// The training cases by name; each makes its net for so many threads.
const std::map<std::string, Training (*)(int threads)>& trainings();

}  // namespace banach::bench
