// The configs of models: get_config, set_config, and layers inside them. Keras:
// models/sequential.py, models/functional.py.
#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/registry.hpp>
#include <banach/models/call_config.hpp>
#include <banach/models/functional.hpp>
#include <banach/models/model_config.hpp>
#include <banach/models/sequential.hpp>
#include <banach/nn/serialization.hpp>

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <iterator>
#include <map>

namespace banach {
namespace {

constexpr std::string_view kModulesOfKeras[] = {"keras", "tf_keras", "tensorflow", "builtins"};

bool is_functional(const Layer& layer) { return layer.class_name() == "Functional"; }

Json keras_tensor(const Json& history, const TensorSpec& spec) {
  return Json::dict({{"class_name", "__keras_tensor__"},
                     {"config", Json::dict({{"shape", to_json(spec.shape)},
                                            {"dtype", std::string(name_of(spec.dtype))},
                                            {"keras_history", history}})}});
}

// Writes a graph: layers with their calls, which are numbered within each layer.
class GraphWriter {
 public:
  explicit GraphWriter(const FunctionalGraph& graph)
      : graph_(graph), numbers_(graph.call_numbers()) {}

  Json layers() const {
    Json::List list;
    for (const auto& layer : graph_.layers()) {
      Json serialized = serialize(*layer);
      serialized["name"] = layer->name();
      serialized["inbound_nodes"] = calls(*layer);
      list.push_back(std::move(serialized));
    }
    return list;
  }

  // ["dense", 0, 0], or a list of them. Keras counts the calls of a functional model from 1 here.
  Json ends(const Tensors& tensors) const {
    Json::List list;
    for (const Tensor& tensor : tensors) {
      list.push_back(history(tensor, is_functional(*layer_call(tensor).layer) ? 1 : 0));
    }
    return list.size() == 1 ? list.front() : Json(list);
  }

 private:
  Json calls(const Layer& layer) const {
    Json::List list;
    for (const NodePtr& call : graph_.calls(layer)) {
      if (call->inputs.empty()) continue;
      Json::List tensors;
      for (const Tensor& input : call->inputs) {
        tensors.push_back(keras_tensor(history(input, 0), input.spec()));
      }
      const Json arguments = tensors.size() == 1 ? tensors.front() : Json(tensors);
      list.push_back(Json::dict({{"args", Json::list({arguments})}, {"kwargs", Json::dict()}}));
    }
    return list;
  }

  Json history(const Tensor& tensor, int first) const {
    return Json::list(
        {layer_call(tensor).layer->name(), first + numbers_.at(&tensor.node()), tensor.index()});
  }

  const FunctionalGraph& graph_;
  std::map<const Node*, int> numbers_;
};

bool is_history(const Json& json) {
  return json.is_list() && json.as_list().size() >= 3 && json.as_list()[0].is_string();
}

// Reads a graph: makes the layers, then their calls as soon as what they take exists.
class GraphReader {
 public:
  GraphReader(const Json& config, std::string model) : model_(std::move(model)) {
    for (const Json& layer : config.at("layers").as_list()) add_layer(layer);
    while (!ready_.empty()) {
      Call call = std::move(ready_.front());
      ready_.pop_front();
      make_or_wait(std::move(call));
    }
    if (!waiting_.empty()) fail_unresolved();
    inputs = ends(config, "input_layers");
    outputs = ends(config, "output_layers");
  }

  Tensors inputs, outputs;

 private:
  struct Made {
    std::shared_ptr<Layer> layer;
    std::vector<Tensors> calls;  // the outputs of each
  };
  using CallNumber = std::pair<std::string, std::int64_t>;  // of a layer
  struct Call {
    std::string layer;
    std::int64_t number = 0;
    std::vector<KerasHistory> inputs;
  };

  void add_layer(const Json& json) {
    const std::string& name = json.at("name").as_string();
    Made made{deserialize(without_operator(json)), {}};
    if (const auto* input = dynamic_cast<const layers::InputLayer*>(made.layer.get())) {
      made.calls = {{layers::Input(*input)}};
    }
    if (!layers_.emplace(name, std::move(made)).second) {
      throw InvalidArgument(fmt::format("[{}] two layers are called '{}'", model_, name));
    }
    std::int64_t number = 0;
    for (const Json& call : json.at("inbound_nodes").as_list()) {
      ready_.push_back({name, number++, call_inputs(name, call)});
      legacy_ = legacy_ || !call.is_dict();
    }
  }

