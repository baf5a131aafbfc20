#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/field_writer.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/safetensors.hpp>
#include <banach/formats/stored_type.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace banach::formats {
namespace {

using Kind = StoredType::Kind;

constexpr std::uint64_t kMaxHeader = 100'000'000;
constexpr std::string_view kMetadata = "__metadata__";

struct TypeRow {
  std::string_view name;
  StoredType type;
};

constexpr TypeRow kTypes[] = {
    {"F64", {Kind::floating, 8, true}}, {"F32", {Kind::floating, 4, true}},
    {"F16", {Kind::floating, 2, true}}, {"BF16", {Kind::bfloat16, 2, true}},
    {"I64", {Kind::integer, 8, true}},  {"I32", {Kind::integer, 4, true}},
    {"I16", {Kind::integer, 2, true}},  {"I8", {Kind::integer, 1, true}},
    {"U64", {Kind::integer, 8, false}}, {"U32", {Kind::integer, 4, false}},
    {"U16", {Kind::integer, 2, false}}, {"U8", {Kind::integer, 1, false}},
    {"BOOL", {Kind::boolean, 1, false}}};

std::string_view type_name(DType dtype) {
  switch (dtype) {
    case float64: return "F64";
    case float16: return "F16";
    case bfloat16: return "BF16";
    case int64: return "I64";
    case int32: return "I32";
    case uint8: return "U8";
    case boolean: return "BOOL";
    case float32: break;
  }
  return "F32";
}

struct Entry {
  std::string name, where;
  StoredType type;
  Shape shape;
  std::uint64_t begin, end;  // in the data
};

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Corruption(fmt::format("[{}] {}", where, what));
}

Json read_header(const ByteSource& source, std::uint64_t& data) {
  const std::string& name = source.name();
  constexpr std::uint64_t kPrefix = 8;
  if (source.size() < kPrefix) {
    fail(name, fmt::format("the header is too small: the file has {} bytes", source.size()));
  }
  const Bytes prefix = source.read(0, kPrefix);
  const std::uint64_t length = FieldReader(prefix, name, "the prefix").u64();
  if (length > kMaxHeader) {
    fail(name,
         fmt::format("the header is too large: {} bytes, {} are allowed", length, kMaxHeader));
  }
  if (!source.holds(kPrefix, length)) {
    fail(name, fmt::format("the header of {} bytes is longer than the file of {}", length,
                           source.size()));
  }
  const Bytes header = source.read(kPrefix, length);
  if (!as_text(header).starts_with('{')) fail(name, "the header does not begin with '{'");
  data = kPrefix + length;
  return parse_json(as_text(header), name);
}

// The member of an array's entry, which `is_right` must accept.
template <class F>
const Json& field(const Json& entry, const char* name, const char* expected,
                  const std::string& where, F is_right) {
  const Json* found = entry.find(name);
  if (found == nullptr) fail(where, fmt::format("has no '{}'", name));
  if (!is_right(*found)) fail(where, fmt::format("'{}': expected {}", name, expected));
  return *found;
}

bool is_size_list(const Json& json) {
  const auto is_size = [](const Json& item) { return item.is_int() && item.as_int() >= 0; };
  return json.is_list() && std::ranges::all_of(json.as_list(), is_size);
}

StoredType type_of(const Json& entry, const std::string& where) {
  const auto is_string = [](const Json& json) { return json.is_string(); };
  const std::string& name = field(entry, "dtype", "a string", where, is_string).as_string();
  const auto* row = std::ranges::find(kTypes, name, &TypeRow::name);
  if (row != std::end(kTypes)) return row->type;
  throw NotSupported(
      fmt::format("[{}] has the dtype '{}', expected F64, F32, F16, BF16, I64 to I8, "
                  "U64 to U8 or BOOL",
                  where, name));
}

Shape shape_of(const Json& entry, const std::string& where) {
  const Json& dims = field(entry, "shape", "a list of sizes", where, is_size_list);
  if (dims.as_list().size() > Shape::kMaxRank) {
    throw NotSupported(fmt::format("[{}] has {} axes, expected at most {}", where,
                                   dims.as_list().size(), Shape::kMaxRank));
  }
  Shape shape;
  for (const Json& dim : dims.as_list()) shape.push_back(dim.as_int());
  return shape;
}

Entry parse_entry(const std::string& name, const Json& json, const std::string& where) {
  if (!json.is_dict()) fail(where, "expected a dict, received " + json.kind());
  Entry entry{name, where, type_of(json, where), {}, 0, 0};
  entry.shape = shape_of(json, entry.where);
  const auto is_pair = [](const Json& item) {
    return is_size_list(item) && item.as_list().size() == 2;
  };
  const Json& offsets = field(json, "data_offsets", "two sizes", entry.where, is_pair);
  entry.begin = static_cast<std::uint64_t>(offsets.as_list()[0].as_int());
  entry.end = static_cast<std::uint64_t>(offsets.as_list()[1].as_int());
  return entry;
}

void check_size(const Entry& entry) {
  auto expected = static_cast<std::int64_t>(entry.type.size);
  bool overflow = false;
  for (const std::int64_t dim : entry.shape) {
    overflow |= __builtin_mul_overflow(expected, dim, &expected);
  }
  if (overflow) fail(entry.where, fmt::format("{} is more than 2^63 bytes", entry.shape.str()));
  if (entry.end < entry.begin || static_cast<std::uint64_t>(expected) != entry.end - entry.begin) {
    fail(entry.where, fmt::format("{} needs {} bytes, its offsets are {} and {}", entry.shape.str(),
                                  expected, entry.begin, entry.end));
  }
}

