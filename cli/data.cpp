#include <cli/commands.hpp>
#include <cli/data_options.hpp>
#include <cli/data_source.hpp>
#include <cli/drawing.hpp>
#include <cli/output.hpp>

#include <banach/core/fields.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>

namespace banach::cli {
namespace {

struct ShowCommand {
  std::string data;
  DataOptions reading;
  bool json = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  banach data list\n"
    "  banach data fetch mnist\n"
    "  banach data show dataset:mnist\n"
    "  banach data show dataset:mnist[test][0:2]     draws two pictures\n"
    "  banach data show data.npz --json";

constexpr std::int64_t kMostDrawn = 5;
constexpr std::int64_t kMostClasses = 1000;

void list(bool as_json) {
  const Output output(as_json);
  Json::List items;
  std::string text;
  for (const NamedDataset& dataset : named_datasets()) {
    const std::string place = datasets::find_idx_dataset(dataset.dataset());
    items.push_back(Json::dict({{"name", dataset.name},
                                {"about", dataset.about},
                                {"place", place.empty() ? Json() : Json(place)}}));
    text += fmt::format(
        "dataset:{:<14} {}\n{:22} {}\n", dataset.name, dataset.about, "",
        place.empty() ? fmt::format("not here: banach data fetch {}", dataset.name) : place);
  }
  if (as_json) return output.print(Json::dict({{"datasets", std::move(items)}}));
  print(text);
}

void fetch(const std::string& name) {
  const datasets::IdxDataset& dataset = find_dataset(name).dataset();
  datasets::load_idx_dataset(dataset, {});
  print(fmt::format("dataset:{} is in {}\n", name, datasets::find_idx_dataset(dataset)));
}

struct Statistics {
  double least = 0, most = 0, mean = 0, variance = 0;
};

Statistics statistics(const Array& array) {
  Statistics result{.least = array.flat(0), .most = array.flat(0)};
  for (std::int64_t i = 0; i < array.size(); ++i) {
    const double value = array.flat(i);
    result.least = std::min(result.least, value);
    result.most = std::max(result.most, value);
  }
  result.mean = mean(array);
  result.variance = variance(array);
  return result;
}

// How often each class occurs; empty when y is no class numbers.
std::map<std::int64_t, std::int64_t> count_classes(const Array& y) {
  std::map<std::int64_t, std::int64_t> counts;
  if (is_floating(y.dtype()) || y.rank() != 1) return counts;
  for (std::int64_t i = 0; i < y.size(); ++i) {
    ++counts[static_cast<std::int64_t>(y.flat(i))];
    if (std::ssize(counts) > kMostClasses) return {};
  }
  return counts;
}

Json describe(const DataSource& source, const Array& array) {
  Json item = Json::dict(
      {{"shape", to_json(array.shape())}, {"dtype", std::string(name_of(array.dtype()))}});
  if (array.size() == 0) return item;
  const Statistics values = statistics(array);
  item["min"] = finite(values.least);
  item["max"] = finite(values.most);
  item["mean"] = finite(values.mean);
  item["variance"] = finite(values.variance);
  for (const auto& [label, count] : count_classes(array)) {
    item["classes"][class_label(source.class_names, label)] = count;
  }
  return item;
}

std::string number_text(const Json& value) {
  return value.is_null() ? "nan" : fmt::format("{:.6g}", value.as_double());
}

std::string text_of(const std::string& name, const Json& item, const Array& array) {
  std::string text =
      fmt::format("{:<8} {} {}", name, array.shape().str(), item.at("dtype").as_string());
  if (item.find("min")) {
    text += fmt::format(", {} to {}, mean {}, variance {}", number_text(item.at("min")),
                        number_text(item.at("max")), number_text(item.at("mean")),
                        number_text(item.at("variance")));
  }
  text += '\n';
  if (const Json* classes = item.find("classes")) {
    for (const auto& [label, count] : classes->as_dict()) {
      text += fmt::format("         {}: {}\n", label, count.as_int());
    }
  }
  return text;
}

bool is_pictures(const Array& array) {
  return array.rank() == 3 || (array.rank() == 4 && (array.dim(3) == 1 || array.dim(3) == 3));
}

// The samples that the spec asks for, when they are few.
std::string pictures(const DataSource& source, const DataSpec& spec) {
  if (!spec.last || *spec.last - spec.first > kMostDrawn) return "";
  const std::string suffix = part_suffix(source, spec, Part::train);
  const auto x = source.arrays.find("x" + suffix), y = source.arrays.find("y" + suffix);
  if (x == source.arrays.end() || !is_pictures(x->second)) return "";
  std::string text;
  for (std::int64_t i = spec.first; i < std::min(*spec.last, x->second.dim(0)); ++i) {
    const bool labelled = y != source.arrays.end() && y->second.rank() == 1;
    text += fmt::format("\n{}{}\n", i,
                        labelled ? ": " + class_label(source.class_names,
                                                      static_cast<std::int64_t>(y->second.flat(i)))
                                 : "");
    text += draw(x->second[i]);
  }
  return text;
}

void show(const ShowCommand& command) {
  const Output output(command.json);
  const DataSpec spec = parse_data_spec(command.data);
  const DataSource source =
      read_source(spec, {.target = command.reading.target, .ignore = command.reading.ignore});
  Json arrays = Json::dict();
  std::string text;
  for (const auto& [name, array] : source.arrays) {
    arrays[name] = describe(source, array);
    text += text_of(name, arrays[name], array);
  }
  if (!command.json) return print(text + pictures(source, spec));
  Json result = Json::dict({{"source", source.name}, {"arrays", std::move(arrays)}});
  if (!source.feature_names.empty()) result["features"] = to_json(source.feature_names);
  output.print(result);
}

}  // namespace

void add_data(Command app) {
  const Command data = app.add_command("data", "List, fetch and look at data");
  data.require_command();
  data.footer(kFooter);
  const Command list_command = data.add_command("list", "The data sets that come by name");
  const auto list_json = std::make_shared<bool>(false);
  list_command.add_flag("--json", *list_json, "One JSON object on stdout");
  list_command.callback([list_json] { list(*list_json); });

  const Command fetch_command = data.add_command("fetch", "Download a data set, unless it is here");
  const auto name = std::make_shared<std::string>();
  fetch_command.add_option("NAME", *name, "mnist or fashion_mnist").required();
  fetch_command.callback([name] { fetch(*name); });

  const Command show_command = data.add_command("show", "Shapes, ranges and classes");
  const auto options = std::make_shared<ShowCommand>();
  show_command.add_option("DATA", options->data, kDataHelp).required();
  add_table_options(show_command, options->reading);
  show_command.add_flag("--json", options->json, "One JSON object on stdout");
  show_command.callback([options] { show(*options); });
}

}  // namespace banach::cli
