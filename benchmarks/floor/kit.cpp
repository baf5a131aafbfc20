#include <benchmarks/floor/kit.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>
#include <random>
#include <type_traits>

#include <sys/mman.h>

namespace banach::bench {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

template <class E>
constexpr memory::data_type kType =
    std::is_same_v<E, float> ? memory::data_type::f32 : memory::data_type::bf16;

template <class E>
memory::desc describe(const Matrix& x) {
  const std::int64_t stride = x.stride != 0 ? x.stride : x.transposed ? x.rows : x.columns;
  return {{x.rows, x.columns},
          kType<E>,
          x.transposed ? memory::dims{1, stride} : memory::dims{stride, 1}};
}

// SELU is an ELU with alpha kScaleAlpha / kScale, times kScale.
dnnl::primitive_attr attributes(Epilogue epilogue = Epilogue::none) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (epilogue == Epilogue::bias_selu) {
    dnnl::post_ops operations;
    operations.append_eltwise(kScale, dnnl::algorithm::eltwise_elu, kScaleAlpha / kScale, 0);
    attributes.set_post_ops(operations);
  }
  return attributes;
}

}  // namespace

void* allocate_zeros(std::size_t bytes) {
  constexpr std::size_t kHugePage = std::size_t{1} << 21, kChunk = 16 * kHugePage;
  static std::byte *next = nullptr, *end = nullptr;
  bytes = (bytes + 63) / 64 * 64;
  if (bytes > static_cast<std::size_t>(end - next)) {
    const std::size_t size = (std::max(bytes, kChunk) + kHugePage - 1) / kHugePage * kHugePage;
    next = static_cast<std::byte*>(std::aligned_alloc(kHugePage, size));
    if (next == nullptr) throw std::bad_alloc();
    end = next + size;
    madvise(next, size, MADV_HUGEPAGE);
    std::memset(next, 0, size);
  }
  return std::exchange(next, next + bytes);
}

bool has_bfloat16() { return __builtin_cpu_supports("avx512bf16") != 0; }

Dropout::Dropout(double rate) {
  const double limit = -double{kScaleAlpha};
  a = static_cast<float>(1 / std::sqrt((1 - rate) * (1 + rate * limit * limit)));
  b = static_cast<float>(-a * rate * limit);
  dropped = a * -kScaleAlpha + b;
  threshold = static_cast<std::uint32_t>(rate * 4294967296.0);
}

Primitive::Primitive(dnnl::primitive primitive, const std::vector<Argument>& arguments,
                     const memory::desc& scratchpad)
    : primitive_(std::move(primitive)) {
  for (const auto& [name, desc] : arguments) {
    memory_.emplace_back(desc, engine(), nullptr);
    arguments_.push_back({name, memory_.back().get()});
  }
  memory_.emplace_back(scratchpad, engine());
  arguments_.push_back({DNNL_ARG_SCRATCHPAD, memory_.back().get()});
}

void Primitive::operator()(std::initializer_list<const void*> data) const {
  static const dnnl::stream stream(engine());
  std::size_t i = 0;
  for (const void* pointer : data) {
    if (pointer != nullptr) {
      dnnl_memory_set_data_handle(arguments_[i++].memory, const_cast<void*>(pointer));
    }
  }
  dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()),
                         arguments_.data());
}

template <class C, class AB>
Matmul<C, AB>::Matmul(const Matrix& c, const Matrix& a, const Matrix& b, Epilogue epilogue)
    : primitive_([&] {
        const auto c_desc = describe<C>(c);
        const auto a_desc = describe<AB>(a), b_desc = describe<AB>(b);
        const auto bias_desc = describe<float>({1, c.columns});
        std::vector<Primitive::Argument> arguments{
            {DNNL_ARG_DST, c_desc}, {DNNL_ARG_SRC, a_desc}, {DNNL_ARG_WEIGHTS, b_desc}};
        if (epilogue != Epilogue::none) arguments.emplace_back(DNNL_ARG_BIAS, bias_desc);
        const auto operation = epilogue == Epilogue::none
                                   ? dnnl::matmul::desc(a_desc, b_desc, c_desc)
                                   : dnnl::matmul::desc(a_desc, b_desc, bias_desc, c_desc);
        return Primitive::make<dnnl::matmul>({operation, attributes(epilogue), engine()},
                                             arguments);
      }()) {}

template class Matmul<float, float>;
template class Matmul<bfloat16, bfloat16>;
template class Matmul<float, bfloat16>;

struct Convolution::Descriptions {
  using Forward = dnnl::convolution_forward;
  using InputGradient = dnnl::convolution_backward_data;
  using WeightGradient = dnnl::convolution_backward_weights;

