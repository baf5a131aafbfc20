#pragma once

#include <banach/models/layer_calls.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace banach {

class Program;

/// What every layer of a model gives, without dropout: one program of which all are outputs. It
/// reads the weights as they are when it runs. The model must outlive it.
class LayerOutputs {
 public:
  /// Of the first output of `call`; values (samples, ...) in the dtype of the model's weights.
  using Visit = std::function<void(std::size_t call, const Array& values)>;

  /// x says the shapes of the inputs when the model does not know them yet.
  LayerOutputs(Model& model, const std::vector<Array>& x);
  ~LayerOutputs();

  const LayerCalls& layers() const { return layers_; }
  /// Visits all calls in order, for at most `batch_size` samples at a time. x: an array an input.
  void run(const std::vector<Array>& x, std::int64_t batch_size, const Visit& visit);

 private:
  struct Prepared;
  Prepared& prepared(const std::vector<Shape>& x);

  Model& model_;
  LayerCalls layers_;
  std::map<std::int64_t, std::unique_ptr<Prepared>> programs_;  // by the number of samples
};

}  // namespace banach
