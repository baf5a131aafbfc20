#include <banach/core/random.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/epilogue.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/normalization.hpp>
#include <banach/ops/pooling.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>
#include <banach/ops/softmax.hpp>
#include <banach/ops/upsampling.hpp>
#include <banach/snn/selu.hpp>
#include <tests/support/op_case.hpp>

#include <cmath>

namespace banach::testing {
namespace {

using namespace functions;

double draw(RandomGenerator& random, Fill fill, std::int64_t index) {
  switch (fill) {
    case Fill::normal: return random.normal();
    case Fill::away_from_zero: {
      const double x = random.normal();
      return x < 0 ? x - 0.2 : x + 0.2;
    }
    case Fill::positive: return 0.5 + 1.5 * random.uniform();
    case Fill::distinct: return 0.013 * static_cast<double>((index * 7919) % 1009) - 5;
    case Fill::distribution: return 0.1 + random.uniform();
    case Fill::labels: return static_cast<double>(random.below(3));
    case Fill::weights: return random.below(4) == 0 ? 0 : 2 * random.uniform();
  }
  return 0;
}

void normalize_rows(Array& array) {
  auto values = array.mutable_values<double>();
  const std::int64_t width = array.dim(-1);
  for (std::int64_t row = 0; row < array.size() / width; ++row) {
    double sum = 0;
    for (std::int64_t j = 0; j < width; ++j) sum += values[row * width + j];
    for (std::int64_t j = 0; j < width; ++j) values[row * width + j] /= sum;
  }
}

Tensor step_constant() { return constant(Array::full({}, 7, int64)); }

Tensor alpha_dropout(const Tensor& x, double rate) {
  return ops::dropout(x, step_constant(), alpha_dropout_parameters(rate, 42), x.shape());
}

constexpr Parameters kSelu{snn::kSeluAlpha, snn::kSeluScale};

// The parameters a function is tested with.
template <class F>
Parameters parameters_of() {
  if constexpr (std::is_same_v<F, Selu>) return kSelu;
  if constexpr (std::is_same_v<F, Elu>) return {1.3, 1};
  if constexpr (std::is_same_v<F, LeakyRelu>) return {0.2, 1};
  return {};
}

void add_elementwise(std::vector<OpCase>& cases) {
  for_each<Unary>([&]<class F>() {
    const bool positive =
        std::is_same_v<F, Sqrt> || std::is_same_v<F, Rsqrt> || std::is_same_v<F, Log>;
    cases.push_back(
        {std::string(F::kName),
         {{{5, 37}, positive ? Fill::positive : Fill::away_from_zero}},
         [](const Tensors& x) { return Tensors{ops::unary<F>(x[0], parameters_of<F>())}; }});
  });
  for_each<Binary>([&]<class F>() {
    const bool compares =
        std::is_same_v<F, Equal> || std::is_same_v<F, Greater> || std::is_same_v<F, GreaterEqual>;
    const Fill fill = std::is_same_v<F, Add> ? Fill::normal : Fill::positive;
    const std::pair<Shape, Shape> pairs[] = {{{3, 17}, {3, 17}},    {{4, 3, 5}, {5}},
                                             {{4, 5}, {}},          {{5}, {4, 5}},
                                             {{4, 1, 5}, {3, 1}},   {{2, 3, 4, 5}, {2, 1, 1, 5}},
                                             {{4, 1, 1}, {4, 1, 6}}};
    for (const auto& [a, b] : pairs) {
      cases.push_back({std::string(F::kName) + " " + a.str() + b.str(),
                       {{a, fill, !compares}, {b, fill, !compares}},
                       [](const Tensors& x) {
                         return Tensors{make_node<BinaryOp<F>>({x[0], x[1]})};
                       }});
    }
  });
  cases.push_back({"clip", {{{4, 9}, Fill::distinct}}, [](const Tensors& x) {
                     return Tensors{ops::clip(x[0], -2.0005, 3.0005)};
                   }});
  for (const double least : {0.0, 3.0}) {
    cases.push_back({least == 0 ? "either first" : "either second",
                     {{Shape{}, Fill::positive, false},
                      {{4, 9}, Fill::normal, false},
                      {{4, 9}, Fill::normal, false}},
                     [least](const Tensors& x) {
                       const Tensor condition = ops::greater(x[0], constant(least, x[0].dtype()));
                       return Tensors{ops::either(condition, x[1], x[2])};
                     }});
  }
  cases.push_back({"cast", {{{4, 9}}}, [](const Tensors& x) {
                     return Tensors{ops::cast(x[0] * 2.0, x[0].dtype()) +
                                    ops::cast(ops::cast(x[0], float64), x[0].dtype())};
                   }});
}

// What is made of other ops, and numbers in the place of tensors.
void add_compositions(std::vector<OpCase>& cases) {
  cases.push_back({"bounds and powers", {{{4, 9}, Fill::positive}}, [](const Tensors& x) {
                     return Tensors{ops::maximum(x[0], 1.1), ops::minimum(1.1, x[0]),
                                    ops::power(x[0], 2.5), ops::power(2.5, x[0])};
                   }});
  cases.push_back({"where", {{{4, 9}}, {{9}}, {{4, 1}}}, [](const Tensors& x) {
                     const Tensor condition = ops::less(x[1], 0.3);
                     return Tensors{ops::where(condition, x[0], x[2])};
                   }});
  for (const ops::Axes& axes : {ops::Axes(), ops::Axes(-1), ops::Axes{0, 2}}) {
    cases.push_back(
        {"min, var, std", {{{4, 3, 6}, Fill::distinct}}, [axes](const Tensors& x) {
           return Tensors{ops::min(x[0], axes), ops::var(x[0], axes), ops::std(x[0], axes, true)};
         }});
  }
  cases.push_back({"stack, squeeze", {{{4, 3}}, {{4, 3}}}, [](const Tensors& x) {
                     return Tensors{ops::stack(x, -1), ops::stack(x),
                                    ops::squeeze(ops::expand_dims(ops::exp(x[0]), 1), 1)};
                   }});
}

void add_shapes_and_sums(std::vector<OpCase>& cases) {
  cases.push_back({"reshape", {{{4, 6}}}, [](const Tensors& x) {
                     return Tensors{ops::exp(ops::reshape(x[0], {2, -1, 3}))};
                   }});
  cases.push_back({"transpose", {{{2, 3, 5}}}, [](const Tensors& x) {
                     return Tensors{ops::transpose(x[0], {2, 0, 1})};
                   }});
  const std::pair<Shape, Shape> broadcasts[] = {
      {{3, 1}, {2, 3, 4}}, {{3, 1}, {3, 4}}, {{5}, {2, 3, 5}}, {{3, 1, 1, 5}, {3, 2, 4, 5}}};
  for (const auto& [from, to] : broadcasts) {
    cases.push_back({"broadcast_to " + to.str(), {{from}}, [shape = to](const Tensors& x) {
                       return Tensors{ops::broadcast_to(x[0], shape)};
                     }});
  }
  cases.push_back({"copy", {{{3, 4}}}, [](const Tensors& x) { return Tensors{ops::copy(x[0])}; }});
  const std::vector<std::vector<int>> all_axes = {{}, {0}, {1}, {-1}, {0, 1}, {1, 2}, {0, 2}};
  for (const std::vector<int>& axes : all_axes) {
    cases.push_back({"sum", {{{4, 3, 6}}}, [axes](const Tensors& x) {
                       return Tensors{ops::sum(x[0], axes), ops::mean(x[0], axes, true)};
                     }});
    cases.push_back({"max", {{{4, 3, 6}, Fill::distinct}}, [axes](const Tensors& x) {
                       return Tensors{ops::max(x[0], axes), ops::max(x[0], axes, true)};
                     }});
  }
  cases.push_back(
      {"weighted_mean", {{{23}}, {{23}, Fill::weights, false}}, [](const Tensors& x) {
         return Tensors{ops::weighted_mean(x[0], x[1]), ops::weighted_mean(x[0], Tensor())};
       }});
  cases.push_back(
      {"accumulate_mean",
       {{{2}, Fill::positive, false}, {{23}, Fill::normal, false}, {{23}, Fill::weights, false}},
       [](const Tensors& x) {
         return Tensors{ops::accumulate_mean(x[0], x[1], x[2]),
                        ops::accumulate_mean(x[0], x[1], Tensor(), 3)};
       }});
}

void add_slices(std::vector<OpCase>& cases) {
  for (const int axis : {0, 1, 3}) {
    const Shape a{2, 3, 4, 5};
    cases.push_back({"concatenate axis " + std::to_string(axis),
                     {{a.with(axis, 1)}, {a}, {a.with(axis, 2)}},
                     [axis](const Tensors& x) { return Tensors{ops::concatenate(x, axis)}; }});
  }
  cases.push_back({"slice", {{{4, 5, 6}}}, [](const Tensors& x) {
                     return Tensors{ops::slice(x[0], {1, 0, 2}, {2, 5, 3}),
                                    ops::slice(x[0], {3, 2, 0}, {1, 2, 6})};
                   }});
  cases.push_back({"pad", {{{2, 3, 2, 5}}}, [](const Tensors& x) {
                     return Tensors{ops::pad(x[0], {{0, 0}, {1, 2}, {3, 0}, {0, 0}}),
                                    ops::pad(x[0], {{1, 0}, {0, 0}, {0, 1}, {2, 1}})};
                   }});
}

void add_up_sampling(std::vector<OpCase>& cases) {
  for (const Interpolation interpolation : {Interpolation::nearest, Interpolation::bilinear}) {
    for (const Size2& factor : {Size2(2), Size2(3, 1), Size2(1, 4)}) {
      cases.push_back({"up_sample2d " + factor.str(), {{{2, 3, 4, 5}}}, [=](const Tensors& x) {
                         return Tensors{ops::up_sample2d(x[0], factor, interpolation)};
                       }});
    }
  }
}

void add_products(std::vector<OpCase>& cases) {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const Shape a = ta ? Shape{13, 7} : Shape{7, 13}, b = tb ? Shape{19, 13} : Shape{13, 19};
      cases.push_back({"matmul", {{a}, {b}}, [ta, tb](const Tensors& x) {
                         return Tensors{ops::matmul(x[0], x[1], ta, tb)};
                       }});
    }
  }
  struct Conv {
    Size2 image, kernel, strides, dilation;
    const char* padding;
    std::int64_t channels, filters, groups;
  };
  const Conv convs[] = {
      {{6, 7}, {3, 3}, 1, 1, "valid", 2, 5, 1},      {{6, 7}, {3, 2}, 2, 1, "same", 3, 4, 1},
      {{7, 6}, {2, 2}, 1, 2, "same", 1, 3, 1},       {{5, 5}, {3, 3}, 1, 1, "same", 4, 6, 2},
      {{6, 6}, {4, 1}, {1, 3}, 1, "valid", 2, 2, 1}, {{6, 7}, {3, 3}, 1, 1, "same", 5, 5, 5},
      {{7, 6}, {3, 2}, {2, 1}, 1, "same", 3, 6, 3},  {{6, 6}, {3, 3}, 1, 2, "valid", 4, 4, 4}};
  for (const Conv& c : convs) {
    const Window window = make_window(c.image, c.kernel, c.strides, c.dilation, c.padding);
    cases.push_back({"conv2d " + window.str(),
                     {{{2, c.image.height, c.image.width, c.channels}},
                      {{c.kernel.height, c.kernel.width, c.channels / c.groups, c.filters}}},
                     [window, groups = c.groups](const Tensors& x) {
                       return Tensors{ops::conv2d(x[0], x[1], window, groups)};
                     }});
    const Window pool = make_window(c.image, c.kernel, c.strides, 1, c.padding);
    const Shape image{2, c.image.height, c.image.width, c.channels};
    cases.push_back({"max_pool2d " + pool.str(),
                     {{image, Fill::distinct}},
                     [pool](const Tensors& x) { return Tensors{ops::max_pool2d(x[0], pool)}; }});
    cases.push_back({"average_pool2d " + pool.str(), {{image}}, [pool](const Tensors& x) {
                       return Tensors{ops::average_pool2d(x[0], pool)};
                     }});
  }
}

