// Pictures, tables and logs.
#include <cli/inspect/describe.hpp>

#include <banach/core/fields.hpp>
#include <banach/formats/csv.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/formats/png.hpp>

#include <map>

namespace banach::cli {
namespace {

using namespace formats;

// What is logged under a tag.
struct Tag {
  std::string plugin;
  std::int64_t count = 0, first_step = 0, last_step = 0;
};

void collect(const Event& event, std::map<std::string, Tag>& tags) {
  for (const Summary& summary : event.summaries) {
    Tag& tag = tags.try_emplace(summary.tag, Tag{.first_step = event.step}).first->second;
    tag.plugin = summary.plugin;
    tag.last_step = event.step;
    ++tag.count;
  }
}

}  // namespace

Json describe_png(const ByteSource& source, const InspectOptions&) {
  const Array picture = parse_png(source.read(0, source.size()), source.name());
  return Json::dict({{"format", "png"},
                     {"shape", to_json(picture.shape())},
                     {"dtype", std::string(name_of(picture.dtype()))}});
}

Json describe_csv(const ByteSource& source, const InspectOptions&) {
  const Bytes bytes = source.read(0, source.size());
  const CsvTable table = parse_csv(as_text(bytes), source.name());
  Json::Dict columns;
  for (const CsvColumn& column : table.columns) {
    columns.emplace_back(column.name, column.is_numeric ? "numbers" : "texts");
  }
  return Json::dict(
      {{"format", "csv"}, {"rows", to_json(table.rows)}, {"columns", std::move(columns)}});
}

Json describe_events(const ByteSource& source, const InspectOptions&) {
  EventReader file(source);
  std::map<std::string, Tag> tags;
  std::int64_t events = 0;
  for (; const auto event = file.next(); ++events) collect(*event, tags);
  Json::Dict list;
  for (const auto& [name, tag] : tags) {
    list.emplace_back(name, Json::dict({{"plugin", tag.plugin},
                                        {"count", tag.count},
                                        {"first_step", tag.first_step},
                                        {"last_step", tag.last_step}}));
  }
  return Json::dict({{"format", "events"}, {"events", events}, {"tags", std::move(list)}});
}

}  // namespace banach::cli
