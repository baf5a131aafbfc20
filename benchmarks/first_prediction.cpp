// What a program pays before its first answer: builds the tutorial's network, asks it for one image
// and ends. Prints the process's peak memory in megabytes.
#include <benchmarks/cases.hpp>
#include <benchmarks/measure.hpp>

#include <fmt/core.h>

using namespace banach;

int main() {
  const std::vector<bench::Case> cases = bench::read_cases();
  const auto model = bench::make_model(bench::find_case(cases, "tutorial_predict"));
  const Array y = model->predict(Array({1, 28, 28, 1}));
  fmt::print("{:.1f}\n", bench::peak_megabytes());
  return y.size() == 10 ? 0 : 1;
}
