#include <banach/core/errors.hpp>
#include <banach/formats/event.hpp>
#include <banach/formats/protobuf.hpp>

#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <span>

namespace banach::formats {
namespace {

// The numbers of the fields, by message.
namespace field {
enum Event { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSource = 10 };
enum Source { kWriter = 1 };
enum Summary { kValue = 1 };
enum Value { kTag = 1, kSimpleValue = 2, kTensor = 8, kMetadata = 9 };
enum Metadata { kPluginData = 1 };
enum PluginData { kPluginName = 1, kPluginContent = 2 };
enum Tensor { kType = 1, kShape = 2, kContent = 4, kFloats = 5, kDoubles = 6, kTexts = 8 };
enum Shape { kDim = 2 };
enum Dim { kSize = 1 };
}  // namespace field

// tensorflow/core/framework/types.proto
constexpr std::uint64_t kTextType = 7;
constexpr std::size_t kMostSummaries = 65536;
constexpr struct {
  std::uint64_t number;
  DType dtype;
} kTypes[] = {{1, float32}, {2, float64},   {3, int32},   {4, uint8},
              {9, int64},   {14, bfloat16}, {19, float16}};

std::uint64_t type_number(DType dtype) {
  for (const auto& type : kTypes) {
    if (type.dtype == dtype) return type.number;
  }
  throw InvalidArgument(fmt::format("[event file] no type for {}", name_of(dtype)));
}

std::optional<DType> type_of(std::uint64_t number) {
  for (const auto& type : kTypes) {
    if (type.number == number) return type.dtype;
  }
  return std::nullopt;
}

// ---- Writing
// -------------------------------------------------------------------------------------

ProtobufWriter encode_shape(std::span<const std::int64_t> dims) {
  ProtobufWriter shape;
  for (const std::int64_t dim : dims) {
    ProtobufWriter message;
    message.number(field::kSize, static_cast<std::uint64_t>(dim));
    shape.put(field::kDim, message);
  }
  return shape;
}

ProtobufWriter encode_texts(const std::vector<std::string>& texts) {
  ProtobufWriter tensor;
  tensor.number(field::kType, kTextType);
  const auto count = static_cast<std::int64_t>(texts.size());
  tensor.put(field::kShape, encode_shape(std::span(&count, texts.size() == 1 ? 0 : 1)));
  for (const std::string& text : texts) tensor.put(field::kTexts, as_bytes(text));
  return tensor;
}

ProtobufWriter encode_numbers(const Array& numbers) {
  ProtobufWriter tensor;
  tensor.number(field::kType, type_number(numbers.dtype()));
  tensor.put(field::kShape, encode_shape({numbers.shape().begin(), numbers.shape().end()}));
  tensor.put(field::kContent, {static_cast<const std::byte*>(numbers.raw()), numbers.nbytes()});
  return tensor;
}

ProtobufWriter encode_metadata(const Summary& summary) {
  ProtobufWriter plugin, metadata;
  plugin.text(field::kPluginName, summary.plugin);
  plugin.text(field::kPluginContent, summary.plugin_content);
  metadata.put(field::kPluginData, plugin);
  return metadata;
}

ProtobufWriter encode_value(const Summary& summary) {
  ProtobufWriter value;
  value.text(field::kTag, summary.tag);
  value.put(field::kTensor,
            summary.texts.empty() ? encode_numbers(summary.numbers) : encode_texts(summary.texts));
  value.put(field::kMetadata, encode_metadata(summary));
  return value;
}

// ---- Reading
// -------------------------------------------------------------------------------------

// What a tensor's message holds, before it is put together.
struct StoredTensor {
  std::uint64_t type = 0;
  std::vector<std::int64_t> dims;
  ByteSpan content;
  std::vector<double> floats, doubles;
  std::vector<std::string> texts;
};

std::int64_t decode_dim(ByteSpan bytes, const std::string& where) {
  ProtobufReader reader(bytes, where);
  std::int64_t size = 0;
  while (reader.next()) {
    if (reader.field() == field::kSize) size = static_cast<std::int64_t>(reader.number());
  }
  if (size < 0) reader.fail(fmt::format("has a dimension of {}", size));
  return size;
}

std::vector<std::int64_t> decode_shape(ByteSpan bytes, const std::string& where) {
  ProtobufReader reader(bytes, where);
  std::vector<std::int64_t> dims;
  while (reader.next()) {
    if (reader.field() == field::kDim) dims.push_back(decode_dim(reader.bytes(), where));
    if (dims.size() > Shape::kMaxRank) reader.fail("has a tensor of more than 8 dimensions");
  }
  return dims;
}

StoredTensor decode_tensor(ByteSpan bytes, const std::string& where) {
  ProtobufReader reader(bytes, where);
  StoredTensor tensor;
  while (reader.next()) {
    switch (reader.field()) {
      case field::kType: tensor.type = reader.number(); break;
      case field::kShape: tensor.dims = decode_shape(reader.bytes(), where); break;
      case field::kContent: tensor.content = reader.bytes(); break;
      case field::kFloats: reader.reals(4, tensor.floats); break;
      case field::kDoubles: reader.reals(8, tensor.doubles); break;
      case field::kTexts: tensor.texts.push_back(reader.text()); break;
      default: break;
    }
  }
  return tensor;
}

// Elements that lie there as they are; the shape must be theirs.
Array array_of(ByteSpan content, DType dtype, const Shape& shape, const std::string& where) {
  std::uint64_t size = size_of(dtype);
  for (const std::int64_t dim : shape) {
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(dim), &size)) size = ~size;
  }
  if (size != content.size()) {
    throw Corruption(fmt::format("[{}] a tensor of shape {} and type {} has {} bytes", where,
                                 shape.str(), name_of(dtype), content.size()));
  }
  Array array(shape, dtype);
  if (!content.empty()) std::memcpy(array.mutable_raw(), content.data(), content.size());
  return array;
}

