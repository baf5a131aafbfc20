// E14: what batch normalization costs, and what it gives, beside SELU.
#include <examples/snn_paper/experiments.hpp>
#include <examples/snn_paper/nets.hpp>
#include <examples/snn_paper/spread.hpp>

namespace banach::snn_paper {
namespace {

struct Net {
  const char* name;
  HiddenLayer layer;
  std::vector<double> accuracies = {}, milliseconds = {};
};

}  // namespace

void run_batch_norm(const Options& options, Report& report) {
  const std::int64_t samples = options.full ? 60000 : 10000, epochs = options.full ? 5 : 1;
  const SplitSamples data = load_mnist(samples, Scaling::per_pixel);
  Net nets[] = {{"SELU", selu_layer()},
                {"ReLU, HeNormal, BN", relu_layer()},
                {"ReLU, HeNormal", relu_layer()}};
  nets[1].layer.batch_normalization = true;
  for (int seed = 0; seed < options.seeds_or(1, 3); ++seed) {
    for (Net& net : nets) {
      Sequential model = make_mlp(784, std::vector<std::int64_t>(8, 256), 10, net.layer);
      const Trained trained =
          train(model, data, {.optimizer = optimizers::SGD(.01), .epochs = epochs});
      const double steps = static_cast<double>((samples + 127) / 128 * epochs);
      net.accuracies.push_back(trained.accuracy);
      net.milliseconds.push_back(trained.seconds / steps * 1e3);
    }
  }
  FigureData& figure = report.figure("nets", {"net", "accuracy", "milliseconds"});
  for (const Net& net : nets) {
    const double accuracy = spread(net.accuracies).mean, step = spread(net.milliseconds).mean;
    report.plain(std::string(net.name) + ": test accuracy", accuracy);
    report.plain(std::string(net.name) + ": milliseconds a step of 128", step);
    figure.rows.push_back({std::string("\"") + net.name + "\"", text(accuracy), text(step)});
  }
  report.value("time of a step, with BN / with SELU", at_least(1),
               spread(nets[1].milliseconds).mean / spread(nets[0].milliseconds).mean);
}

}  // namespace banach::snn_paper
