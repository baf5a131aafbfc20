#include <banach/core/errors.hpp>
#include <banach/formats/hdf5_attributes.hpp>
#include <banach/formats/hdf5_data.hpp>
#include <banach/formats/hdf5_messages.hpp>
#include <banach/formats/hdf5_metadata.hpp>
#include <banach/formats/hdf5_reader.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::formats {
namespace {

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

}  // namespace

Hdf5Reader::Hdf5Reader(ByteSource source)
    : metadata_(std::make_unique<Hdf5Metadata>(std::move(source))) {}
Hdf5Reader::Hdf5Reader(Hdf5Reader&& other) noexcept = default;
Hdf5Reader& Hdf5Reader::operator=(Hdf5Reader&& other) noexcept = default;
Hdf5Reader::~Hdf5Reader() = default;

const std::string& Hdf5Reader::name() const { return metadata_->source().name(); }

std::string Hdf5Reader::where(const std::string& path) const { return joined(name(), path); }

// The address of the object at a path; slashes at the begin and the end do not matter.
std::optional<std::uint64_t> Hdf5Reader::find(const std::string& path) {
  std::uint64_t address = metadata_->root();
  std::string reached;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string component = path.substr(at, slash - at);
    at = slash + 1;
    if (component.empty()) continue;
    if (!metadata_->object(address, where(reached)).is_group()) return std::nullopt;
    const auto& links = metadata_->links(address, where(reached));
    const auto found = links.find(component);
    if (found == links.end()) return std::nullopt;
    address = found->second;
    reached = joined(reached, component);
  }
  return address;
}

const Hdf5Object& Hdf5Reader::object(const std::string& path) {
  const auto address = find(path);
  if (!address) throw NotFound(fmt::format("[{}] has no '{}'", name(), path));
  return metadata_->object(*address, where(path));
}

const Hdf5Object& Hdf5Reader::dataset(const std::string& path) {
  const Hdf5Object& found = object(path);
  if (!found.is_dataset()) throw NotFound(fmt::format("[{}] is no dataset", where(path)));
  return found;
}

bool Hdf5Reader::contains(const std::string& path) { return find(path).has_value(); }
bool Hdf5Reader::is_group(const std::string& path) {
  return contains(path) && object(path).is_group();
}
bool Hdf5Reader::is_dataset(const std::string& path) {
  return contains(path) && object(path).is_dataset();
}

std::vector<std::string> Hdf5Reader::members(const std::string& path) {
  const auto address = find(path);
  if (!address) throw NotFound(fmt::format("[{}] has no '{}'", name(), path));
  std::vector<std::string> names;
  for (const auto& link : metadata_->links(*address, where(path))) names.push_back(link.first);
  return names;
}

std::vector<std::string> Hdf5Reader::datasets(const std::string& path) {
  std::set<std::uint64_t> groups;
  std::vector<std::string> paths;
  collect_datasets(path, groups, paths);
  std::ranges::sort(paths);
  return paths;
}

void Hdf5Reader::collect_datasets(const std::string& path, std::set<std::uint64_t>& groups,
                                  std::vector<std::string>& paths) {
  constexpr std::ptrdiff_t kMaxDepth = 64;
  if (std::ranges::count(path, '/') > kMaxDepth) {
    throw Corruption(fmt::format("[{}] groups nest deeper than {} levels", name(), kMaxDepth));
  }
  for (const std::string& member : members(path)) {
    const std::string below = joined(path, member);
    if (is_dataset(below)) paths.push_back(below);
    if (!is_group(below)) continue;
    if (!groups.insert(*find(below)).second) {
      throw Corruption(fmt::format("[{}] is reached twice: a loop of links", where(below)));
    }
    collect_datasets(below, groups, paths);
  }
}

StoredType Hdf5Reader::type_of(const std::string& path) {
  const Bytes& message = dataset(path).find(hdf5_message::kDatatype)->data;
  StoredType type = parse_hdf5_type(message, where(path));
  // Keras stores bfloat16 as opaque bytes and says so (saving_lib.py, H5IOStore).
  if (type.kind == StoredType::Kind::opaque && type.size == 2 &&
      attribute(path, "dtype") == Json("bfloat16")) {
    type.kind = StoredType::Kind::bfloat16;
  }
  return type;
}

