// Model files that lie: each must end in a typed error that names file, member and reason, soon and
// without memory that the file's own content does not justify. What their containers can do wrong
// is tested in tests/formats.
#include <banach/banach.hpp>
#include <banach/formats/hdf5_writer.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/zip.hpp>
#include <tests/nn/warnings.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/memory.hpp>
#include <tests/support/temp_dir.hpp>

#include <chrono>
#include <doctest/doctest.h>
#include <functional>

#include <sys/stat.h>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

using Edit = std::function<void(Json& config)>;

std::map<std::string, Bytes> golden_members() {
  ZipReader archive{ByteSource(std::string(BANACH_GOLDEN_DIR) + "/keras_small.keras")};
  std::map<std::string, Bytes> members;
  for (const ZipMember& member : archive.members())
    members[member.name] = archive.read(member.name);
  return members;
}

void write_members(const std::string& path, const std::map<std::string, Bytes>& members) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, bytes] : members) entries.push_back({name, bytes, false});
  write_file_atomic(path, write_zip(entries));
}

constexpr std::chrono::seconds kSoon(kSanitized ? 20 : 1);

// Loads soon and within 64 MiB more; the text of the error, empty when there was none.
std::string load(const std::string& path) {
  const PeakMemory memory;
  const auto begin = std::chrono::steady_clock::now();
  std::string text;
  try {
    saving::load_model(path);
  } catch (const Error& error) {
    text = error.what();
    CHECK(text.find(path) != std::string::npos);
  }
  CHECK(std::chrono::steady_clock::now() - begin < kSoon);
  CHECK(static_cast<std::int64_t>(memory.growth()) < std::int64_t{64} << 20);
  return text;
}

// keras_small.keras with another config.
std::string load_edited(const TempDir& dir, const Edit& edit) {
  auto members = golden_members();
  Json json = parse_json(as_text(members.at("config.json")), "config.json");
  edit(json);
  const std::string text = format_json(json), path = dir / "model.keras";
  const ByteSpan bytes = as_bytes(text);
  members["config.json"].assign(bytes.begin(), bytes.end());
  write_members(path, members);
  return load(path);
}

// Layer `i` of the config: 0 input, 1 Conv2D, 2 AlphaDropout, 3 Flatten, 4 and 5 Dense.
Json layer(Json& json, std::size_t i) { return json["config"]["layers"].as_list().at(i); }

Edit set_option(std::size_t i, const std::string& name, const Json& value) {
  return [=](Json& json) {
    Json edited = layer(json, i);
    edited["config"][name] = value;
    Json::List layers = json["config"]["layers"].as_list();
    layers[i] = edited;
    json["config"]["layers"] = layers;
  };
}

// Instead of the Conv2D.
Edit set_image_layer(const std::string& class_name, const std::string& option, const Json& value) {
  return [=](Json& json) {
    Json::List layers = json["config"]["layers"].as_list();
    layers[1]["class_name"] = class_name;
    layers[1]["config"] = Json::dict({{"name", "image"}, {option, value}});
    json["config"]["layers"] = layers;
  };
}

constexpr std::int64_t k2To61 = std::int64_t{1} << 61;

Edit set_class(std::size_t i, const std::string& class_name, const std::string& module = "") {
  return [=](Json& json) {
    Json::List layers = json["config"]["layers"].as_list();
    layers[i]["class_name"] = class_name;
    if (!module.empty()) layers[i]["module"] = module;
    json["config"]["layers"] = layers;
  };
}

struct Case {
  const char* kind;
  Edit edit;
  const char* text;
};

