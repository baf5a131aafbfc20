#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

namespace banach::ops {

/// The axes that a reduction goes over: one, `ops::mean(x, -1)`, several, `ops::mean(x, {0, 1})`,
/// or when none is given all of them. Negative axes count from the end.
class Axes {
 public:
  Axes() = default;
  Axes(int axis) : values_{axis} {}
  Axes(std::initializer_list<int> axes) : values_(axes) {}
  Axes(std::vector<int> axes) : values_(std::move(axes)) {}

  const std::vector<int>& values() const { return values_; }
  bool is_empty() const { return values_.empty(); }

 private:
  std::vector<int> values_;
};

}  // namespace banach::ops
