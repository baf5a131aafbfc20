#pragma once

#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace banach {

/// Where a value of a program lies.
struct Place {
  enum Kind { arena, variable, constant } kind = arena;
  std::size_t offset = 0;           // into the arena or the constants
  const Variable* owner = nullptr;  // of kind variable
};

/// A node that runs, with what its kernel needs.
struct ProgramStep {
  NodePtr node;
  Prepared prepared;
  std::size_t scratch_offset = 0;
};

/// The static part of a program: its steps in order and the place of every value.
struct ProgramLayout {
  std::vector<ProgramStep> steps;
  std::map<Tensor, Place> places;  // by root value: views share their input's place
  std::size_t arena_bytes = 0;
  Buffer constants;
  std::vector<Variable> read;      // values that a step begins with
  std::vector<Variable> assigned;  // and that it leaves, written whole

  const Place& place(const Tensor& tensor) const;
  /// The largest blocks of the arena: "21.6 MB for fused_conv2d of conv2d, (250, 26, 26, 32); ...".
  std::string largest_blocks(std::size_t count) const;
};

/// What to do about an arena that is too large.
inline constexpr std::string_view kLessMemory = "Take a smaller batch_size or a smaller model.";

/// The value whose memory a tensor is: itself, or what a chain of views looks at.
Tensor root_of(const Tensor& tensor);

/// Makes every assign's value one that its kernel may write straight into the variable, by adding
/// copies at the end where it is not: values are read as before the step until all have been read.
Tape settle_assigns(Tape tape, const Backend& backend);

/// `tape` must be settled.
ProgramLayout lay_out(const Tape& tape, const Backend& backend);

}  // namespace banach
