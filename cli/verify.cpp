#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/model_source.hpp>
#include <cli/output.hpp>
#include <cli/readable_json.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/formats/npz.hpp>
#include <banach/io/saving.hpp>
#include <banach/io/self_test.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <optional>

#include <sysexits.h>

namespace banach::cli {
namespace {

struct VerifyOptions {
  std::string model, vectors;
  std::optional<double> tolerance;
  bool json = false;
};

constexpr const char* kFooter =
    "VECTORS.npz holds inputs and outputs: x and y, x0, x1, ... and y0, y1, ..., or by the names\n"
    "of the model's inputs and outputs. In Python: numpy.savez(\"vectors.npz\", x=x,\n"
    "y=model.predict(x)). Ends with 65 when the model gives something else.\n"
    "Examples:\n"
    "  banach verify model.keras                  that the file is whole, and its self-test\n"
    "  banach verify model.keras vectors.npz      that it computes what Keras computed\n"
    "  banach verify model.keras vectors.npz --tolerance 1e-4 --json";

using NamedArrays = std::map<std::string, Array>;

// Where an output differs most from what was expected of it.
struct Difference {
  std::string name;
  double size = 0;  ///< relative to the largest value, or to 1 where all are smaller
  double expected = 0, received = 0;
  std::vector<std::int64_t> at;  ///< its position; empty without elements
};

// The array of input or output `i` of `names.size()`: "x" of one, "x0", or by its name.
Array take(const NamedArrays& arrays, char letter, const std::vector<std::string>& names,
           std::size_t i, const std::string& file) {
  std::vector<std::string> accepted{fmt::format("{}{}", letter, i), names[i]};
  if (names.size() == 1) accepted.insert(accepted.begin(), std::string(1, letter));
  for (const std::string& name : accepted) {
    if (const auto found = arrays.find(name); found != arrays.end()) return found->second;
  }
  std::vector<std::string> received;
  for (const auto& array : arrays) received.push_back(array.first);
  throw InvalidArgument(fmt::format("{}: expected an array called {}, received {}", file,
                                    join(accepted, " or "), join(received)));
}

std::vector<Array> take_all(const NamedArrays& arrays, char letter,
                            const std::vector<std::string>& names, const std::string& file) {
  std::vector<Array> result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    result.push_back(take(arrays, letter, names, i, file));
  }
  return result;
}

std::vector<std::int64_t> position_of(std::int64_t flat, const Shape& shape) {
  std::vector<std::int64_t> position;
  for (const std::int64_t stride : shape.strides()) {
    position.push_back(flat / stride);
    flat %= stride;
  }
  return position;
}

double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double size = std::abs(a - b);
  return std::isnan(size) ? INFINITY : size;
}

Difference compare(const std::string& name, const Array& received, const Array& expected) {
  Difference result{.name = name};
  std::int64_t worst = 0;
  double scale = 1;
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    const double value = expected.flat(i);
    if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
    const double size = distance(received.flat(i), value);
    if (size <= result.size) continue;
    result.size = size;
    worst = i;
  }
  if (expected.size() == 0) return result;
  result.size /= scale;
  result.expected = expected.flat(worst);
  result.received = received.flat(worst);
  result.at = position_of(worst, expected.shape());
  return result;
}

std::vector<Difference> compare_vectors(const Model& model, const VerifyOptions& options) {
  const NamedArrays arrays = formats::load_npz(options.vectors);
  const std::vector<std::string> names = model.output_names();
  const std::vector<Array> expected = take_all(arrays, 'y', names, options.vectors);
  const std::vector<Array> received =
      model.predict_outputs(take_all(arrays, 'x', model.input_names(), options.vectors));
  std::vector<Difference> differences;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (expected[i].shape() != received[i].shape()) {
      throw InvalidArgument(fmt::format("{}: {}: the model gives {}, the file has {}",
                                        options.vectors, names[i], received[i].shape().str(),
                                        expected[i].shape().str()));
    }
    differences.push_back(compare(names[i], received[i], expected[i]));
  }
  return differences;
}

// "dense_1[3, 0] expected 0.25, received 0.5".
std::string place(const Difference& d) {
  return fmt::format("{}[{}] expected {:.9g}, received {:.9g}", d.name, fmt::join(d.at, ", "),
                     d.expected, d.received);
}

Json to_json(const Difference& d) {
  Json::List at(d.at.begin(), d.at.end());
  return Json::dict({{"output", d.name},
                     {"difference", d.size},
                     {"at", std::move(at)},
                     {"expected", d.expected},
                     {"received", d.received}});
}

std::string as_text(const VerifyOptions& options, bool self_test,
                    const std::vector<Difference>& differences) {
  std::string text = fmt::format("{}: loaded, {}\n", options.model,
                                 self_test ? "its self-test passed" : "it carries no self-test");
  for (const Difference& d : differences) {
    text += fmt::format("{}: largest difference {:.3g}{}\n", options.vectors, d.size,
                        d.size == 0 ? "" : ": " + place(d));
  }
  return text;
}

Json as_json(const VerifyOptions& options, bool self_test,
             const std::vector<Difference>& differences, double tolerance) {
  Json result =
      Json::dict({{"model", options.model}, {"self_test", self_test ? Json("passed") : Json()}});
  if (options.vectors.empty()) return result;
  result["vectors"] = options.vectors;
  result["tolerance"] = tolerance;
  Json::List outputs;
  for (const Difference& d : differences) outputs.push_back(to_json(d));
  result["outputs"] = std::move(outputs);
  return printable(result);
}

void run(const VerifyOptions& options) {
  const Output output(options.json);
  const std::shared_ptr<Model> model = read_trained_model(options.model);
  const bool self_test = saving::has_self_test(options.model);
  const double tolerance = options.tolerance.value_or(rounding_tolerance(*model));
  std::vector<Difference> differences;
  if (!options.vectors.empty()) differences = compare_vectors(*model, options);
  options.json ? output.print(as_json(options, self_test, differences, tolerance))
               : print(as_text(options, self_test, differences));
  bool is_right = true;
  for (const Difference& d : differences) {
    if (d.size <= tolerance) continue;
    is_right = false;
    note(fmt::format("{}: sample {}: {}: they differ by {:.3g}, at most {:g} is rounding",
                     options.vectors, d.at.front(), place(d), d.size, tolerance));
  }
  if (!is_right) throw Exit{EX_DATAERR};
}

}  // namespace

void add_verify(Command app) {
  const auto options = std::make_shared<VerifyOptions>();
  const Command verify = app.add_command("verify", "Check that a model computes what it did");
  verify.add_option("MODEL", options->model, kTrainedModelHelp).required();
  verify.add_option("VECTORS", options->vectors, "Inputs and outputs to compare with, .npz");
  verify
      .add_option("--tolerance", options->tolerance,
                  "How far outputs may be apart, relative to the largest value or to 1; without "
                  "it 1e-3, of float16 0.0125, of bfloat16 0.1")
      .check_not_negative();
  verify.add_flag("--json", options->json, "One JSON object on stdout");
  verify.footer(kFooter);
  verify.callback([options] { run(*options); });
}

}  // namespace banach::cli
