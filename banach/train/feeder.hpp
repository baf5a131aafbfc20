#pragma once

#include <banach/runtime/program.hpp>
#include <banach/train/data.hpp>

#include <span>

namespace banach {

/// Cuts data into batches and writes them into a program's input slots, converted to the slots'
/// dtypes. The last batch may be smaller.
class Feeder {
 public:
  Feeder(const Data& data, std::int64_t batch_size);

  std::int64_t num_batches() const;
  std::int64_t batch_size(std::int64_t batch) const;
  /// Visits the samples in this order from now on; empty: as they lie.
  void set_order(std::vector<std::int64_t> order) { order_ = std::move(order); }
  /// Fills x, y and sample weights (1 without any). Allocates nothing.
  void fill(Program::Context& context, std::int64_t batch) const;

 private:
  void gather(const View& slot, const Array& from, std::int64_t first) const;

  const Data& data_;
  std::int64_t batch_size_;
  std::vector<std::int64_t> order_;
};

}  // namespace banach
