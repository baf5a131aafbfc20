#include <banach/backend/reference/reference.hpp>
#include <banach/ops/update.hpp>
#include <banach/runtime/fuse.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>

#include <set>
#include <string>

using namespace banach;
using namespace banach::testing;

namespace {

void collect(const Tape& tape, std::set<std::string>& names) {
  for (const NodePtr& node : tape.schedule()) names.insert(node->op->name());
}

}  // namespace

TEST_CASE("every kernel of the reference backend is reached by a case") {
  // These have tests of their own: they work on variables in place, or only appear after fusion.
  std::set<std::string> names = {"increment", "of_step", "loss_scale", "epilogue_grad"};
  functions::for_each<rules::All>([&]<class Rule>() { names.emplace(Rule::kName); });
  for (const OpCase& op_case : op_cases()) {
    collect(case_tape(op_case, float32, false), names);
    collect(case_tape(op_case, float32, true), names);
  }
  for (const KernelRow& row : reference::all_rows()) {
    CAPTURE(std::string(row.op));
    const std::string op(row.op);
    // sparse gradients and the gradients of comparisons and labels do not exist
    CHECK(names.contains(op));
  }
}
