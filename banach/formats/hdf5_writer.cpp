#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>
#include <banach/formats/hdf5_encoder.hpp>
#include <banach/formats/hdf5_metadata.hpp>
#include <banach/formats/hdf5_writer.hpp>

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace banach::formats {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw InvalidArgument(fmt::format("[Hdf5Writer] {}: {}", where, what));
}

std::uint64_t aligned(std::uint64_t size) { return (size + 7) / 8 * 8; }

// An attribute's parts; its strings go to the heap.
Hdf5EncodedAttribute encode_value(const std::string& name, const Json& value, Hdf5Heap& heap,
                                  const std::string& where) {
  Hdf5EncodedAttribute attribute{name, {}, encode_hdf5_space({}), {}, {}};
  FieldWriter data;
  if (value.is_string()) {
    attribute.type = encode_hdf5_string_type();
    attribute.references.push_back(heap.add(value.as_string()));
  } else if (value.is_bool()) {
    attribute.type = encode_hdf5_type(boolean);
    data.u8(value.as_bool() ? 1 : 0);
  } else if (value.is_int()) {
    attribute.type = encode_hdf5_type(int64);
    data.u64(static_cast<std::uint64_t>(value.as_int()));
  } else if (value.is_number()) {
    attribute.type = encode_hdf5_type(float64);
    data.u64(std::bit_cast<std::uint64_t>(value.as_double()));
  } else if (value.is_list()) {
    const auto count = static_cast<std::int64_t>(value.as_list().size());
    attribute.space = encode_hdf5_space({&count, 1});
    attribute.type = encode_hdf5_string_type();
    for (const Json& item : value.as_list()) {
      if (!item.is_string()) fail(where, "expected strings in a list, received " + item.kind());
      attribute.references.push_back(heap.add(item.as_string()));
    }
  } else {
    fail(where, "expected a string, a number, a bool or a list, received " + value.kind());
  }
  attribute.data = data.bytes();
  return attribute;
}

}  // namespace

struct Hdf5Writer::Object {
  bool is_dataset = false;
  std::map<std::string, Object> members;
  std::vector<Hdf5EncodedAttribute> attributes;
  Shape shape;
  DType dtype = float32;
  std::function<Array()> values;

  std::uint64_t nbytes() const {
    return is_dataset ? static_cast<std::uint64_t>(shape.size()) * size_of(dtype) : 0;
  }
};

struct Hdf5Writer::Description {
  Object root;
  Hdf5Heap heap;

  Object& make(const std::string& path);
  Object& existing(const std::string& path);

  // Calls f(path, dataset) for all datasets that have elements, in the order of the file.
  template <class F>
  static void visit(const Object& object, const std::string& path, F& f) {
    if (object.nbytes() > 0) f(path, object);
    for (const auto& [name, member] : object.members) visit(member, path + "/" + name, f);
  }

  // Metadata follows the elements, members come before their group; `data` is where the next
  // dataset's elements are.
  static Hdf5Encoder::Group encode(const Object& group, std::uint64_t& data, Hdf5Encoder& encoder) {
    std::vector<Hdf5Encoder::Member> members;
    for (const auto& [name, member] : group.members) {
      if (member.is_dataset) {
        const std::uint64_t place = member.nbytes() > 0 ? data : kHdf5Undefined;
        members.push_back(
            {name, encoder.dataset(member.shape, member.dtype, place, member.attributes)});
        data += aligned(member.nbytes());
      } else {
        members.push_back({name, encode(member, data, encoder).header});
      }
    }
    return encoder.group(members, group.attributes);
  }
};

Hdf5Writer::Object& Hdf5Writer::Description::make(const std::string& path) {
  Object* object = &root;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string name = path.substr(at, slash - at);
    if (name.empty() || name.find('\0') != name.npos || slash + 1 == path.size()) {
      fail(path, "expected names with one '/' between, without zero bytes");
    }
    if (object->is_dataset) fail(path, "a dataset is on the way and has no members");
    object = &object->members[name];
    at = slash + 1;
  }
  return *object;
}

Hdf5Writer::Object& Hdf5Writer::Description::existing(const std::string& path) {
  Object* object = &root;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const auto found = object->members.find(path.substr(at, slash - at));
    if (found == object->members.end()) fail(path, "there is no such group or dataset yet");
    object = &found->second;
    at = slash + 1;
  }
  return *object;
}