const Case kCases[] = {
    {"an unknown class", set_class(4, "Densee"), "[dense] unknown layer class 'Densee'"},
    {"Lambda, which would run code", set_class(4, "Lambda"), "unknown layer class 'Lambda'"},
    {"TFSMLayer, which would open a file", set_class(4, "TFSMLayer"), "unknown layer class"},
    {"a function of a module", set_class(4, "system", "os"), "unknown layer class 'system'"},
    {"StringLookup of a path", set_class(4, "StringLookup"), "unknown layer class"},
    {"units 0", set_option(4, "units", 0), "units must be at least 1, received 0"},
    {"units -1", set_option(4, "units", -1), "units must be at least 1"},
    {"units 2^31", set_option(4, "units", std::int64_t{1} << 31), "the config asks for"},
    {"units 2^62", set_option(4, "units", std::int64_t{1} << 62), "dense"},
    {"units of 1e300", set_option(4, "units", 1e300), "[dense] units: expected an integer"},
    {"units as text", set_option(4, "units", "6"), "[dense] units: expected an integer"},
    {"units that are not there", set_option(4, "units", Json()), "[dense] units"},
    {"more units than the weights have", set_option(4, "units", 5), "expected shape"},
    {"a kernel of size 0", set_option(1, "kernel_size", Json::list({0, 3})), "kernel_size"},
    {"a kernel of size -3", set_option(1, "kernel_size", Json::list({-3, 3})), "kernel_size"},
    {"a kernel of three sizes", set_option(1, "kernel_size", Json::list({3, 3, 3})), "kernel_size"},
    {"a kernel larger than the image", set_option(1, "kernel_size", 1000), "conv2d"},
    {"strides 0", set_option(1, "strides", 0), "strides"},
    {"dilation 0", set_option(1, "dilation_rate", 0), "dilation_rate"},
    {"a kernel of 2^61", set_option(1, "kernel_size", Json::list({k2To61, 1})), "kernel_size"},
    {"strides of 2^61", set_option(1, "strides", k2To61), "strides must be at most"},
    {"a dilation of 2^61", set_option(1, "dilation_rate", Json::list({k2To61, 1})),
     "dilation_rate must be at most"},
    {"a dilation of 2^24 with padding",
     [](Json& json) {
       set_option(1, "padding", "same")(json);
       set_option(1, "dilation_rate", 1 << 24)(json);
     },
     "expected a window that reaches at most"},
    {"a pool of 2^61", set_image_layer("MaxPooling2D", "pool_size", k2To61), "pool_size must be"},
    {"a pool's strides of 2^61", set_image_layer("AveragePooling2D", "strides", k2To61),
     "strides must be at most"},
    {"an up-sampling by 2^61", set_image_layer("UpSampling2D", "size", k2To61),
     "size must be at most"},
    {"a padding of 2^61",
     set_image_layer("ZeroPadding2D", "padding",
                     Json::list({Json::list({k2To61, 0}), Json::list({0, k2To61})})),
     "padding must be at most"},
    {"a shape whose size overflows",
     set_image_layer("Reshape", "target_shape", Json::list({std::int64_t{1} << 32, k2To61, -1})),
     "beyond all memory"},
    {"groups that do not divide", set_option(1, "groups", 3), "groups"},
    {"filters 2^40", set_option(1, "filters", std::int64_t{1} << 40), "conv2d"},
    {"channels first", set_option(1, "data_format", "channels_first"), "data_format"},
    {"an unknown padding", set_option(1, "padding", "causal"), "padding"},
    {"an unknown activation", set_option(4, "activation", "seluu"), "Did you mean 'selu'?"},
    {"an unknown initializer", set_option(4, "kernel_initializer", "lecunnormal"), "initializer"},
    {"an initializer that is a number", set_option(4, "kernel_initializer", 3), "initializer"},
    {"an unknown regularizer", set_option(4, "kernel_regularizer", "l3"), "regularizer"},
    {"an unknown dtype", set_option(4, "dtype", "complex64"), "[dense] dtype"},
    {"rate -0.1", set_option(2, "rate", -0.1), "rate must be in [0, 1]"},
    {"rate 1e308", set_option(2, "rate", 1e308), "rate must be in [0, 1]"},
    {"a seed of -1", set_option(2, "seed", -1), "seed"},
    {"a name that is a number", set_option(4, "name", 7), "name: expected a string"},
    {"a name twice", set_option(5, "name", "dense"), "unique names"},
    {"an image of negative size", set_option(0, "batch_shape", Json::list({Json(), -8, 8, 1})),
     "batch_shape"},
    {"an image of 2^40 rows",
     set_option(0, "batch_shape", Json::list({Json(), std::int64_t{1} << 40, 8, 1})),
     "rows and columns"},
    {"an image whose size overflows",
     set_option(0, "batch_shape",
                Json::list({Json(), std::int64_t{1} << 62, std::int64_t{1} << 62, 1})),
     ""},
    {"an input of nine axes", set_option(0, "batch_shape", Json::list({1, 1, 1, 1, 1, 1, 1, 1, 1})),
     "input_layer"},
    {"an input without a batch", set_option(0, "batch_shape", Json::list()), "batch_shape"},
    {"layers that are no list", [](Json& json) { json["config"]["layers"] = "all"; },
     "expected a list"},
    {"no layers", [](Json& json) { json["config"] = Json::dict(); }, "'layers'"},
    {"no config", [](Json& json) { json["config"] = Json(); }, "'layers'"},
    {"a config that is a number", [](Json& json) { json["config"] = 3; }, "expected a dict"},
    {"a class that is a list", [](Json& json) { json["class_name"] = Json::list(); }, "class_name"},
    {"a layer instead of a model", [](Json& json) { json = layer(json, 4); },
     "expected a model, received a layer of class Dense"},
    {"text instead of a model", [](Json& json) { json = "Sequential"; }, ""},
    {"an unknown optimizer", [](Json& json) { json["compile_config"]["optimizer"] = "adamm"; },
     "Did you mean 'adam'?"},
    {"an unknown loss", [](Json& json) { json["compile_config"]["loss"] = "mean_squared_eror"; },
     "load with {.compile = false}"},
    {"a metric that is a number",
     [](Json& json) { json["compile_config"]["metrics"] = Json::list({7}); }, "metric"},
    {"loss weights for outputs that are not there",
     [](Json& json) { json["compile_config"]["loss_weights"] = Json::dict({{"no", 1.0}}); },
     "no output is called 'no'"},
};

