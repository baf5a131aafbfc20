// The floor: the cases of cases.json with the same arithmetic, fused by hand from bare oneDNN
// primitives and plain loops. Nothing here is general; what banach needs above it is the engine's.
// Prints one JSON line for each case that is named as an argument or, without arguments, on
// standard input.
#include <benchmarks/floor/kit.hpp>
#include <benchmarks/floor/predictions.hpp>
#include <benchmarks/floor/trainings.hpp>
#include <benchmarks/measure.hpp>

#include <fmt/core.h>
#include <iostream>
#include <map>
#include <utility>

#include <omp.h>

using namespace banach::bench;

namespace {

// The faster of all threads and one.
struct Best {
  Timing timing;
  int threads = 0;

  void consider(int count, const Timing& found) {
    if (threads == 0 || found.median < timing.median) *this = {found, count};
  }
  std::string json() const { return fmt::format(R"("threads": {}, {})", threads, to_json(timing)); }
};

// The net of a case, made once.
template <class Net>
const Net& kept(const std::string& name, int threads, Net (*make)(int threads)) {
  static std::map<std::pair<std::string, int>, Net> nets;
  const auto key = std::pair(name, threads);
  if (!nets.contains(key)) nets.emplace(key, make(threads));
  return nets.at(key);
}

std::string run_training(const std::string& name, Training (*make)(int threads)) {
  Best best;
  Score score;
  for (const int threads : {omp_get_max_threads(), 1}) {
    const Training& net = kept(name, threads, make);
    best.consider(threads, measure(net.run));
    score = net.score();
  }
  return fmt::format(R"({}, "loss": {:.4f}, "accuracy": {:.4f})", best.json(), score.loss,
                     score.correct);
}

std::string run_prediction(const std::string& name, std::function<void()> (*make)(int threads)) {
  Best best;
  for (const int threads : {omp_get_max_threads(), 1}) {
    best.consider(threads, measure(kept(name, threads, make)));
  }
  return best.json();
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
