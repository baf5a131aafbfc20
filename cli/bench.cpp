#include <cli/commands.hpp>
#include <cli/output.hpp>
#include <cli/run_options.hpp>

#include <banach/backend/backend.hpp>
#include <banach/formats/json.hpp>
#include <benchmarks/cases.hpp>
#include <benchmarks/kernel_cases.hpp>
#include <benchmarks/run_case.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <iterator>
#include <memory>

namespace banach::cli {
namespace {

struct BenchOptions {
  std::vector<std::string> names;
  RunOptions run;
  bool list = false, json = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  banach bench                 every case, a line each\n"
    "  banach bench mlp --threads 1\n"
    "  banach bench mlp --device cpu\n"
    "  banach bench kernels         every kernel beside what the machine can do\n"
    "  banach bench --list";

void list_cases(const std::vector<bench::Case>& cases) {
  for (const bench::Case& item : cases) {
    fmt::print("{:24} {:8} batch {:<6} {}{}\n", item.name,
               item.kind == bench::Kind::train ? "train" : "predict", item.batch, item.policy,
               item.needs_gpu ? ", for a GPU" : "");
  }
}

void print_result(const bench::Case& item, const bench::Result& result) {
  const double samples = item.kind == bench::Kind::train ? item.batch : item.samples;
  print(fmt::format("{:24} {:12.4f} ms {:12.4f} {:12.4f} {:14.0f}\n", item.name, result.step.median,
                    result.step.fastest, result.step.slowest, samples / result.step.median * 1e3));
}

void run_cases(const std::vector<bench::Case>& cases, bool as_json) {
  const Output output(as_json);
  Json::List results;
  if (!as_json) {
    print(fmt::format("{:24} {:>15} {:>12} {:>12} {:>14}\n", "case", "median", "fastest", "slowest",
                      "samples/s"));
  }
  for (const bench::Case& item : cases) {
    const bench::Result result = bench::run_case(item);
    if (!as_json) print_result(item, result);
    results.push_back(formats::parse_json(bench::to_json(item, result), item.name));
  }
  if (as_json) output.print(Json::dict({{"cases", std::move(results)}}));
}

std::vector<bench::Case> choose(const std::vector<bench::Case>& cases,
                                const std::vector<std::string>& names) {
  std::vector<bench::Case> chosen;
  if (names.empty()) {
    const bool on_host = default_backend()->is_host();
    std::ranges::copy_if(cases, std::back_inserter(chosen),
                         [&](const bench::Case& item) { return !(on_host && item.needs_gpu); });
  }
  for (const std::string& name : names) chosen.push_back(bench::find_case(cases, name));
  return chosen;
}

void run(const BenchOptions& options) {
  const DeviceScope device = apply(options.run);
  const std::vector<bench::Case> cases = bench::read_cases();
  if (options.list) return list_cases(cases);
  run_cases(choose(cases, options.names), options.json);
}

}  // namespace

void add_bench(Command app) {
  const auto options = std::make_shared<BenchOptions>();
  const Command bench =
      app.add_command("bench", "Time training steps and predictions on this machine");
  bench.add_option("CASE", options->names, "Cases to run; all without any (see --list)");
  add_run_options(bench, options->run);
  bench.add_flag("--list", options->list, "Name the cases and run none");
  bench.add_flag("--json", options->json, "One JSON object on stdout");
  bench.footer(kFooter);
  const Command kernels = bench.add_command("kernels", "Time the kernels beside their bounds");
  kernels.callback([] { fmt::print("{}", bench::profile_kernels().str()); });
  bench.callback([options, kernels] {
    if (kernels.parsed()) return;
    run(*options);
  });
}

}  // namespace banach::cli
