#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_attributes.hpp>
#include <banach/formats/hdf5_data.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::formats {
namespace {

using Kind = StoredType::Kind;

// More than a handful of attributes may lie in a heap of their own.
void check_attribute_info(const Hdf5Object& object, const std::string& where) {
  const Hdf5Message* info = object.find(hdf5_message::kAttributeInfo);
  if (info == nullptr) return;
  FieldReader fields(info->data, where, "an attribute info message");
  fields.skip(1);
  if ((fields.u8() & 1) != 0) fields.skip(2);
  if (fields.u64() == kHdf5Undefined) return;
  throw NotSupported(fmt::format(
      "[{}] keeps its attributes in a fractal heap. Write the file with libver='earliest'", where));
}

std::string text_until_zero(ByteSpan bytes) {
  const std::string_view text = as_text(bytes);
  return std::string(text.substr(0, text.find('\0')));
}

Json::List fixed_strings(const Hdf5Attribute& attribute, std::size_t count) {
  Json::List list;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = attribute.type.size;
    std::string text = text_until_zero(ByteSpan(attribute.data).subspan(i * size, size));
    if (attribute.type.is_space_padded) text.resize(text.find_last_not_of(' ') + 1);
    list.emplace_back(std::move(text));
  }
  return list;
}

// Each element points to an object of a global heap. Honest ones do not share.
Json::List variable_strings(Hdf5Metadata& metadata, const Hdf5Attribute& attribute,
                            std::size_t count, const std::string& where) {
  std::uint64_t budget = metadata.source().size();
  FieldReader fields(attribute.data, where, "a list of strings");
  Json::List list;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t length = fields.u32();
    const std::uint64_t address = fields.u64();
    const std::uint32_t index = fields.u32();
    if (length == 0) {
      list.emplace_back("");
      continue;
    }
    const ByteSpan bytes = metadata.heap_object(address, index, where);
    if (length > bytes.size()) {
      fields.fail(fmt::format("has one of {} bytes in a heap object of {}", length, bytes.size()));
    }
    if (length > budget) fields.fail("has strings that overlap");
    budget -= length;
    list.emplace_back(text_until_zero(bytes.first(length)));
  }
  return list;
}

Json::List numbers(const Hdf5Attribute& attribute, std::size_t count, const std::string& where) {
  Array values({static_cast<std::int64_t>(count)}, dtype_of_stored(attribute.type, where));
  if (count > 0) {
    convert_stored(attribute.type, attribute.data.data(), count,
                   static_cast<std::byte*>(values.mutable_raw()), where);
  }
  Json::List list;
  visit_dtype(values.dtype(), [&]<class T>() {
    for (const T value : values.values<T>()) {
      if constexpr (std::is_same_v<T, bool>) {
        list.emplace_back(value);
      } else if constexpr (std::is_integral_v<T>) {
        list.emplace_back(static_cast<std::int64_t>(value));
      } else {
        list.emplace_back(static_cast<double>(value));
      }
    }
  });
  return list;
}

Json value_of(Hdf5Metadata& metadata, const Hdf5Attribute& attribute, const std::string& where) {
  if (attribute.space.is_null) return {};
  const std::size_t most = attribute.data.size() / attribute.type.size;
  const std::uint64_t count = attribute.space.count().value_or(UINT64_MAX);
  if (count > most) {
    throw Corruption(fmt::format("[{}] has more elements than its {} bytes can hold", where,
                                 attribute.data.size()));
  }
  Json::List list;
  switch (attribute.type.kind) {
    case Kind::fixed_string: list = fixed_strings(attribute, count); break;
    case Kind::variable_string: list = variable_strings(metadata, attribute, count, where); break;
    default: list = numbers(attribute, count, where);
  }
  if (attribute.space.dims.empty()) return std::move(list.front());
  return list;
}

}  // namespace

std::optional<Json> read_hdf5_attribute(Hdf5Metadata& metadata, const Hdf5Object& object,
                                        const std::string& name, const std::string& where) {
  check_attribute_info(object, where);
  for (const Hdf5Message& message : object.messages) {
    if (message.type != hdf5_message::kAttribute) continue;
    if (parse_hdf5_attribute_name(message.data, where) != name) continue;
    return value_of(metadata, parse_hdf5_attribute(message.data, where), where + "@" + name);
  }
  return std::nullopt;
}

std::vector<std::string> hdf5_attribute_names(const Hdf5Object& object, const std::string& where) {
  check_attribute_info(object, where);
  std::vector<std::string> names;
  for (const Hdf5Message& message : object.messages) {
    if (message.type != hdf5_message::kAttribute) continue;
    names.push_back(parse_hdf5_attribute_name(message.data, where));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace banach::formats