Hdf5Writer::Hdf5Writer() : description_(std::make_unique<Description>()) {}
Hdf5Writer::Hdf5Writer(Hdf5Writer&& other) noexcept = default;
Hdf5Writer& Hdf5Writer::operator=(Hdf5Writer&& other) noexcept = default;
Hdf5Writer::~Hdf5Writer() = default;

void Hdf5Writer::group(const std::string& path) {
  if (description_->make(path).is_dataset) fail(path, "is a dataset already");
}

void Hdf5Writer::dataset(const std::string& path, Array values) {
  const Shape shape = values.shape();
  const DType dtype = values.dtype();
  dataset(path, shape, dtype, [values = std::move(values)] { return values; });
}

void Hdf5Writer::dataset(const std::string& path, Shape shape, DType dtype,
                         std::function<Array()> values) {
  Object& object = description_->make(path);
  const bool is_new = !object.is_dataset && object.members.empty() && object.attributes.empty();
  if (path.empty() || !is_new) fail(path, "is there already");
  object.is_dataset = true;
  object.shape = shape;
  object.dtype = dtype;
  object.values = std::move(values);
  if (dtype == bfloat16) attribute(path, "dtype", "bfloat16");
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, const Json& value) {
  constexpr std::size_t kMaxMessage = 65528, kRoom = 128;  // the room is for type and space
  const std::string where = path + "@" + name;
  Object& object = description_->existing(path);
  if (name.empty() || name.find('\0') != name.npos) fail(where, "expected a name");
  if (std::ranges::find(object.attributes, name, &Hdf5EncodedAttribute::name) !=
      object.attributes.end()) {
    fail(where, "is there already");
  }
  const std::size_t elements = value.is_list() ? 16 * value.as_list().size() : 16;
  if (elements + name.size() + kRoom > kMaxMessage) {
    fail(where, "is larger than the 64 KB of an attribute. Use string_list()");
  }
  object.attributes.push_back(encode_value(name, value, description_->heap, where));
}

void Hdf5Writer::string_list(const std::string& path, const std::string& name,
                             const std::vector<std::string>& strings) {
  constexpr std::size_t kMost = 64512 / 16;  // strings in one attribute
  const std::size_t parts = (strings.size() + kMost - 1) / kMost;
  const auto part_of = [&](std::size_t begin, std::size_t end) {
    Json::List list;
    for (std::size_t i = begin; i < end; ++i) list.emplace_back(strings[i]);
    return list;
  };
  if (parts <= 1) return attribute(path, name, part_of(0, strings.size()));
  for (std::size_t part = 0; part < parts; ++part) {
    attribute(path, name + std::to_string(part),
              part_of(part * strings.size() / parts, (part + 1) * strings.size() / parts));
  }
}

void Hdf5Writer::write(const ByteSink& sink) const {
  const Object& root = description_->root;
  std::uint64_t data_end = kHdf5SuperblockSize;
  auto add = [&](const std::string&, const Object& dataset) {
    data_end += aligned(dataset.nbytes());
  };
  Description::visit(root, "", add);

  const Bytes heap = description_->heap.bytes();
  Hdf5Encoder encoder(data_end + heap.size(), data_end);
  std::uint64_t data = kHdf5SuperblockSize;
  const Hdf5Encoder::Group top = Description::encode(root, data, encoder);

  sink(encode_hdf5_superblock(top, encoder.end()));
  auto write_elements = [&](const std::string& path, const Object& dataset) {
    const Array values = dataset.values();
    if (values.shape() != dataset.shape || values.dtype() != dataset.dtype) {
      fail(path.substr(1), fmt::format("expected values of {} {}, received {}",
                                       name_of(dataset.dtype), dataset.shape.str(), values.str()));
    }
    sink({static_cast<const std::byte*>(values.raw()), values.nbytes()});
    sink(Bytes(aligned(values.nbytes()) - values.nbytes()));
  };
  Description::visit(root, "", write_elements);
  sink(heap);
  sink(encoder.bytes());
}

Bytes Hdf5Writer::bytes() const {
  Bytes result;
  write([&](ByteSpan bytes) { result.insert(result.end(), bytes.begin(), bytes.end()); });
  return result;
}

void Hdf5Writer::save(const std::string& path) const {
  AtomicFile file(path);
  write([&](ByteSpan bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace banach::formats
