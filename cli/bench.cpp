#include <cli/commands.hpp>

#include <banach/core/threads.hpp>
#include <benchmarks/cases.hpp>
#include <benchmarks/kernel_cases.hpp>
#include <benchmarks/run_case.hpp>

#include <fmt/core.h>
#include <memory>

namespace banach::cli {
namespace {

struct BenchOptions {
  std::vector<std::string> names;
  int threads = 0;
  bool list = false, json = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  banach bench                 every case, a line each\n"
    "  banach bench mlp --threads 1\n"
    "  banach bench kernels         every kernel beside what the machine can do\n"
    "  banach bench --list";

void list_cases(const std::vector<bench::Case>& cases) {
  for (const bench::Case& item : cases) {
    fmt::print("{:24} {:8} batch {:<6} {}\n", item.name,
               item.kind == bench::Kind::train ? "train" : "predict", item.batch, item.policy);
  }
}

void print_result(const bench::Case& item, const bench::Result& result, bool json) {
  if (json) {
    fmt::print("{}\n", bench::to_json(item, result));
  } else {
    const double samples = item.kind == bench::Kind::train ? item.batch : item.samples;
    fmt::print("{:24} {:12.4f} ms {:12.4f} {:12.4f} {:14.0f}\n", item.name, result.step.median,
               result.step.fastest, result.step.slowest, samples / result.step.median * 1e3);
  }
  std::fflush(stdout);
}

void run_cases(const std::vector<bench::Case>& cases, const BenchOptions& options) {
  std::vector<bench::Case> chosen;
  for (const std::string& name : options.names) chosen.push_back(bench::find_case(cases, name));
  if (!options.json) {
    fmt::print("{:24} {:>15} {:>12} {:>12} {:>14}\n", "case", "median", "fastest", "slowest",
               "samples/s");
  }
  for (const bench::Case& item : chosen.empty() ? cases : chosen) {
    print_result(item, bench::run_case(item), options.json);
  }
}

void run(const BenchOptions& options) {
  if (options.threads > 0) config::set_num_threads(options.threads);
  const std::vector<bench::Case> cases = bench::read_cases();
  if (options.list) return list_cases(cases);
  run_cases(cases, options);
}

}  // namespace

void add_bench(CLI::App& app) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* bench =
      app.add_subcommand("bench", "Time training steps and predictions on this machine");
  bench->add_option("CASE", options->names, "Cases to run; all without any (see --list)");
  bench->add_option("--threads", options->threads, "Threads to use at most")
      ->check(CLI::PositiveNumber);
  bench->add_flag("--list", options->list, "Name the cases and run none");
  bench->add_flag("--json", options->json, "A JSON object a case");
  bench->footer(kFooter);
  CLI::App* kernels = bench->add_subcommand("kernels", "Time the kernels beside their bounds");
  kernels->callback([] { fmt::print("{}", bench::profile_kernels().str()); });
  bench->callback([options, kernels] {
    if (kernels->parsed()) return;
    run(*options);
  });
}

}  // namespace banach::cli