template <class F>
Tensor activate(const Tensor& x) {
  return ops::unary<F>(x, parameters_of<F>());
}

// Products with all that may follow them: what fusion turns into epilogues.
void add_epilogues(std::vector<OpCase>& cases) {
  for_each<Unary>([&]<class F>() {
    if (!is_epilogue_activation(F::kName) || std::is_same_v<F, Sqrt> || std::is_same_v<F, Rsqrt>) {
      return;
    }
    cases.push_back(
        {"dense + bias + " + std::string(F::kName),
         {{{9, 8}}, {{8, 11}}, {{11}}},
         [](const Tensors& x) { return Tensors{activate<F>(ops::matmul(x[0], x[1]) + x[2])}; }});
  });
  cases.push_back({"dense + bias", {{{9, 8}}, {{8, 11}}, {{11}}}, [](const Tensors& x) {
                     return Tensors{ops::matmul(x[0], x[1]) + x[2]};
                   }});
  for (const double rate : {0.05, 0.25, 0.5}) {
    cases.push_back({"dense + bias + selu + alpha_dropout",
                     {{{9, 8}}, {{8, 140}}, {{140}}},
                     [rate](const Tensors& x) {
                       return Tensors{
                           alpha_dropout(activate<Selu>(ops::matmul(x[0], x[1]) + x[2]), rate)};
                     }});
  }
  cases.push_back(
      {"dense + bias + selu + alpha_dropout with another fixed point",
       {{{5, 9}}, {{9, 150}}, {{150}}},
       [](const Tensors& x) {
         constexpr snn::FixedPoint fixed_point{.mean = -0.1, .variance = 2};
         const auto [alpha, scale] = snn::layer_selu_constants(fixed_point);
         const Tensor y = ops::unary<Selu>(ops::matmul(x[0], x[1]) + x[2], {alpha, scale});
         return Tensors{ops::dropout(y, step_constant(),
                                     alpha_dropout_parameters(.25, 42, fixed_point), y.shape())};
       }});
  const Window window = make_window({6, 5}, 3, 1, 1, "valid");
  cases.push_back({"conv2d + bias + selu + alpha_dropout",
                   {{{3, 6, 5, 2}}, {{3, 3, 2, 7}}, {{7}}},
                   [window](const Tensors& x) {
                     return Tensors{alpha_dropout(
                         activate<Selu>(ops::conv2d(x[0], x[1], window) + x[2]), 0.25)};
                   }});
  cases.push_back({"depthwise + bias + selu + alpha_dropout",
                   {{{3, 6, 5, 4}}, {{3, 3, 1, 4}}, {{4}}},
                   [window](const Tensors& x) {
                     return Tensors{alpha_dropout(
                         activate<Selu>(ops::conv2d(x[0], x[1], window, 4) + x[2]), 0.25)};
                   }});
  cases.push_back({"conv2d + relu", {{{3, 6, 5, 2}}, {{3, 3, 2, 7}}}, [window](const Tensors& x) {
                     return Tensors{activate<Relu>(ops::conv2d(x[0], x[1], window))};
                   }});
}

