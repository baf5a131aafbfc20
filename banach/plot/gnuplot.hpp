#pragma once

#include <banach/formats/file.hpp>

#include <optional>
#include <string>

namespace banach::plot {

/// What gnuplot writes to stdout for a script; nothing when PATH has no gnuplot. It runs as a child
/// process, without a shell and without the user's settings. RuntimeError, with what it wrote to
/// stderr, when it fails.
std::optional<formats::Bytes> run_gnuplot(const std::string& script);

}  // namespace banach::plot