Shape Hdf5Reader::shape_of(const std::string& path, const StoredType& type) {
  const std::string place = where(path);
  const Hdf5Space space =
      parse_hdf5_space(dataset(path).find(hdf5_message::kDataspace)->data, place);
  if (space.is_null) throw NotSupported(fmt::format("[{}] has no elements (h5py.Empty)", place));
  if (space.dims.size() > Shape::kMaxRank) {
    throw NotSupported(fmt::format("[{}] has {} axes, expected at most {}", place,
                                   space.dims.size(), Shape::kMaxRank));
  }
  const auto count = space.count();
  if (!count || *count > static_cast<std::uint64_t>(INT64_MAX) / type.size) {
    throw Corruption(fmt::format("[{}] its dims ({}) say more than 2^63 bytes", place,
                                 fmt::join(space.dims, ", ")));
  }
  Shape shape;
  for (std::uint64_t dim : space.dims) shape.push_back(static_cast<std::int64_t>(dim));
  return shape;
}

Hdf5Dataset Hdf5Reader::info(const std::string& path) {
  const StoredType type = type_of(path);
  return {shape_of(path, type), dtype_of_stored(type, where(path))};
}

Hdf5StoredDataset Hdf5Reader::stored_info(const std::string& path) {
  const StoredType type = type_of(path);
  return {shape_of(path, type), name_of(type)};
}

Array Hdf5Reader::read(const std::string& path) {
  const StoredType type = type_of(path);
  const Shape shape = shape_of(path, type);
  const DType dtype = dtype_of_stored(type, where(path));
  Array result;
  const auto room = [&] {
    result = Array(shape, dtype);
    return static_cast<std::byte*>(result.mutable_raw());
  };
  read_hdf5_data(metadata_->source(), dataset(path), type, shape, where(path), room);
  return shape.size() == 0 ? Array(shape, dtype) : result;
}

void Hdf5Reader::read_into(const std::string& path, DType dtype, std::span<std::byte> to) {
  const StoredType type = type_of(path);
  const Shape shape = shape_of(path, type);
  const std::uint64_t bytes = static_cast<std::uint64_t>(shape.size()) * size_of(dtype);
  if (dtype_of_stored(type, where(path)) != dtype || bytes != to.size()) {
    throw InvalidArgument(fmt::format("[{}] holds {} of {}, expected {} bytes of {}", where(path),
                                      shape.str(), name_of(dtype_of_stored(type, where(path))),
                                      to.size(), name_of(dtype)));
  }
  read_hdf5_data(metadata_->source(), dataset(path), type, shape, where(path),
                 [to] { return to.data(); });
}

std::vector<std::string> Hdf5Reader::attributes(const std::string& path) {
  return hdf5_attribute_names(object(path), where(path));
}

std::optional<Json> Hdf5Reader::attribute(const std::string& path, const std::string& name) {
  return read_hdf5_attribute(*metadata_, object(path), name, where(path));
}

std::optional<std::vector<std::string>> Hdf5Reader::string_list(const std::string& path,
                                                                const std::string& name) {
  std::vector<std::string> strings;
  const auto append = [&](const Json& part, const std::string& part_name) {
    if (!part.is_list()) {
      throw Corruption(fmt::format("[{}@{}] expected a list of strings, received {}", where(path),
                                   part_name, part.kind()));
    }
    for (const Json& item : part.as_list()) {
      if (!item.is_string()) {
        throw Corruption(fmt::format("[{}@{}] expected a list of strings, received {} in it",
                                     where(path), part_name, item.kind()));
      }
      strings.push_back(item.as_string());
    }
  };
  if (const auto whole = attribute(path, name)) {
    append(*whole, name);
    return strings;
  }
  for (std::size_t count = 0;; ++count) {
    const std::string part_name = name + std::to_string(count);
    const auto part = attribute(path, part_name);
    if (!part && count == 0) return std::nullopt;
    if (!part) return strings;
    append(*part, part_name);
  }
}

}  // namespace banach::formats