void add_dropouts(std::vector<OpCase>& cases) {
  cases.push_back({"dropout", {{{5, 150}}}, [](const Tensors& x) {
                     return Tensors{ops::dropout(x[0], step_constant(), dropout_parameters(.3, 5),
                                                 x[0].shape())};
                   }});
  cases.push_back({"dropout noise_shape", {{{4, 3, 6}}}, [](const Tensors& x) {
                     return Tensors{ops::dropout(x[0], step_constant(),
                                                 alpha_dropout_parameters(.3, 5), {4, 1, 6})};
                   }});
}

void add_softmax_and_norms(std::vector<OpCase>& cases) {
  cases.push_back({"softmax", {{{6, 11}}}, [](const Tensors& x) {
                     return Tensors{ops::softmax(x[0]), ops::softmax(x[0], 0)};
                   }});
  cases.push_back(
      {"softmax_crossentropy",
       {{{6, 5}, Fill::distribution, false}, {{6, 5}}},
       [](const Tensors& x) { return Tensors{ops::softmax_crossentropy(x[0], x[1])}; }});
  cases.push_back({"softmax and its crossentropy",
                   {{{6, 5}, Fill::distribution, false}, {{6, 5}}},
                   [](const Tensors& x) {
                     const Tensor p = ops::softmax(x[1]);
                     const Tensor loss = ops::softmax_crossentropy(x[0], x[1]);
                     return Tensors{loss, ops::square(p)};
                   }});
  cases.push_back({"crossentropy with accuracy",
                   {{{6, 5}, Fill::distribution, false}, {{6, 5}}},
                   [](const Tensors& x) {
                     const Tensor loss = ops::softmax_crossentropy(x[0], x[1]);
                     return Tensors{loss, ops::categorical_match(x[0], ops::softmax(x[1]))};
                   }});
  cases.push_back({"sparse crossentropy with accuracy",
                   {{{9}, Fill::labels, false}, {{9, 4}}},
                   [](const Tensors& x) {
                     const Tensor loss = ops::sparse_softmax_crossentropy(x[0], x[1]);
                     const Tensor p = ops::softmax(x[1]);
                     return Tensors{loss, ops::sparse_categorical_match(x[0], p)};
                   }});
  cases.push_back(
      {"labels that are no class",
       {{{9}, Fill::labels, false}, {{9, 3}, Fill::normal, false}},
       [](const Tensors& x) {
         const Tensor label = x[0] * 2.0 - 1.0;  // -1, 1 and 3
         const Tensors all =
             add_node(std::make_shared<SoftmaxCrossentropyOp>(true, true), {x[1], label});
         return Tensors{all[0], all[2], ops::one_hot(label, 3),
                        make_node<SoftmaxCrossentropyGradOp>({x[0], all[1], label}, true)};
       }});
  cases.push_back(
      {"sparse_softmax_crossentropy", {{{9}, Fill::labels, false}, {{9, 4}}}, [](const Tensors& x) {
         return Tensors{ops::sparse_softmax_crossentropy(x[0], x[1])};
       }});
  cases.push_back(
      {"matches",
       {{{9}, Fill::labels, false}, {{9, 4}, Fill::normal, false}, {{9, 4}, Fill::normal, false}},
       [](const Tensors& x) {
         return Tensors{ops::sparse_categorical_match(x[0], x[1]),
                        ops::categorical_match(x[2], x[1]), ops::one_hot(x[0], 4)};
       }});
  for (const Shape& shape : {Shape{7, 19}, Shape{2, 3, 5}}) {
    cases.push_back(
        {"layer_norm " + shape.str(),
         {{shape}, {{shape[-1]}}, {{shape[-1]}}},
         [](const Tensors& x) { return Tensors{ops::layer_norm(x[0], x[1], x[2], 1e-3)}; }});
  }
  for (const Shape& shape : {Shape{12, 5}, Shape{2, 3, 4, 3}}) {
    cases.push_back(
        {"batch_norm " + shape.str(),
         {{shape}, {{shape[-1]}}, {{shape[-1]}}},
         [](const Tensors& x) { return Tensors{ops::batch_norm(x[0], x[1], x[2], 1e-3).y}; }});
  }
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> cases = [] {
    std::vector<OpCase> all;
    for (const auto& add :
         {add_elementwise, add_compositions, add_shapes_and_sums, add_slices, add_up_sampling,
          add_products, add_epilogues, add_dropouts, add_softmax_and_norms}) {
      add(all);
    }
    return all;
  }();
  return cases;
}

std::vector<Array> case_inputs(const OpCase& op_case, std::uint64_t seed) {
  RandomGenerator random(seed);
  std::vector<Array> values;
  for (const OpInput& input : op_case.inputs) {
    Array array(input.shape, float64);
    std::int64_t index = 0;
    for (double& x : array.mutable_values<double>()) x = draw(random, input.fill, index++);
    if (input.fill == Fill::distribution) normalize_rows(array);
    values.push_back(array);
  }
  return values;
}

}  // namespace banach::testing
