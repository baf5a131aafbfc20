// A user's program with the component onnx: a network for other programs to run.
#include <banach/banach.hpp>
#include <banach/onnx/export.hpp>

#include <cstdio>

using namespace banach;
using namespace banach::layers;

int main() {
  Sequential model({Input({4}), Dense(3, {.activation = "relu"})});
  onnx::export_model(model, "model.onnx");
  std::printf("model.onnx has %zu bytes\n", onnx::export_model(model).size());
}