// Every scalar of a value, one after the other, replaced by `with`.
void for_each_replaced(const Json& json, const Json& with, const std::function<void(Json)>& use) {
  if (json.is_list()) {
    for (std::size_t i = 0; i < json.as_list().size(); ++i) {
      for_each_replaced(json.as_list()[i], with, [&](Json item) {
        Json::List list = json.as_list();
        list[i] = std::move(item);
        use(list);
      });
    }
  } else if (json.is_dict()) {
    for (std::size_t i = 0; i < json.as_dict().size(); ++i) {
      for_each_replaced(json.as_dict()[i].second, with, [&](Json value) {
        Json::Dict dict = json.as_dict();
        dict[i].second = std::move(value);
        use(dict);
      });
    }
  } else {
    use(with);
  }
}

}  // namespace

TEST_CASE("a config that lies is refused, naming file and reason") {
  const TempDir dir;
  for (const Case& item : kCases) {
    INFO(item.kind);
    const std::string text = load_edited(dir, item.edit);
    CHECK_FALSE(text.empty());
    INFO(text);
    CHECK(text.find(item.text) != std::string::npos);
  }
}

TEST_CASE("a wrong value in any field of a config ends in a model or a typed error") {
  const TempDir dir;
  const WarningRecorder ignored;
  const Json config = parse_json(as_text(golden_members().at("config.json")), "config.json");
  int models = 0, errors = 0;
  for (const Json& with : {Json(), Json(-1), Json(std::int64_t{1} << 50), Json(1e308), Json("x"),
                           Json::list({1, 2}), Json::dict({{"class_name", "x"}})}) {
    for_each_replaced(config, with, [&](const Json& edited) {
      (load_edited(dir, [&](Json& json) { json = edited; }).empty() ? models : errors)++;
    });
  }
  CHECK(models > 0);
  CHECK(errors > 100);
}

TEST_CASE("members that are missing, of another model, or no file at all are said") {
  const TempDir dir;
  const std::string path = dir / "model.keras";
  for (const char* member : {"config.json", "model.weights.h5"}) {
    auto members = golden_members();
    members.erase(member);
    write_members(path, members);
    CHECK(load(path).find(member) != std::string::npos);
  }
  auto members = golden_members();
  Hdf5Writer other;
  other.dataset("layers/dense/vars/0", Array({2, 2}));
  members["model.weights.h5"] = other.bytes();
  write_members(path, members);
  CHECK_FALSE(load(path).empty());

  CHECK(mkdir((dir / "folder.keras").c_str(), 0700) == 0);
  CHECK(mkfifo((dir / "pipe.h5").c_str(), 0600) == 0);
  CHECK_FALSE(load(dir / "folder.keras").empty());
  CHECK_FALSE(load(dir / "pipe.h5").empty());
  write_file_atomic(dir / "empty.keras", {});
  CHECK_FALSE(load(dir / "empty.keras").empty());
  write_file_atomic(dir / "empty.h5", {});
  CHECK_FALSE(load(dir / "empty.h5").empty());
}

