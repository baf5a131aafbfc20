#pragma once

#include <banach/banach.hpp>
#include <banach/formats/json.hpp>
#include <banach/models/runtime.hpp>
#include <tests/support/captured_output.hpp>
#include <tests/support/golden.hpp>

#include <cmath>
#include <doctest/doctest.h>

/// The cases of callbacks.json: what real callbacks of Keras did when they were told of these logs.
namespace banach::testing {

inline Sequential scripted_model() {
  Sequential model({layers::Input({1}), layers::Dense(1, {.use_bias = false})});
  model.compile({.loss = "mse", .optimizer = optimizers::SGD(0.1), .metrics = {"mae", "accuracy"}});
  model.train_on_batch(Array({1, 1}), Array({1, 1}));
  return model;
}

inline const Json::List& scripted_cases(const std::string& callback) {
  static const Json all = formats::parse_json(golden_text("callbacks.json"), "callbacks.json");
  return all.at(callback).as_list();
}

/// A number, or the text that stands for one that JSON does not have.
inline double number(const Json& json) {
  return json.is_string() ? std::stod(json.as_string()) : json.as_double();
}

inline Logs logs_in(const Json& json) {
  Logs logs;
  for (const auto& [name, value] : json.as_dict()) logs[name] = number(value);
  return logs;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// Tells the callback what the case says and checks what it does: learning rates, weights, the
/// epoch at which it stops, what it adds to the logs and prints; `folder` stands for DIR.
inline void check_script(Callback& callback, const Json& c, const std::string& folder = "DIR") {
  Sequential model = scripted_model();
  const std::int64_t batches = c.find("batches") ? c.at("batches").as_int() : 0;
  std::vector<double> rates, expected_rates;
  Logs logs;
  std::string printed;
  {
    const CapturedOutput output;
    callback.set_model(&model);
    callback.on_train_begin({});
    for (const Json& script : c.at("epochs").as_list()) {
      const auto epoch = static_cast<std::int64_t>(rates.size());
      logs = logs_in(script);
      callback.on_epoch_begin(epoch, {});
      for (std::int64_t batch = 0; batch < batches; ++batch) {
        callback.on_train_batch_end(batch, logs);
      }
      model.set_weights({Array::full({1, 1}, static_cast<double>(epoch + 1))});
      callback.on_epoch_end(epoch, logs);
      rates.push_back(model.optimizer().learning_rate());
      if (model.runtime().stop_training) break;
    }
    callback.on_train_end(logs);
    printed = output.text();
  }
  for (const Json& rate : c.at("learning_rates").as_list()) expected_rates.push_back(number(rate));
  CHECK(rates == expected_rates);
  CHECK(printed == replaced(c.at("printed").as_string(), "DIR", folder));
  CHECK(model.get_weights()[0].flat(0) == c.at("weight").as_double());
  const Logs expected = logs_in(c.at("last_logs"));
  REQUIRE(logs.size() == expected.size());
  for (const auto& [name, value] : expected) {
    INFO(name);
    CHECK((logs.at(name) == value || (std::isnan(logs.at(name)) && std::isnan(value))));
  }
}

}  // namespace banach::testing