  // Makes the call and wakes those that waited for it, or lets it wait for the first one missing.
  void make_or_wait(Call call) {
    Made& made = layers_.at(call.layer);
    const auto calls_made = static_cast<std::int64_t>(made.calls.size());
    if (call.number != calls_made) return wait({call.layer, call.number - 1}, std::move(call));
    Tensors tensors;
    for (const KerasHistory& input : call.inputs) {
      // TensorFlow 2 counted the calls of a model inside another from 1.
      const std::int64_t first_of_models = legacy_ ? 1 : 0;
      const Tensor tensor = find(input, first_of_models);
      if (!tensor) return wait(source(input, first_of_models), std::move(call));
      tensors.push_back(tensor);
    }
    made.calls.push_back(made.layer->apply(tensors));
    wake({call.layer, calls_made});
  }

  // By reference, so that the call is there while `missing` is read from it.
  void wait(const CallNumber& missing, Call&& call) {
    waiting_[missing].push_back(std::move(call));
  }

  void wake(const CallNumber& made) {
    const auto found = waiting_.find(made);
    if (found == waiting_.end()) return;
    std::ranges::move(found->second, std::back_inserter(ready_));
    waiting_.erase(found);
  }

  // The call, counted from 0, that a tensor comes from.
  CallNumber source(const KerasHistory& history, std::int64_t first_of_models) const {
    const bool is_model = dynamic_cast<const Model*>(layers_.at(history.layer).layer.get());
    return {history.layer, history.call - (is_model ? first_of_models : 0)};
  }

  // Empty when the call is not made yet.
  Tensor find(const KerasHistory& history, std::int64_t first_of_models) const {
    const auto found = layers_.find(history.layer);
    if (found == layers_.end()) {
      throw InvalidArgument(fmt::format("[{}] its graph names a layer '{}' that there is not",
                                        model_, history.layer));
    }
    const Made& made = found->second;
    const std::int64_t call = source(history, first_of_models).second;
    if (call < 0) fail_history(history);
    if (call >= static_cast<std::int64_t>(made.calls.size())) return {};
    const Tensors& outputs_of_call = made.calls[static_cast<std::size_t>(call)];
    if (history.output < 0 || history.output >= static_cast<std::int64_t>(outputs_of_call.size())) {
      fail_history(history);
    }
    return outputs_of_call[static_cast<std::size_t>(history.output)];
  }

  Tensors ends(const Json& config, const char* field) const {
    const Json& json = config.at(field);
    if (!json.is_dict()) return ends(json);
    throw NotSupported(fmt::format(
        "[{}] {}: expected a list of tensors, received a dict of them by name: make the "
        "model with lists of inputs and outputs",
        model_, field));
  }

  Tensors ends(const Json& json) const {
    Tensors tensors;
    if (!is_history(json)) {
      for (const Json& item : json.as_list()) {
        const Tensors inner = ends(item);
        tensors.insert(tensors.end(), inner.begin(), inner.end());
      }
      return tensors;
    }
    const KerasHistory history = parse_keras_history(json);
    const auto found = layers_.find(history.layer);
    const bool from_1 = found != layers_.end() && (legacy_ || is_functional(*found->second.layer));
    const Tensor tensor = find(history, from_1 ? 1 : 0);
    if (!tensor) fail_history(history);
    return {tensor};
  }

  [[noreturn]] void fail_history(const KerasHistory& history) const {
    throw InvalidArgument(
        fmt::format("[{}] its graph names output {} of call {} of the layer '{}' "
                    "that there is not",
                    model_, history.output, history.call, history.layer));
  }