TEST_CASE("a state of training that lies is refused, naming member and reason") {
  const TempDir dir;
  const auto load_with = [&](const Json& training) {
    auto members = golden_members();
    const std::string text = format_json(training);
    const ByteSpan bytes = as_bytes(text);
    members["banach_training.json"].assign(bytes.begin(), bytes.end());
    write_members(dir / "model.keras", members);
    return load(dir / "model.keras");
  };
  const Json seeds = Json::dict({{"alpha_dropout", std::int64_t{-7}}});
  const Json good = Json::dict(
      {{"epochs", 2}, {"shuffle_seed", 5}, {"run", 1}, {"random_step", 9}, {"seeds", seeds}});
  CHECK(load_with(good).empty());
  const struct {
    const char* field;
    Json value;
    const char* text;
  } cases[] = {
      {"epochs", -1, "epochs: expected a number >= 0, received -1"},
      {"epochs", "2", "epochs: expected an integer"},
      {"epochs", 1e300, "epochs: expected an integer"},
      {"shuffle_seed", "five", "shuffle_seed"},
      {"random_step", -9, "random_step: expected a number >= 0, received -9"},
      {"random_step", 0.5, "random_step: expected an integer"},
      {"seeds", Json::list({7}), "seeds: expected a dict of 1 layers, received a list"},
      {"seeds", Json::dict(), "seeds: expected a dict of 1 layers, received 0"},
      {"seeds", Json::dict({{"other", 7}}), "alpha_dropout"},
      {"seeds", Json::dict({{"alpha_dropout", "7"}}), "expected an integer"},
      {"seeds", Json::dict({{"alpha_dropout", 7}, {"other", 8}}),
       "expected a dict of 1 layers, received 2"},
  };
  for (const auto& [field, value, expected] : cases) {
    Json edited = good;
    edited[field] = value;
    const std::string text = load_with(edited);
    INFO(text);
    CHECK(text.find("model.keras/banach_training.json") != std::string::npos);
    CHECK(text.find(expected) != std::string::npos);
  }
  for (const Json& no_state : {Json(), Json(3), Json::list(), Json::dict(), Json("x")}) {
    CHECK(load_with(no_state).find("banach_training.json") != std::string::npos);
  }
}

TEST_CASE("a model of more layers than the weights are for is refused in time") {
  const TempDir dir;
  const auto many = [](Json& json) {
    const Json dense = layer(json, 4);
    Json::List layers = {layer(json, 0), layer(json, 3)};
    for (int i = 0; i < 10'000; ++i) {
      layers.push_back(dense);
      layers.back()["config"]["name"] = "dense_" + std::to_string(i);
    }
    json["config"]["layers"] = layers;
  };
  CHECK(load_edited(dir, many).find("the config asks for") != std::string::npos);
}

TEST_CASE("a deep graph that is listed backwards is read in time") {
  const TempDir dir;
  constexpr int kLayers = 10'000;
  const auto backwards = [](Json& json) {
    const auto from = [](const std::string& name) {
      const Json tensor =
          Json::dict({{"class_name", "__keras_tensor__"},
                      {"config", Json::dict({{"keras_history", Json::list({name, 0, 0})}})}});
      return Json::list({Json::dict({{"args", Json::list({tensor})}, {"kwargs", Json::dict()}})});
    };
    Json input = layer(json, 0);
    const std::string first = input["config"]["name"].as_string();
    input["name"] = first;
    input["inbound_nodes"] = Json::list({});
    Json::List layers;
    for (int i = kLayers; i-- > 0;) {
      const std::string name = "identity_" + std::to_string(i);
      layers.push_back(Json::dict(
          {{"class_name", "Identity"},
           {"config", Json::dict({{"name", name}})},
           {"name", name},
           {"inbound_nodes", from(i == 0 ? first : "identity_" + std::to_string(i - 1))}}));
    }
    layers.push_back(input);
    json["class_name"] = "Functional";
    json["config"] = Json::dict(
        {{"name", "deep"},
         {"layers", layers},
         {"input_layers", Json::list({first, 0, 0})},
         {"output_layers", Json::list({"identity_" + std::to_string(kLayers - 1), 0, 0})}});
  };
  const WarningRecorder warnings;  // of the optimizer's state, which is another model's
  CHECK(load_edited(dir, backwards).empty());
  CHECK(warnings.size() == 1);
}
