#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/file.hpp>

#include <string>
#include <vector>

/// What TensorBoard shows, as TensorFlow 2's tf.summary writes it
/// (tensorflow/core/util/event.proto, framework/summary.proto).
namespace banach::formats {

/// What is logged under one tag at one step: numbers or texts.
struct Summary {
  std::string tag;
  std::string plugin;          ///< who shows it: "scalars", "histograms", "text", ...
  std::string plugin_content;  ///< what it wants to know
  Array numbers;               ///< of a type that Array has
  std::vector<std::string> texts;
};

struct Event {
  double wall_time = 0;  ///< in seconds since 1970
  std::int64_t step = 0;
  std::string file_version;  ///< of a file's first event: "brain.Event:2"
  std::string writer;        ///< of a file's first event: who wrote it
  std::vector<Summary> summaries;
};

/// As tf.summary.scalar: one float32.
Summary scalar_summary(const std::string& tag, double value);
/// As tf.summary.histogram: (30, 3) float64, of each bucket its ends and how many values it has.
/// Values that are not finite are in none.
Summary histogram_summary(const std::string& tag, const Array& values);
/// As tf.summary.text: Markdown.
Summary text_summary(const std::string& tag, const std::string& text);
/// What Keras' callback writes for the graph that TensorBoard shows: model.to_json().
Summary keras_model_summary(const std::string& tag, const std::string& json);

/// The bytes that TensorFlow writes for it.
Bytes encode_event(const Event& event);

/// The other way round, also of a "simple_value" as TensorFlow 1 and PyTorch write it. What Event
/// has no place for is left out: TensorFlow's graphs, images, numbers of other types. Corruption
/// for what is malformed.
Event decode_event(ByteSpan bytes, const std::string& where);

}  // namespace banach::formats
