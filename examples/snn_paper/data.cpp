#include <examples/snn_paper/data.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/csv.hpp>
#include <banach/datasets/mnist.hpp>
#include <banach/datasets/search.hpp>

#include <cmath>
#include <filesystem>
#include <fmt/core.h>
#include <map>

namespace banach::snn_paper {
namespace {

Samples flat(const datasets::Dataset& dataset, std::int64_t count) {
  const auto& [x, y] = dataset;
  return {x.slice(0, count).reshape({count, -1}).astype(float32) / 255,
          y.slice(0, count).astype(int64)};
}

struct Feature {
  double mean = 0, deviation = 0;
};

std::vector<Feature> features_of(const Array& x) {
  const auto columns = static_cast<std::size_t>(x.dim(1));
  const std::span<const float> values = x.values<float>();
  std::vector<Feature> features(columns);
  const double rows = static_cast<double>(x.dim(0));
  for (std::size_t i = 0; i < values.size(); ++i) features[i % columns].mean += values[i] / rows;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - features[i % columns].mean;
    features[i % columns].deviation += d * d / rows;
  }
  for (Feature& feature : features) feature.deviation = std::sqrt(feature.deviation);
  return features;
}

void apply(const std::vector<Feature>& features, Array& x) {
  std::span<float> values = x.mutable_values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Feature& feature = features[i % features.size()];
    const double d = values[i] - feature.mean;
    values[i] = feature.deviation > 0 ? static_cast<float>(d / feature.deviation) : 0;
  }
}

}  // namespace

SplitSamples load_mnist(std::int64_t count, Scaling scaling, std::int64_t test_count) {
  const auto [train, test] = datasets::mnist::load_data();
  SplitSamples split{flat(train, count), flat(test, test_count)};
  if (scaling == Scaling::per_pixel) standardize(split);
  if (scaling == Scaling::whole) {
    split.train.x = (std::move(split.train.x) - 0.1307) / 0.3081;
    split.test.x = (std::move(split.test.x) - 0.1307) / 0.3081;
  }
  return split;
}

Samples pick(const Samples& samples, const std::vector<std::int64_t>& rows) {
  const auto width = static_cast<std::size_t>(samples.x.dim(1));
  const auto count = static_cast<std::int64_t>(rows.size());
  Samples picked{Array({count, samples.x.dim(1)}), Array({count}, int64)};
  const float* from = samples.x.values<float>().data();
  float* to = picked.x.mutable_values<float>().data();
  const auto labels = samples.y.values<std::int64_t>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    std::copy_n(from + row * width, width, to + i * width);
    picked.y.mutable_values<std::int64_t>()[i] = labels[row];
  }
  return picked;
}

void standardize(SplitSamples& split) {
  const std::vector<Feature> features = features_of(split.train.x);
  apply(features, split.train.x);
  apply(features, split.test.x);
}

Samples load_uci(const std::string& name) {
  const std::vector<std::string> places = datasets::data_places("uci");
  for (const std::string& place : places) {
    const std::string path = place + "/" + name + ".csv";
    if (!std::filesystem::exists(path)) continue;
    const auto data = datasets::csv::load_data(path);
    return {data.x, data.y};
  }
  throw NotFound(fmt::format("{}.csv is in none of {}. It comes with banach as data/uci.", name,
                             join(places)));
}

SplitSamples stratified_split(const Samples& samples, std::uint64_t seed) {
  RandomGenerator random(seed);
  std::map<std::int64_t, std::vector<std::int64_t>> classes;
  for (const std::int64_t i : random.permutation(samples.y.size())) {
    classes[samples.y.values<std::int64_t>()[static_cast<std::size_t>(i)]].push_back(i);
  }
  std::vector<std::int64_t> train, test;
  for (const auto& [label, rows] : classes) {
    const auto border = rows.begin() + std::lround(static_cast<double>(rows.size()) / 4);
    test.insert(test.end(), rows.begin(), border);
    train.insert(train.end(), border, rows.end());
  }
  return {pick(samples, train), pick(samples, test)};
}

}  // namespace banach::snn_paper