  [[noreturn]] void fail_unresolved() const {
    std::vector<std::string> names;
    for (const auto& [missing, calls] : waiting_) names.push_back(calls.front().layer);
    std::ranges::sort(names);
    names.resize(std::min<std::size_t>(names.size(), 5));
    throw InvalidArgument(fmt::format(
        "[{}] its graph has a cycle, or calls that are not there: the inputs of {} never come",
        model_, join(names)));
  }

  std::string model_;
  bool legacy_ = false;
  std::map<std::string, Made> layers_;
  std::deque<Call> ready_;
  std::map<CallNumber, std::vector<Call>> waiting_;  // for the call that each needs first
};

// What cannot be written is said with the layer that has it.
Json serialize_named(const Layer& layer) {
  try {
    return serialize_layer(layer);
  } catch (const NotSupported& error) {
    const std::string text = error.what(), tag = "[" + layer.name() + "] ";
    throw NotSupported(text.starts_with(tag) ? text : tag + text);
  }
}

// Whether a class is of a module that is not Keras', so that its name says nothing.
bool is_foreign(const Json& layer) {
  const Json* module = layer.find("module");
  if (module == nullptr || !module->is_string()) return false;
  return std::ranges::none_of(kModulesOfKeras, [&](std::string_view known) {
    return module->as_string().starts_with(known);
  });
}

// The layer of that class that register_layer() was called for, whatever Keras' are called.
Json registered(Json layer, const std::string& class_name) {
  layer["registered_name"] = "Custom>" + class_name;
  return layer;
}

}  // namespace

Json serialize(const Layer& layer) {
  if (dynamic_cast<const Sequential*>(&layer)) {
    return serialized("keras", "Sequential", layer.get_config());
  }
  if (is_functional(layer)) {
    return serialized("keras.src.models.functional", "Functional", layer.get_config());
  }
  return serialize_named(layer);
}

std::shared_ptr<Layer> deserialize(const Json& json) {
  const SerializedObject object = parse_serialized(json, "a layer");
  std::shared_ptr<Layer> model;
  if (object.registered_name.empty() || object.registered_name == object.class_name) {
    if (is_foreign(json)) return deserialize_layer(registered(json, object.class_name));
    if (object.class_name == "Sequential") model = std::make_shared<Sequential>();
    if (object.class_name == "Functional" || object.class_name == "Model") {
      model = std::make_shared<Model>();
    }
  }
  if (model == nullptr) return deserialize_layer(json);
  model->set_config(object.config);
  return model;
}

Json Model::get_config() const {
  if (graph_ == nullptr) return Layer::get_config();
  const GraphWriter writer(*graph_);
  return Json::dict({{"name", name()},
                     {"trainable", trainable()},
                     {"dtype", to_json(dtype_policy())},
                     {"layers", writer.layers()},
                     {"input_layers", writer.ends(graph_->inputs())},
                     {"output_layers", writer.ends(graph_->outputs())}});
}

void Model::set_config(const Json& config) {
  if (!is_functional(*this)) return Layer::set_config(config);
  set_common_config(config);
  GraphReader reader(config, name());
  graph_ = std::make_shared<FunctionalGraph>(std::move(reader.inputs), std::move(reader.outputs));
}

Json Sequential::get_config() const {
  Json::List layers_config;
  if (const auto calls = graph()) {
    layers_config.push_back(serialize(*layer_call(calls->inputs().front()).layer));
  }
  for (const auto& layer : layers()) layers_config.push_back(serialize(*layer));
  Json config = Json::dict({{"name", name()},
                            {"trainable", trainable()},
                            {"dtype", to_json(dtype_policy())},
                            {"layers", std::move(layers_config)}});
  if (const auto shapes = input_shapes(); !shapes.empty()) {
    config["build_input_shape"] = to_json(shapes.front());
  }
  return config;
}

void Sequential::set_config(const Json& config) {
  // Very old files are the list of layers alone.
  const Json& list = config.is_list() ? config : config.at("layers");
  if (config.is_dict()) set_common_config(config);
  for (const Json& layer : list.as_list()) add(deserialize(layer));
  const Json* shape = config.find("build_input_shape");
  if (shape != nullptr && shape->is_list() && !graph()) {
    Shape input_shape;
    from_json(*shape, input_shape);
    build(input_shape);
  }
}

}  // namespace banach