Array numbers_of(const StoredTensor& tensor, const std::string& where) {
  const auto dtype = type_of(tensor.type);
  if (!dtype) return {};
  const Shape shape{std::span(tensor.dims)};
  if (!tensor.content.empty()) return array_of(tensor.content, *dtype, shape, where);
  const std::vector<double>& values = *dtype == float32 ? tensor.floats : tensor.doubles;
  const ByteSpan bytes = std::as_bytes(std::span(values));
  if (values.empty() || !is_floating(*dtype)) return {};
  return array_of(bytes, float64, shape, where).astype(*dtype);
}

void put_tensor(StoredTensor tensor, Summary& summary, const std::string& where) {
  summary.numbers = numbers_of(tensor, where);
  summary.texts = std::move(tensor.texts);
}

void decode_metadata(ByteSpan bytes, Summary& summary, const std::string& where) {
  ProtobufReader metadata(bytes, where);
  while (metadata.next()) {
    if (metadata.field() != field::kPluginData) continue;
    ProtobufReader plugin(metadata.bytes(), where);
    while (plugin.next()) {
      if (plugin.field() == field::kPluginName) summary.plugin = plugin.text();
      if (plugin.field() == field::kPluginContent) summary.plugin_content = plugin.text();
    }
  }
}

Summary decode_value(ByteSpan bytes, const std::string& where) {
  ProtobufReader reader(bytes, where);
  Summary summary;
  while (reader.next()) {
    switch (reader.field()) {
      case field::kTag: summary.tag = reader.text(); break;
      case field::kSimpleValue: summary.numbers = Array::full({}, reader.real()); break;
      case field::kTensor: put_tensor(decode_tensor(reader.bytes(), where), summary, where); break;
      case field::kMetadata: decode_metadata(reader.bytes(), summary, where); break;
      default: break;
    }
  }
  return summary;
}

void decode_summaries(ByteSpan bytes, std::vector<Summary>& summaries, const std::string& where) {
  ProtobufReader reader(bytes, where);
  while (reader.next()) {
    if (reader.field() != field::kValue) continue;
    // An empty one takes 2 bytes in the file and a hundred times as much here.
    if (summaries.size() == kMostSummaries) reader.fail("has more than 65536 values");
    summaries.push_back(decode_value(reader.bytes(), where));
  }
}

std::string decode_writer(ByteSpan bytes, const std::string& where) {
  ProtobufReader reader(bytes, where);
  std::string writer;
  while (reader.next()) {
    if (reader.field() == field::kWriter) writer = reader.text();
  }
  return writer;
}

}  // namespace

Bytes encode_event(const Event& event) {
  ProtobufWriter message, summaries, source;
  message.fixed64(field::kWallTime, event.wall_time);
  message.number(field::kStep, static_cast<std::uint64_t>(event.step));
  message.text(field::kFileVersion, event.file_version);
  for (const Summary& summary : event.summaries) {
    summaries.put(field::kValue, encode_value(summary));
  }
  if (!event.summaries.empty()) message.put(field::kSummary, summaries);
  source.text(field::kWriter, event.writer);
  if (!event.writer.empty()) message.put(field::kSource, source);
  return message.bytes();
}

Event decode_event(ByteSpan bytes, const std::string& where) {
  ProtobufReader reader(bytes, where);
  Event event;
  while (reader.next()) {
    switch (reader.field()) {
      case field::kWallTime: event.wall_time = reader.real(); break;
      case field::kStep: event.step = static_cast<std::int64_t>(reader.number()); break;
      case field::kFileVersion: event.file_version = reader.text(); break;
      case field::kSummary: decode_summaries(reader.bytes(), event.summaries, where); break;
      case field::kSource: event.writer = decode_writer(reader.bytes(), where); break;
      default: break;
    }
  }
  return event;
}

}  // namespace banach::formats
