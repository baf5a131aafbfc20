#include <cli/inspect/describe.hpp>

#include <banach/core/fields.hpp>
#include <banach/formats/hdf5_reader.hpp>
#include <banach/formats/json.hpp>

#include <fmt/format.h>

namespace banach::cli {
namespace {

using formats::Hdf5Reader;

// A long text, such as a config, by its begin and its length.
Json shortened(const Json& value) {
  constexpr std::size_t kLongest = 100, kShown = 60;
  if (!value.is_string() || value.as_string().size() <= kLongest) return value;
  const std::string& text = value.as_string();
  return fmt::format("{}... ({} characters)", text.substr(0, kShown), text.size());
}

Json::Dict attributes_at(Hdf5Reader& file, const std::string& path) {
  Json::Dict attributes;
  for (const std::string& name : file.attributes(path)) {
    attributes.emplace_back(name, described_or_reason([&] {
                              return shortened(file.attribute(path, name).value_or(Json()));
                            }));
  }
  return attributes;
}

// Of the object at a path and of all below it that have any. The links make no loop:
// Hdf5Reader::datasets() has said so.
void collect_attributes(Hdf5Reader& file, const std::string& path, Json::Dict& by_path) {
  Json::Dict attributes = attributes_at(file, path);
  if (!attributes.empty()) by_path.emplace_back(path.empty() ? "/" : path, std::move(attributes));
  if (!file.is_group(path)) return;
  for (const std::string& member : file.members(path)) {
    collect_attributes(file, path.empty() ? member : path + "/" + member, by_path);
  }
}

Json list_datasets(Hdf5Reader& file) {
  Json::Dict datasets;
  for (const std::string& path : file.datasets()) {
    datasets.emplace_back(
        path, described_or_reason([&] {
          const formats::Hdf5StoredDataset stored = file.stored_info(path);
          return Json::dict({{"shape", to_json(stored.shape)}, {"dtype", stored.dtype}});
        }));
  }
  return datasets;
}

// What Keras keeps as a JSON text in an attribute of the root.
Json parsed_attribute(Hdf5Reader& file, const char* name) {
  const Json text = file.attribute("", name).value_or(Json());
  return text.is_string() ? formats::parse_json(text.as_string(), file.name() + "@" + name) : text;
}

}  // namespace

Json hdf5_datasets(const formats::ByteSource& source) {
  Hdf5Reader file(source);
  return list_datasets(file);
}

Json describe_hdf5(const formats::ByteSource& source, const InspectOptions& options) {
  Hdf5Reader file(source);
  Json::Dict attributes;
  Json datasets = list_datasets(file);
  collect_attributes(file, "", attributes);
  Json result = Json::dict({{"format", "hdf5"},
                            {"datasets", std::move(datasets)},
                            {"attributes", std::move(attributes)}});
  if (options.config) {
    result["config"] = parsed_attribute(file, "model_config");
    result["training_config"] = parsed_attribute(file, "training_config");
  }
  return result;
}

}  // namespace banach::cli
