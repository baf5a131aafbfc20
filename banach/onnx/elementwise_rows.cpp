#include <banach/onnx/rows.hpp>
#include <banach/ops/elementwise.hpp>

namespace banach::onnx {
namespace {

float to_float(double value) { return static_cast<float>(value); }

// The operator that the row names.
void write_same(NodeWriter& writer, const Row& row) {
  writer.combine([&](const Names& x, bool) { return writer.add(row.onnx, x); });
}

void write_comparison(NodeWriter& writer, const Row& row) {
  const std::int64_t type = type_number(writer.node().outputs[0].dtype);
  writer.combine([&](const Names& x, bool) {
    return writer.add("Cast", {writer.add(row.onnx, x)}, {{"to", type}});
  });
}

// Writes y = f(x).
template <class F>
void write_unary(NodeWriter& writer, F f) {
  writer.combine([&](const Names& x, bool) { return f(x[0]); });
}

template <class Function>
const functions::Parameters& parameters(const NodeWriter& writer) {
  return writer.op<UnaryOp<Function>>().parameters;
}

void write_selu(NodeWriter& writer, const Row&) {
  const functions::Parameters& selu = parameters<functions::Selu>(writer);
  write_unary(writer, [&](const std::string& x) {
    return writer.add("Selu", {x},
                      {{"alpha", to_float(selu.alpha)}, {"gamma", to_float(selu.scale)}});
  });
}

template <class Function>
void write_with_alpha(NodeWriter& writer, const Row& row) {
  const double alpha = parameters<Function>(writer).alpha;
  write_unary(writer, [&](const std::string& x) {
    return writer.add(row.onnx, {x}, {{"alpha", to_float(alpha)}});
  });
}

// Nodes of one writer on values of one dtype, so that formulas can be read.
class Formula {
 public:
  explicit Formula(NodeWriter& writer) : writer_(writer), dtype_(writer.node().outputs[0].dtype) {}

  std::string number(double value) { return writer_.number(value, dtype_); }
  std::string add(const std::string& a, const std::string& b) { return writer_.add("Add", {a, b}); }
  std::string times(const std::string& a, const std::string& b) {
    return writer_.add("Mul", {a, b});
  }
  std::string of(const char* op_type, const std::string& x) { return writer_.add(op_type, {x}); }
  // x / 2 * (1 + bell)
  std::string half_of(const std::string& x, const std::string& bell) {
    return times(times(x, number(0.5)), add(bell, number(1)));
  }

 private:
  NodeWriter& writer_;
  DType dtype_;
};

void write_relu6(NodeWriter& writer, const Row&) {
  Formula f(writer);
  write_unary(writer, [&](const std::string& x) {
    return writer.add("Clip", {x, f.number(0), f.number(6)});
  });
}

void write_gelu(NodeWriter& writer, const Row&) {  // ONNX has one from opset 20 on
  Formula f(writer);
  write_unary(writer, [&](const std::string& x) {
    return f.half_of(x, f.of("Erf", f.times(x, f.number(0.70710678118654752440))));
  });
}

void write_gelu_tanh(NodeWriter& writer, const Row&) {
  Formula f(writer);
  write_unary(writer, [&](const std::string& x) {
    const std::string cube = f.times(f.times(x, x), f.times(x, f.number(0.044715)));
    const std::string inner = f.times(f.add(x, cube), f.number(0.79788456080286535588));
    return f.half_of(x, f.of("Tanh", inner));
  });
}

void write_silu(NodeWriter& writer, const Row&) {
  Formula f(writer);
  write_unary(writer, [&](const std::string& x) { return f.times(x, f.of("Sigmoid", x)); });
}

void write_square(NodeWriter& writer, const Row&) {
  Formula f(writer);
  write_unary(writer, [&](const std::string& x) { return f.times(x, x); });
}

void write_rsqrt(NodeWriter& writer, const Row&) {
  Formula f(writer);
  write_unary(writer, [&](const std::string& x) { return f.of("Reciprocal", f.of("Sqrt", x)); });
}

void write_cast(NodeWriter& writer, const Row&) {
  const std::int64_t type = type_number(writer.node().outputs[0].dtype);
  write_unary(writer, [&](const std::string& x) {
    return writer.add("Cast", {x}, {{"to", type}});
  });
}

constexpr Row kRows[] = {{"relu", write_same, "Relu"},
                         {"relu6", write_relu6},
                         {"leaky_relu", write_with_alpha<functions::LeakyRelu>, "LeakyRelu"},
                         {"elu", write_with_alpha<functions::Elu>, "Elu"},
                         {"selu", write_selu},
                         {"sigmoid", write_same, "Sigmoid"},
                         {"tanh", write_same, "Tanh"},
                         {"exponential", write_same, "Exp"},
                         {"softplus", write_same, "Softplus"},
                         {"softsign", write_same, "Softsign"},
                         {"gelu", write_gelu},
                         {"gelu_tanh", write_gelu_tanh},
                         {"silu", write_silu},
                         {"negative", write_same, "Neg"},
                         {"absolute", write_same, "Abs"},
                         {"square", write_square},
                         {"sqrt", write_same, "Sqrt"},
                         {"rsqrt", write_rsqrt},
                         {"log", write_same, "Log"},
                         {"add", write_same, "Add"},
                         {"subtract", write_same, "Sub"},
                         {"multiply", write_same, "Mul"},
                         {"divide", write_same, "Div"},
                         {"maximum", write_same, "Max"},
                         {"minimum", write_same, "Min"},
                         {"power", write_same, "Pow"},
                         {"equal", write_comparison, "Equal"},
                         {"greater", write_comparison, "Greater"},
                         {"greater_equal", write_comparison, "GreaterOrEqual"},
                         {"cast", write_cast}};

}  // namespace

std::span<const Row> elementwise_rows() { return kRows; }

}  // namespace banach::onnx
