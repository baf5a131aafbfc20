// What a program pays before its first answer: builds the tutorial's network, or loads it from a
// file, asks it for one image and ends. Prints the process's peak memory in megabytes.
//   bench_first_prediction            with new weights
//   bench_first_prediction FILE       loaded from it
//   bench_first_prediction save FILE  writes that file instead
#include <banach/io/saving.hpp>
#include <benchmarks/cases.hpp>
#include <benchmarks/measure.hpp>

#include <fmt/core.h>
#include <string_view>

using namespace banach;

namespace {

std::shared_ptr<Model> new_model() {
  const std::vector<bench::Case> cases = bench::read_cases();
  return bench::make_model(bench::find_case(cases, "tutorial_predict"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "save") {
    saving::save_model(*new_model(), argv[2]);
    return 0;
  }
  const auto model = argc > 1 ? saving::load_model(argv[1]) : new_model();
  const Array y = model->predict(Array({1, 28, 28, 1}));
  fmt::print("{:.1f}\n", bench::peak_megabytes());
  return y.size() == 10 ? 0 : 1;
}
