#pragma once

#include <banach/nn/losses.hpp>

#include <string_view>

namespace banach::losses::detail {

constexpr double kEpsilon = 1e-7;  // keras.config.epsilon()

/// y_true in the shape and dtype of y_pred; (batch,) and (batch, 1) match each other
/// (keras/src/losses/loss.py). InvalidArgument, naming the loss, for other shapes.
Tensor matching(std::string_view name, const Tensor& y_true, const Tensor& y_pred);

// InvalidArgument, naming the loss, for options out of their range.
void check_fraction(const char* loss, const char* option, double value);  ///< in [0, 1]
void check_no_smoothing(const CrossentropyOptions& options);              ///< the sparse form

}  // namespace banach::losses::detail
