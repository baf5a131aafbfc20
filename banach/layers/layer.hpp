#pragma once

#include <banach/core/array.hpp>
#include <banach/core/fields.hpp>
#include <banach/graph/variable.hpp>
#include <banach/nn/constraints.hpp>
#include <banach/nn/dtype_policy.hpp>
#include <banach/nn/initializers.hpp>
#include <banach/nn/regularizers.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banach {

/// How a layer is called.
struct CallContext {
  bool training = false;  ///< dropout drops and batch normalization uses the batch's moments
  /// That of the layer in whose call() this is, so that layers inside it need not be told.
  static CallContext current();
};

/// What every layer's options end with.
struct CommonOptions {
  bool trainable = true;
  std::string name = {};                  ///< default: the class in snake_case, numbered
  std::optional<DTypePolicy> dtype = {};  ///< default: config::dtype_policy()
  std::optional<Shape> input_shape = {};  ///< of one sample, without the batch
};

/// A step of a network: config, weights and call(). A layer object is a handle, as in Python:
/// copies share name and weights, so adding one object to two models shares it between them.
///
/// A layer of your own derives from LayerOf<Itself>, keeps its weights in Variable members, makes
/// them in build() and says what it computes in call(); shapes and gradients follow from the ops.
class Layer {
 public:
  explicit Layer(const CommonOptions& options = {});
  virtual ~Layer() = default;
  Layer(const Layer&) = default;
  Layer(Layer&&) = default;
  Layer& operator=(const Layer&) = default;
  Layer& operator=(Layer&&) = default;

  /// On a tensor of known shape (batch, ...): builds when needed, then calls. Floating-point values
  /// come in compute_dtype(). On a tensor of a functional model (Input(), or what a layer gave for
  /// one) it builds and gives another such tensor. InvalidArgument when the layer has more outputs
  /// than one.
  Tensor operator()(const Tensor& x, const CallContext& context = CallContext::current());
  Tensor operator()(const Tensors& inputs, const CallContext& context = CallContext::current());
  /// The same with any number of outputs.
  Tensors apply(const Tensors& inputs, const CallContext& context = CallContext::current());
  /// On an array at once (models/eager.cpp).
  Array operator()(const Array& x, const CallContext& context = {});

  /// The output shape for an input shape, None for what depends on an unknown dimension; found by
  /// calling the layer on two sizes. Builds the layer.
  Shape compute_output_shape(const Shape& input_shape);
  /// The same for any number of inputs and outputs.
  std::vector<TensorSpec> compute_output_specs(const std::vector<TensorSpec>& inputs);

  /// Makes the weights for inputs of this shape, whose batch is unknown.
  virtual void build(const Shape& input_shape);
  /// The same for a layer of several inputs; build() with the first of them unless overridden.
  virtual void build_many(const std::vector<Shape>& input_shapes);
  /// What the layer computes, made of ops; x has a known shape. A layer of one input and one output
  /// overrides this, any other call_many.
  virtual Tensor call(const Tensor& x, const CallContext& context);
  virtual Tensors call_many(const Tensors& inputs, const CallContext& context);

  /// Lists the config fields of the class, in Keras' order, for writing and for reading them; after
  /// reading it checks them. Name, trainable and dtype are listed already.
  virtual void describe(Fields& fields);
  /// The arguments that make such a layer again, as Keras names them. NotSupported for a function
  /// of your own among them.
  virtual Json get_config() const;
  /// Takes the fields of a config; a new layer's from_config. InvalidArgument names layer and
  /// field.
  virtual void set_config(const Json& config);

  virtual std::string class_name() const = 0;        ///< "Dense"
  virtual std::shared_ptr<Layer> clone() const = 0;  ///< another handle to this layer

