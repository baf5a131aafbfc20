#include <cli/commands.hpp>
#include <cli/inspect/describe.hpp>
#include <cli/model_source.hpp>
#include <cli/onnx/onnx.hpp>
#include <cli/output.hpp>
#include <cli/readable_json.hpp>

#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/formats/gzip.hpp>
#include <banach/formats/png.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace banach::cli {
namespace {

using formats::ByteSource;

constexpr const char* kFooter =
    "Reads .keras, .h5, .npz, .npy, .safetensors, .onnx, .json, .csv, .png, IDX, ZIP, .gz and\n"
    "TensorBoard's logs.\n"
    "Examples:\n"
    "  banach inspect model.keras             members, weights and versions\n"
    "  banach inspect model.keras --config    the architecture too\n"
    "  banach inspect vectors.npz             names, shapes and dtypes of arrays";

// A format: its name, what its files' names end with, how its files begin, and what is said of
// them. How a file begins decides; without `begins` its name does.
struct FileFormat {
  const char* name;
  std::vector<std::string> suffixes;
  bool (*begins)(std::string_view head);
  Json (*describe)(const ByteSource& source, const InspectOptions& options);
};

bool begins_as_zip(std::string_view head) {
  return head.starts_with("PK\3\4") || head.starts_with("PK\5\6");
}
bool begins_as_gzip(std::string_view head) { return formats::is_gzip(formats::as_bytes(head)); }
bool begins_as_hdf5(std::string_view head) { return head.starts_with("\x89HDF\r\n\x1a\n"); }
bool begins_as_npy(std::string_view head) { return head.starts_with("\x93NUMPY"); }

// The length of the header, eight bytes of which the last are zero, then the header.
bool begins_as_safetensors(std::string_view head) {
  return head.size() > 8 && head[8] == '{' && head.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}
// Two zero bytes, a type, the number of dimensions.
bool begins_as_idx(std::string_view head) {
  return head.size() >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 0x08 && head[2] <= 0x0E &&
         head[3] >= 1 && head[3] <= Shape::kMaxRank;
}
bool begins_as_png(std::string_view head) { return formats::is_png(formats::as_bytes(head)); }
// The first event, the version, stands in the first record.
bool begins_as_events(std::string_view head) {
  return head.substr(0, 64).find("brain.Event:") != std::string_view::npos;
}
bool begins_as_json(std::string_view head) {
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (head[first] == '{' || head[first] == '[');
}

Json describe_onnx_file(const ByteSource& source, const InspectOptions&) {
  Json::Dict members{{"format", "onnx"}};
  const Json model = describe_onnx(source);
  for (const Json::Member& member : model.as_dict()) members.push_back(member);
  return members;
}

const std::vector<FileFormat>& file_formats() {
  static const std::vector<FileFormat> formats{
      {"a ZIP archive", {".keras", ".npz", ".zip"}, begins_as_zip, describe_zip},
      {"an HDF5 file", {".h5", ".hdf5", ".weights.h5"}, begins_as_hdf5, describe_hdf5},
      {"an .npy file", {".npy"}, begins_as_npy, describe_npy},
      {"a gzip file", {".gz"}, begins_as_gzip, describe_gzip},
      {"a safetensors file", {".safetensors"}, begins_as_safetensors, describe_safetensors},
      {"an IDX file", {".idx"}, begins_as_idx, describe_idx},
      {"a PNG picture", {".png"}, begins_as_png, describe_png},
      {"a log for TensorBoard", {}, begins_as_events, describe_events},
      {"a CSV table", {".csv"}, nullptr, describe_csv},
      {"an ONNX model", {".onnx"}, nullptr, describe_onnx_file},
      {"a JSON text", {".json"}, begins_as_json, describe_json}};
  return formats;
}

bool has_suffix(const FileFormat& format, const std::string& name) {
  return std::ranges::find(format.suffixes, suffix_of(name)) != format.suffixes.end();
}

const FileFormat& find_format(const ByteSource& source) {
  constexpr std::uint64_t kHead = 256;
  const formats::Bytes bytes = source.read(0, std::min(kHead, source.size()));
  const std::string_view head = formats::as_text(bytes);
  for (const FileFormat& format : file_formats()) {
    if (format.begins && format.begins(head)) return format;
  }
  std::vector<std::string> known;
  for (const FileFormat& format : file_formats()) {
    known.emplace_back(format.name);
    if (!has_suffix(format, source.name())) continue;
    if (!format.begins) return format;
    throw Corruption(fmt::format("{}: expected {}, but {}", source.name(), format.name,
                                 head.empty() ? "it is empty" : "it does not begin as one"));
  }
  throw NotSupported(
      fmt::format("{}: what this is cannot be told from its first bytes or its "
                  "name; inspect reads {}",
                  source.name(), join(known)));
}

void run(const InspectOptions& options) {
  const Output output(options.json);
  const ByteSource source(options.file);
  Json::Dict members{{"file", options.file}, {"size", to_json(source.size())}};
  const Json description = describe(source, options);
  for (const Json::Member& member : description.as_dict()) members.push_back(member);
  const Json result = printable(members);
  options.json ? output.print(result) : print(readable_json(result));
}

}  // namespace

Json describe(const ByteSource& source, const InspectOptions& options) {
  return find_format(source).describe(source, options);
}

void add_inspect(Command app) {
  const auto options = std::make_shared<InspectOptions>();
  const Command inspect = app.add_command("inspect", "Say what is in a file, as JSON");
  inspect.add_option("FILE", options->file, "A file of a model, of weights or of arrays")
      .required();
  inspect.add_flag("--config", options->config, "With the configs that the file holds");
  inspect.add_flag("--json", options->json, "One JSON object in one line");
  inspect.footer(kFooter);
  inspect.callback([options] { run(*options); });
}

}  // namespace banach::cli
