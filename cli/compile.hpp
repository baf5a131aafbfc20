#pragma once

#include <cli/command.hpp>
#include <cli/model_source.hpp>

#include <optional>
#include <vector>

namespace banach::cli {

/// What the command line says of compile(); what it does not say comes from the model's file, else
/// from the last layer.
struct CompileRequest {
  std::optional<std::string> optimizer, loss;
  std::vector<std::string> metrics;
  std::optional<double> learning_rate;
};

void add_compile_options(Command command, CompileRequest& request);

/// Compiles the model unless it is and nothing else is asked for. Without any word of a loss, the
/// last activation tells: softmax categorical_crossentropy and accuracy, sigmoid
/// binary_crossentropy and accuracy, anything else mean_squared_error; a note on stderr says so.
void compile_model(const ModelSource& source, const CompileRequest& request = {});

}  // namespace banach::cli
