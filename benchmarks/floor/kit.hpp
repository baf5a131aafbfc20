#pragma once

#include <benchmarks/floor/lanes.hpp>

#include <oneapi/dnnl/dnnl.hpp>

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include <omp.h>

/// What the floor's nets are made of: memory, oneDNN's primitives at fixed shapes, weights and
/// their update. Row-major, float32 unless the type says bfloat16, and unchecked.
namespace banach::bench {

/// Zeros, aligned for Lanes, on huge pages: with small ones it is luck which of them share a place
/// in the cache. Never given back: nets live as long as the program.
void* allocate_zeros(std::size_t bytes);

template <class T = float>
class Memory {
 public:
  explicit Memory(std::int64_t size)
      : data_(static_cast<T*>(allocate_zeros(static_cast<std::size_t>(size) * sizeof(T)))) {}
  operator T*() const { return data_; }

 private:
  T* data_;
};

/// Threads that OpenMP and oneDNN use while this lives.
class ThreadLimit {
 public:
  explicit ThreadLimit(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  ~ThreadLimit() { omp_set_num_threads(before_); }
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  int before_;
};

bool has_bfloat16();  ///< whether this processor multiplies them

/// A oneDNN primitive that knows the order of its arguments. Made for one thread, and for one at a
/// time: it owns its scratchpad.
class Primitive {
 public:
  using Argument = std::pair<int, dnnl::memory::desc>;

  template <class P>
  static Primitive make(const typename P::primitive_desc& description,
                        const std::vector<Argument>& arguments) {
    return {P(description), arguments, description.scratchpad_desc()};
  }
  void operator()(std::initializer_list<const void*> data) const;

 private:
  Primitive(dnnl::primitive primitive, const std::vector<Argument>& arguments,
            const dnnl::memory::desc& scratchpad);

  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memory_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

/// A matrix as a product sees it: (rows, columns), or stored the other way round.
struct Matrix {
  std::int64_t rows, columns;
  bool transposed = false;
  std::int64_t stride = 0;  ///< from one stored row to the next; 0: dense
};

enum class Epilogue { none, bias, bias_selu };

/// c = a b with what the epilogue says. C and AB are the types of the elements.
template <class C, class AB>
class Matmul {
 public:
  Matmul(const Matrix& c, const Matrix& a, const Matrix& b, Epilogue epilogue = Epilogue::none);
  void operator()(C* c, const AB* a, const AB* b, const float* bias = nullptr) const {
    primitive_({c, a, b, bias});
  }

 private:
  Primitive primitive_;
};

/// A convolution without padding, y = x * w + bias, and its gradients. Images lie in blocks of 16
/// channels, (batch, channels / 16, height, width, 16); weights lie as oneDNN likes.
class Convolution {
 public:
  Convolution(std::int64_t batch, std::int64_t channels, std::int64_t filters, std::int64_t height,
              std::int64_t width, std::int64_t size);

  std::int64_t weights_size() const { return weights_size_; }
  void forward(float* y, const float* x, const float* w, const float* bias) const {
    forward_({y, x, w, bias});
  }
  /// Lays w out for input_gradient().
  void turn(const float* w) const { turn_({turned_, w}); }
  void input_gradient(float* dx, const float* dy) const { input_gradient_({dx, dy, turned_}); }
  void weight_gradient(float* dw, float* dbias, const float* x, const float* dy) const {
    weight_gradient_({dw, dbias, x, dy});
  }

 private:
  struct Descriptions;
  explicit Convolution(const Descriptions& descriptions);

  Primitive forward_, input_gradient_, weight_gradient_, turn_;
  std::int64_t weights_size_;
  Memory<> turned_;
};

/// All weights of a net side by side, with Adam's moments; for bfloat16 also with a copy of that
/// type. A range of them is named by where it begins.
template <class E>
class Parameters {
 public:
  explicit Parameters(std::int64_t size);

  /// The next `size` weights, from N(0, deviation^2).
  std::int64_t add(std::int64_t size, double deviation);
  float* master(std::int64_t begin) const { return w_ + begin; }
  const E* weights(std::int64_t begin) const;

  /// To be called once a step, before update().
  void next_step();
  /// Adam on [begin, begin + size), whose gradients lie at `g`.
  void update(std::int64_t begin, std::int64_t size, const float* g) const;

 private:
  Memory<> w_, m_, v_;
  Memory<bfloat16> copy_;
  std::int64_t used_ = 0, step_ = 0;
  float rate_ = 0;  // with the corrections of both moments
};

}  // namespace banach::bench
