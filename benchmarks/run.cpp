// banach's side of the benchmark: one JSON line for each case of cases.json that is named as an
// argument or, without arguments, on standard input.
#include <banach/core/errors.hpp>
#include <benchmarks/run_case.hpp>

#include <fmt/core.h>
#include <iostream>

using namespace banach;
using namespace banach::bench;

namespace {

void print_case(const std::string& name, const std::vector<Case>& cases) {
  const Case& item = find_case(cases, name);
  try {
    fmt::print("{}\n", to_json(item, run_case(item)));
  } catch (const NotSupported& error) {
    fmt::print(R"({{"runner": "banach", "case": "{}", "not_supported": "{}"}})"
               "\n",
               name, error.what());
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Case> cases = read_cases();
  for (int i = 1; i < argc; ++i) print_case(argv[i], cases);
  for (std::string name; argc == 1 && std::getline(std::cin, name);) print_case(name, cases);
}
