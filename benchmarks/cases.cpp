#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/formats/json.hpp>
#include <banach/models/architecture.hpp>
#include <benchmarks/cases.hpp>

#include <algorithm>
#include <fmt/core.h>

namespace banach::bench {
namespace {

std::int64_t int_or(const Json& item, const char* name, std::int64_t value) {
  const Json* found = item.find(name);
  return found ? found->as_int() : value;
}

std::string text_or(const Json& item, const char* name, const char* value) {
  const Json* found = item.find(name);
  return found ? found->as_string() : value;
}

Case case_of(const Json& item, const Json& nets) {
  const Json net = nets.at(item.at("net").as_string());
  const std::string kind = item.at("kind").as_string();
  if (kind != "train" && kind != "predict") {
    throw InvalidArgument(fmt::format("expected the kind train or predict, received {}", kind));
  }
  Case result{.name = item.at("name").as_string(),
              .kind = kind == "train" ? Kind::train : Kind::predict,
              .batch = item.at("batch").as_int(),
              .samples = int_or(item, "samples", item.at("batch").as_int()),
              .policy = item.at("policy").as_string(),
              .optimizer = text_or(item, "optimizer", ""),
              .needs_gpu = std::string_view(text_or(item, "device", "")) == "gpu",
              .make_network = [net] { return model_from_architecture(net); }};
  from_json(net.at("input_shape"), result.input_shape);
  return result;
}

}  // namespace

std::vector<Case> read_cases(const std::string& text) {
  const Json list = formats::parse_json(text, "cases.json");
  std::vector<Case> cases;
  for (const Json& item : list.at("cases").as_list()) {
    try {
      cases.push_back(case_of(item, list.at("nets")));
    } catch (const std::exception& error) {
      throw InvalidArgument(
          fmt::format("[read_cases] case {}: {}", text_or(item, "name", "?"), error.what()));
    }
  }
  return cases;
}

const Case& find_case(const std::vector<Case>& cases, std::string_view name) {
  const auto found = std::ranges::find(cases, name, &Case::name);
  if (found == cases.end()) {
    std::vector<std::string> known;
    for (const Case& item : cases) known.push_back(item.name);
    throw InvalidArgument(fmt::format("no case is called '{}'. {}The cases: {}", name,
                                      did_you_mean(std::string(name), known), join(known)));
  }
  return *found;
}

std::shared_ptr<Model> make_model(const Case& item) {
  const DTypePolicy before = config::dtype_policy();
  config::set_dtype_policy(item.policy);
  const std::shared_ptr<Model> model = item.make_network();
  config::set_dtype_policy(before);
  if (item.kind == Kind::train) {
    model->compile({.loss = losses::categorical_crossentropy,
                    .optimizer = item.optimizer,
                    .metrics = {"accuracy"}});
  }
  return model;
}

Samples make_samples(const Case& item, std::int64_t count) {
  RandomGenerator random(1);
  Samples samples{Array(Shape{count}.concat(item.input_shape)), Array({count, 10})};
  const std::int64_t width = item.input_shape.size();
  auto x = samples.x.mutable_values<float>();
  auto y = samples.y.mutable_values<float>();
  for (float& value : x) value = static_cast<float>(random.normal());
  for (std::int64_t i = 0; i < count; ++i) {
    const float score = (x[i * width] + 2) * 2.5F;
    y[i * 10 + std::clamp(static_cast<std::int64_t>(score), std::int64_t{0}, std::int64_t{9})] = 1;
  }
  return samples;
}

}  // namespace banach::bench
