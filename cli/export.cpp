#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/model_source.hpp>
#include <cli/onnx/onnx.hpp>
#include <cli/output.hpp>

#include <banach/core/memory.hpp>

#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace banach::cli {
namespace {

struct ExportOptions {
  std::string model, out;
  int opset = kNewestOpset;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  banach export model.keras model.onnx               what predict() computes, with the "
    "weights\n"
    "  banach export model.keras older.onnx --opset 13    for programs that read no newer opset";

void run(const ExportOptions& options) {
  if (suffix_of(options.out) != ".onnx") {
    throw UsageError(
        fmt::format("'{}': expected a path that ends in .onnx; 'banach convert' "
                    "writes the other formats",
                    options.out));
  }
  const std::shared_ptr<Model> model = read_model(options.model).model;
  export_onnx(*model, options.out, options.opset);
  print(fmt::format("{}: {} parameters, opset {}, {}\n", options.out, model->count_params(),
                    options.opset, bytes_text(std::filesystem::file_size(options.out))));
}

}  // namespace

void add_export(Command app) {
  const auto options = std::make_shared<ExportOptions>();
  const Command command = app.add_command("export", "Write a model as ONNX, for other programs");
  command.add_option("MODEL", options->model, kModelHelp).required();
  command.add_option("OUT", options->out, "The file to write, which ends in .onnx").required();
  command.add_option("--opset", options->opset, "ONNX' version of operators, 13 to 17 (default)")
      .check_range(13, kNewestOpset);
  command.footer(kFooter);
  command.callback([options] { run(*options); });
}

}  // namespace banach::cli
