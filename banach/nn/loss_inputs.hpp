#pragma once

#include <banach/nn/epsilon.hpp>
#include <banach/nn/losses.hpp>

#include <string_view>

namespace banach::losses::detail {

/// y_true, in the shape of y_pred where that has one axis of 1 more or less at its end
/// (keras/src/losses/loss.py).
Tensor with_rank_of(const Tensor& y_pred, const Tensor& y_true);

/// The same in the dtype of y_pred. InvalidArgument, naming the loss, for other shapes.
Tensor matching(std::string_view name, const Tensor& y_true, const Tensor& y_pred);

/// Class numbers in the dtype of y_pred and its shape without the last axis, out of these or of a
/// last axis of 1. InvalidArgument, naming the loss, for other shapes, such as one-hot targets.
Tensor class_numbers(std::string_view name, const Tensor& y_true, const Tensor& y_pred);

// InvalidArgument, naming the loss, for options out of their range.
void check_fraction(const char* loss, const char* option, double value);  ///< in [0, 1]
void check_no_smoothing(const CrossentropyOptions& options);              ///< the sparse form

}  // namespace banach::losses::detail
