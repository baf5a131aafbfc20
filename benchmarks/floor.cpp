// The floor: the cases of cases.json with the same arithmetic, fused by hand from bare oneDNN
// primitives and plain loops. Nothing here is general; what banach needs above it is the engine's.
// Prints one JSON line for each case that is named as an argument or, without arguments, on
// standard input.
#include <benchmarks/floor/kit.hpp>
#include <benchmarks/floor/predictions.hpp>
#include <benchmarks/floor/trainings.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <iostream>
#include <map>
#include <utility>
#include <vector>

#include <omp.h>

using namespace banach::bench;

namespace {

// The net of a case on so many threads, made once.
template <class Net>
const Net& kept(const std::string& name, int threads, Net (*make)(int threads)) {
  static std::map<std::pair<std::string, int>, Net> nets;
  const auto key = std::pair(name, threads);
  if (!nets.contains(key)) nets.emplace(key, make(threads));
  return nets.at(key);
}

// The numbers of threads that are worth a try: all and one, until one has been much slower.
std::vector<int>& worth_a_try(const std::string& name) {
  static std::map<std::string, std::vector<int>> counts;
  return counts.try_emplace(name, std::vector{omp_get_max_threads(), 1}).first->second;
}

// The members of the JSON line; make_step(threads) gives the step to time.
template <class MakeStep>
std::string time_best(const std::string& name, const MakeStep& make_step) {
  std::map<int, Timing> timings;
  for (const int threads : worth_a_try(name)) timings[threads] = measure(make_step(threads));
  const auto& [threads, timing] =
      *std::ranges::min_element(timings, {}, [](const auto& found) { return found.second.median; });
  std::erase_if(worth_a_try(name),
                [&](int other) { return timings.at(other).median > 1.7 * timing.median; });
  return fmt::format(R"("threads": {}, {})", threads, to_json(timing));
}

std::string run_training(const std::string& name, Training (*make)(int threads)) {
  const Training* last = nullptr;
  const std::string members = time_best(name, [&](int threads) {
    last = &kept(name, threads, make);
    return last->run;
  });
  const Score score = last->score();
  return fmt::format(R"({}, "loss": {:.4f}, "accuracy": {:.4f})", members, score.loss,
                     score.correct);
}

std::string run_prediction(const std::string& name, std::function<void()> (*make)(int threads)) {
  return time_best(name, [&](int threads) { return kept(name, threads, make); });
}

std::string run_case(const std::string& name) {
  if (name == "tutorial_bf16" && !has_bfloat16()) {
    return R"("not_supported": "this processor has no bfloat16 instructions")";
  }
  if (const auto found = trainings().find(name); found != trainings().end()) {
    return run_training(name, found->second);
  }
  if (const auto found = predictions().find(name); found != predictions().end()) {
    return run_prediction(name, found->second);
  }
  return R"("not_supported": "the floor has no such case")";
}

void print_case(const std::string& name) {
  fmt::print(R"({{"runner": "floor", "case": "{}", {}}})"
             "\n",
             name, run_case(name));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) print_case(argv[i]);
  for (std::string name; argc == 1 && std::getline(std::cin, name);) print_case(name);
}
