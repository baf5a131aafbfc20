#include <banach/backend/reference/reference.hpp>
#include <banach/ops/normalization.hpp>

#include <cmath>

namespace banach::reference {
namespace {

// Mean of f(row) over the rows of one channel.
template <class F>
double channel_mean(std::int64_t rows, const F& f) {
  double sum = 0;
  for (std::int64_t i = 0; i < rows; ++i) sum += f(i);
  return sum / static_cast<double>(rows);
}

template <class T>
void batch_norm(T* y, T* mean, T* variance, const T* x, const T* gamma, const T* beta,
                std::int64_t rows, std::int64_t channels, double epsilon) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto at = [&](std::int64_t i) { return static_cast<double>(x[i * channels + c]); };
    const double m = channel_mean(rows, at);
    const double v = channel_mean(rows, [&](auto i) { return (at(i) - m) * (at(i) - m); });
    mean[c] = static_cast<T>(m);
    variance[c] = static_cast<T>(v);
    const double scale = gamma[c] / std::sqrt(v + epsilon);
    for (std::int64_t i = 0; i < rows; ++i) {
      y[i * channels + c] = static_cast<T>((at(i) - m) * scale + beta[c]);
    }
  }
}

// With xhat = (x - mean) / s: dbeta = sum dy, dgamma = sum dy xhat,
// dx = gamma / s (dy - mean(dy) - xhat mean(dy xhat))   (Ioffe & Szegedy 2015, section 3)
template <class T>
void batch_norm_grad(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x, const T* gamma,
                     const T* mean, const T* variance, std::int64_t rows, std::int64_t channels,
                     double epsilon) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const double inverse = 1 / std::sqrt(variance[c] + epsilon);
    const auto g = [&](std::int64_t i) { return static_cast<double>(dy[i * channels + c]); };
    const auto xhat = [&](std::int64_t i) { return (x[i * channels + c] - mean[c]) * inverse; };
    const double mean_g = channel_mean(rows, g);
    const double mean_gx = channel_mean(rows, [&](auto i) { return g(i) * xhat(i); });
    for (std::int64_t i = 0; i < rows; ++i) {
      dx[i * channels + c] =
          static_cast<T>(gamma[c] * inverse * (g(i) - mean_g - xhat(i) * mean_gx));
    }
    dbeta[c] = static_cast<T>(mean_g * static_cast<double>(rows));
    dgamma[c] = static_cast<T>(mean_gx * static_cast<double>(rows));
  }
}

Prepared prepare_forward(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([=, channels = in[0].spec.shape[-1],
                   epsilon = static_cast<const BatchNormOp&>(*n.op).epsilon] {
      batch_norm(out[0].as<T>(), out[1].as<T>(), out[2].as<T>(), in[0].as<T>(), in[1].as<T>(),
                 in[2].as<T>(), in[0].size() / channels, channels, epsilon);
    });
  });
}

Prepared prepare_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([=, channels = in[1].spec.shape[-1],
                   epsilon = static_cast<const BatchNormGradOp&>(*n.op).epsilon] {
      batch_norm_grad(out[0].as<T>(), out[1].as<T>(), out[2].as<T>(), in[0].as<T>(), in[1].as<T>(),
                      in[2].as<T>(), in[3].as<T>(), in[4].as<T>(), in[1].size() / channels,
                      channels, epsilon);
    });
  });
}

constexpr KernelRow kRows[] = {{"batch_norm", accepts_floating, prepare_forward},
                               {"batch_norm_grad", accepts_floating, prepare_grad}};

}  // namespace

std::span<const KernelRow> normalization_rows() { return kRows; }

}  // namespace banach::reference