  Descriptions(std::int64_t batch, std::int64_t channels, std::int64_t filters, std::int64_t height,
               std::int64_t width, std::int64_t size)
      : x({batch, channels, height, width}, kType<float>, memory::format_tag::nChw16c),
        w({filters, channels, size, size}, kType<float>, memory::format_tag::any),
        bias({filters}, kType<float>, memory::format_tag::x),
        y({batch, filters, height - size + 1, width - size + 1}, kType<float>,
          memory::format_tag::nChw16c),
        forward({dnnl::prop_kind::forward_training, kDirect, x, w, bias, y, {1, 1}, {0, 0}, {0, 0}},
                attributes(), engine()),
        input_gradient({kDirect, x, w, y, {1, 1}, {0, 0}, {0, 0}}, attributes(), engine(), forward),
        weight_gradient({kDirect, x, forward.weights_desc(), bias, y, {1, 1}, {0, 0}, {0, 0}},
                        attributes(), engine(), forward) {}

  static constexpr auto kDirect = dnnl::algorithm::convolution_direct;
  memory::desc x, w, bias, y;
  Forward::primitive_desc forward;
  InputGradient::primitive_desc input_gradient;
  WeightGradient::primitive_desc weight_gradient;
};

Convolution::Convolution(std::int64_t batch, std::int64_t channels, std::int64_t filters,
                         std::int64_t height, std::int64_t width, std::int64_t size)
    : Convolution(Descriptions(batch, channels, filters, height, width, size)) {}

Convolution::Convolution(const Descriptions& d)
    : forward_(Primitive::make<Descriptions::Forward>(d.forward,
                                                      {{DNNL_ARG_DST, d.y},
                                                       {DNNL_ARG_SRC, d.x},
                                                       {DNNL_ARG_WEIGHTS, d.forward.weights_desc()},
                                                       {DNNL_ARG_BIAS, d.bias}})),
      input_gradient_(Primitive::make<Descriptions::InputGradient>(
          d.input_gradient, {{DNNL_ARG_DIFF_SRC, d.x},
                             {DNNL_ARG_DIFF_DST, d.y},
                             {DNNL_ARG_WEIGHTS, d.input_gradient.weights_desc()}})),
      weight_gradient_(Primitive::make<Descriptions::WeightGradient>(
          d.weight_gradient, {{DNNL_ARG_DIFF_WEIGHTS, d.forward.weights_desc()},
                              {DNNL_ARG_DIFF_BIAS, d.bias},
                              {DNNL_ARG_SRC, d.x},
                              {DNNL_ARG_DIFF_DST, d.y}})),
      turn_(Primitive::make<dnnl::reorder>({engine(), d.forward.weights_desc(), engine(),
                                            d.input_gradient.weights_desc(), attributes()},
                                           {{DNNL_ARG_TO, d.input_gradient.weights_desc()},
                                            {DNNL_ARG_FROM, d.forward.weights_desc()}})),
      weights_size_(static_cast<std::int64_t>(d.forward.weights_desc().get_size()) / 4),
      turned_(weights_size_) {}

template <class E>
Parameters<E>::Parameters(std::int64_t size)
    : w_(size), m_(size), v_(size), copy_(std::is_same_v<E, bfloat16> ? size : 0) {}

template <class E>
std::int64_t Parameters<E>::add(std::int64_t size, double deviation) {
  static std::minstd_rand random;
  std::normal_distribution<float> normal;
  const std::int64_t begin = used_;
  used_ += (size + kLanes - 1) / kLanes * kLanes;
  for (std::int64_t i = 0; i < size; ++i) {
    w_[begin + i] = static_cast<float>(deviation) * normal(random);
  }
  if constexpr (std::is_same_v<E, bfloat16>) {
    for (std::int64_t i = begin; i < used_; i += kLanes) store(copy_ + i, load(w_ + i));
  }
  return begin;
}

template <class E>
const E* Parameters<E>::weights(std::int64_t begin) const {
  if constexpr (std::is_same_v<E, bfloat16>) {
    return copy_ + begin;
  } else {
    return w_ + begin;
  }
}

template <class E>
void Parameters<E>::next_step() {
  ++step_;
  const auto t = static_cast<double>(step_);
  rate_ = static_cast<float>(0.001 * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t)));
}

template <class E>
void Parameters<E>::update(std::int64_t begin, std::int64_t size, const float* g) const {
  float *w = w_ + begin, *m = m_ + begin, *v = v_ + begin;
#pragma omp simd
  for (std::int64_t i = 0; i < size; ++i) {
    m[i] += (g[i] - m[i]) * 0.1F;
    v[i] += (g[i] * g[i] - v[i]) * 0.001F;
    w[i] -= rate_ * m[i] / (std::sqrt(v[i]) + 1e-7F);
  }
  if constexpr (std::is_same_v<E, bfloat16>) {
    for (std::int64_t i = 0; i < size; i += kLanes) store(copy_ + begin + i, load(w + i));
  }
}

template class Parameters<float>;
template class Parameters<bfloat16>;

}  // namespace banach::bench
