// Files of arrays, .npy, .safetensors and IDX, and JSON texts.
#include <cli/inspect/describe.hpp>

#include <banach/core/fields.hpp>
#include <banach/formats/idx.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/npy_header.hpp>
#include <banach/formats/safetensors.hpp>

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace banach::cli {
namespace {

using namespace formats;

constexpr std::uint64_t kMaxIdx = std::uint64_t{1} << 30, kMaxJson = std::uint64_t{64} << 20;

// "<f4": the byte order, the kind, the size; what NumPy calls a dtype's `descr`.
struct NumpyType {
  std::string name;
  std::uint64_t size = 0;  ///< bytes of an element; 0 where it is not known
};

struct NumpyKind {
  char letter;
  const char* name;
  std::uint64_t bits;   // of a unit of its size, for the name; 0: the name has no number
  std::uint64_t bytes;  // the same in the file
};

constexpr NumpyKind kNumpyKinds[] = {
    {'f', "float", 8, 1},    {'i', "int", 8, 1},      {'u', "uint", 8, 1},   {'c', "complex", 8, 1},
    {'b', "bool", 0, 1},     {'S', "bytes", 0, 1},    {'U', "string", 0, 4}, {'V', "void", 8, 1},
    {'M', "datetime", 8, 1}, {'m', "timedelta", 8, 1}};

NumpyType parse_descr(const std::string& descr) {
  const auto* kind = descr.size() < 3
                         ? std::end(kNumpyKinds)
                         : std::ranges::find(kNumpyKinds, descr[1], &NumpyKind::letter);
  if (kind == std::end(kNumpyKinds)) return {descr == "|O" ? "object" : descr};
  std::uint32_t size = 0;
  std::from_chars(descr.data() + 2, descr.data() + descr.size(), size);
  const std::string number = kind->bits == 0 ? "" : std::to_string(size * kind->bits);
  return {kind->name + number, size * kind->bytes};
}

void check_length(const Shape& shape, std::uint64_t element, std::uint64_t received,
                  const std::string& name) {
  const auto count = static_cast<std::uint64_t>(shape.size());
  if (element == 0 || (count <= UINT64_MAX / element && count * element == received)) return;
  throw Corruption(fmt::format("{}: its header says {} elements of {} bytes, {} bytes follow", name,
                               shape.str(), element, received));
}

}  // namespace

Json npy_array(const ByteSource& source) {
  const std::uint64_t head = std::min<std::uint64_t>(source.size(), kMaxNpyHeader + 16);
  const NpyHeader header = parse_npy_header(source.read(0, head), source.name());
  const NumpyType type = parse_descr(header.descr);
  check_length(header.shape, type.size, source.size() - header.size, source.name());
  return Json::dict({{"shape", to_json(header.shape)}, {"dtype", type.name}});
}

Json describe_npy(const ByteSource& source, const InspectOptions&) {
  Json::Dict members{{"format", "npy"}};
  const Json array = npy_array(source);
  for (const Json::Member& member : array.as_dict()) members.push_back(member);
  return members;
}

Json describe_safetensors(const ByteSource& source, const InspectOptions&) {
  const SafetensorsHeader header = read_safetensors_header(source);
  Json::Dict arrays;
  for (const SafetensorsEntry& entry : header.entries) {
    arrays.emplace_back(entry.name,
                        Json::dict({{"shape", to_json(entry.shape)}, {"dtype", entry.dtype}}));
  }
  const Json metadata = Json::Dict(header.metadata.begin(), header.metadata.end());
  return Json::dict(
      {{"format", "safetensors"}, {"arrays", std::move(arrays)}, {"metadata", metadata}});
}

Json describe_idx(const ByteSource& source, const InspectOptions&) {
  if (source.size() > kMaxIdx) {
    throw NotSupported(fmt::format("{}: has {} bytes, of an IDX file at most {} are read",
                                   source.name(), source.size(), kMaxIdx));
  }
  const Array array = parse_idx(source.read(0, source.size()), source.name());
  return Json::dict({{"format", "idx"},
                     {"shape", to_json(array.shape())},
                     {"dtype", std::string(name_of(array.dtype()))}});
}

Json describe_json(const ByteSource& source, const InspectOptions& options) {
  if (source.size() > kMaxJson) {
    throw NotSupported(fmt::format("{}: has {} bytes, of a JSON text at most {} are read",
                                   source.name(), source.size(), kMaxJson));
  }
  const Bytes bytes = source.read(0, source.size());
  const Json value = parse_json(as_text(bytes), source.name());
  Json result = Json::dict({{"format", "json"}});
  if (value.is_list())
    result["items"] = to_json(static_cast<std::uint64_t>(value.as_list().size()));
  if (value.is_dict()) {
    Json::List keys;
    for (const Json::Member& member : value.as_dict()) keys.emplace_back(member.first);
    result["keys"] = std::move(keys);
  }
  if (const Json* name = value.find("class_name")) result["class"] = *name;
  if (options.config) result["config"] = value;
  return result;
}

}  // namespace banach::cli