  const std::string& name() const;
  /// The same for all handles of one layer.
  const void* id() const { return state_.get(); }
  DTypePolicy dtype_policy() const;
  DType dtype() const;            ///< of the weights
  DType compute_dtype() const;    ///< of what call() gets and of the weights it reads
  virtual bool is_built() const;  ///< or has weights made by build()
  bool trainable() const;
  /// Frozen weights are not updated; takes effect in programs built afterwards. Layers inside
  /// follow.
  virtual void set_trainable(bool trainable);
  const std::optional<Shape>& input_shape() const;  ///< as given in the options

  /// All variables in the order they were made, those of layers inside included.
  virtual std::vector<Variable> weights() const;
  /// Those of the layer itself, trainable ones first: Keras' files list them so.
  std::vector<Variable> own_weights() const;
  /// The layers inside, which a model or a layer made of layers lists: `return {&first_,
  /// &second_};`. An override hides the const form on its own type.
  virtual std::vector<Layer*> sublayers() { return {}; }
  std::vector<Layer*> sublayers() const { return const_cast<Layer*>(this)->sublayers(); }
  /// Where the seed of its random numbers is kept, one for all handles; null when it draws none. A
  /// file keeps the seed, so that a training goes on with the masks it would have had.
  virtual std::uint64_t* random_seed() { return nullptr; }
  std::vector<Variable> trainable_weights() const;
  std::vector<Variable> non_trainable_weights() const;
  std::int64_t count_params() const;
  std::vector<Array> get_weights() const;
  /// As many arrays of the same shapes as get_weights() gives; nothing changes on an error.
  void set_weights(const std::vector<Array>& values);

  /// Within a trace: the penalties of the trainable weights by their regularizers, scalars; those
  /// of layers inside included.
  Tensors losses() const;
  /// Within a trace, after an update: makes of the trainable weights what their constraints say,
  /// where the scalar `counts`, if there is one, is not 0.
  void apply_constraints(const Tensor& counts) const;

 protected:
  /// Gives `variable` its name, shape and initial value and lists it among the layer's weights. One
  /// that is there already, of this shape, stays: build() may be called by hand and again.
  void add_weight(Variable& variable, const std::string& name, const Shape& shape,
                  const Initializer& initializer, bool trainable = true,
                  const Regularizer& regularizer = {}, const Constraint& constraint = {});
  /// The same for a number of steps or samples, int32, which begins at 0.
  void add_counter(Variable& variable, const std::string& name);
  /// x as call() takes it.
  virtual Tensor convert_input(const Tensor& x) const;
  /// Name, trainable and dtype from a config; what the class itself does not know.
  void set_common_config(const Json& config);
  /// What errors call the layer of a config: its name there, else the class.
  std::string name_in(const Json& config) const;
  void ensure_built(const std::vector<Shape>& input_shapes);
  void rename(const std::string& name);
  /// The name, given once the class is known.
  void ensure_named() const;

 private:
  struct State;
  struct RuledWeight;
  std::vector<RuledWeight> trainable_ruled_weights() const;

  std::shared_ptr<State> state_;
  Variable eager_step_;  // counts the calls on arrays in training: each draws new masks
};

/// Gives a class derived from Layer its name and clone().
template <class Derived, class Base = Layer>
class LayerOf : public Base {
 public:
  using Base::Base;
  std::string class_name() const override;
  std::shared_ptr<Layer> clone() const override {
    return std::make_shared<Derived>(static_cast<const Derived&>(*this));
  }
};

namespace detail {
std::string class_name_of(const std::type_info& type);  // without its namespace
}

template <class Derived, class Base>
std::string LayerOf<Derived, Base>::class_name() const {
  return detail::class_name_of(typeid(Derived));
}

/// "MaxPooling2D" -> "max_pooling2d", as Keras names layers.
std::string to_snake_case(const std::string& class_name);

/// The common part of a layer's options.
template <class Options>
CommonOptions common(const Options& o) {
  return {o.trainable, o.name, o.dtype, o.input_shape};
}

namespace utils {

/// Starts the numbering of layer names again, as keras.utils.clear_session.
void clear_session();

}  // namespace utils
}  // namespace banach