// The arrays, in the order of their offsets, follow each other from the begin of the data to its
// end.
void check_cover(const std::vector<Entry>& entries, std::uint64_t size, const std::string& name) {
  std::vector<const Entry*> sorted;
  for (const Entry& entry : entries) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const Entry* e) { return std::pair(e->begin, e->end); });
  std::uint64_t reached = 0;
  for (const Entry* entry : sorted) {
    if (entry->begin != reached) {
      fail(entry->where, fmt::format("begins at {} of the data, expected {}: a gap or an overlap",
                                     entry->begin, reached));
    }
    check_size(*entry);
    reached = entry->end;
  }
  if (reached != size) {
    fail(name, fmt::format("the arrays take {} bytes, {} follow the header", reached, size));
  }
}

Array read_array(const ByteSource& source, std::uint64_t data, const Entry& entry) {
  Array result(entry.shape, dtype_of_stored(entry.type, entry.where));
  const auto count = static_cast<std::size_t>(result.size());
  if (count == 0) return result;
  read_stored(source, data + entry.begin, entry.type, count,
              static_cast<std::byte*>(result.mutable_raw()), entry.where);
  return result;
}

std::map<std::string, std::string> parse_metadata(const Json& json, const std::string& where) {
  if (!json.is_dict()) fail(where, "expected a dict of strings, received " + json.kind());
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : json.as_dict()) {
    if (!value.is_string()) fail(where, fmt::format("'{}': expected a string", key));
    metadata.emplace(key, value.as_string());
  }
  return metadata;
}

struct Header {
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;
  std::uint64_t data = 0;  // where the elements begin
};

Header parse_header(const ByteSource& source) {
  Header header;
  const Json json = read_header(source, header.data);
  for (const auto& [name, entry] : json.as_dict()) {
    const std::string where = source.name() + "/" + name;
    if (name == kMetadata) {
      header.metadata = parse_metadata(entry, where);
    } else {
      header.entries.push_back(parse_entry(name, entry, where));
    }
  }
  check_cover(header.entries, source.size() - header.data, source.name());
  return header;
}

// The arrays' order in the data: large elements first, so that all are aligned. The header keeps
// the order of the list.
std::vector<std::size_t> data_order(const Safetensors& content) {
  std::vector<std::size_t> order(content.arrays.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto width = [&](std::size_t i) { return size_of(content.arrays[i].second.dtype()); };
  std::ranges::stable_sort(order, std::greater(), width);
  return order;
}

std::vector<std::uint64_t> offsets_of(const Safetensors& content,
                                      const std::vector<std::size_t>& order) {
  std::vector<std::uint64_t> offsets(order.size());
  std::uint64_t reached = 0;
  for (const std::size_t i : order) {
    offsets[i] = reached;
    reached += content.arrays[i].second.nbytes();
  }
  return offsets;
}

void check_names(const Safetensors& content) {
  std::vector<std::string_view> names{kMetadata};
  for (const auto& [name, array] : content.arrays) names.push_back(name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::adjacent_find(names);
  if (repeated == names.end()) return;
  throw InvalidArgument(
      fmt::format("[write_safetensors] the name '{}' is there already", *repeated));
}

std::string header_of(const Safetensors& content, const std::vector<std::uint64_t>& offsets) {
  Json::Dict entries;
  if (!content.metadata.empty()) {
    Json::Dict metadata;
    for (const auto& [key, value] : content.metadata) metadata.emplace_back(key, value);
    entries.emplace_back(kMetadata, std::move(metadata));
  }
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto& [name, array] = content.arrays[i];
    Json::List dims;
    for (const std::int64_t dim : array.shape()) dims.emplace_back(dim);
    const auto begin = static_cast<std::int64_t>(offsets[i]);
    const auto end = begin + static_cast<std::int64_t>(array.nbytes());
    entries.emplace_back(name, Json::dict({{"dtype", std::string(type_name(array.dtype()))},
                                           {"shape", std::move(dims)},
                                           {"data_offsets", Json::list({begin, end})}}));
  }
  std::string text = format_json(std::move(entries));
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

void write_to(const ByteSink& sink, const Safetensors& content) {
  check_names(content);
  const std::vector<std::size_t> order = data_order(content);
  const std::string header = header_of(content, offsets_of(content, order));
  FieldWriter prefix;
  prefix.u64(header.size());
  sink(prefix.bytes());
  sink(as_bytes(header));
  for (const std::size_t i : order) {
    const Array& array = content.arrays[i].second;
    sink({static_cast<const std::byte*>(array.raw()), array.nbytes()});
  }
}

}  // namespace

SafetensorsHeader read_safetensors_header(const ByteSource& source) {
  Header header = parse_header(source);
  SafetensorsHeader result{{}, std::move(header.metadata)};
  for (Entry& entry : header.entries) {
    result.entries.push_back({std::move(entry.name), entry.shape, name_of(entry.type)});
  }
  return result;
}

Safetensors load_safetensors(const ByteSource& source) {
  Header header = parse_header(source);
  Safetensors content{{}, std::move(header.metadata)};
  for (Entry& entry : header.entries) {
    content.arrays.emplace_back(std::move(entry.name), read_array(source, header.data, entry));
  }
  return content;
}

Bytes write_safetensors(const Safetensors& content) {
  Bytes result;
  write_to([&](ByteSpan bytes) { result.insert(result.end(), bytes.begin(), bytes.end()); },
           content);
  return result;
}

void save_safetensors(const std::string& path, const Safetensors& content) {
  AtomicFile file(path);
  write_to([&](ByteSpan bytes) { file.write(bytes); }, content);
  file.commit();
}

}  // namespace banach::formats
