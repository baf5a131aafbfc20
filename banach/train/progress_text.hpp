#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The parts of a progress bar's line.
namespace banach::detail {

/// " 57/192", as wide at every step.
std::string count_text(std::int64_t current, std::int64_t target);
/// " 22ms/step".
std::string duration_text(double seconds, std::string_view unit);
/// "2s", "1:05" or "1:00:05".
std::string eta_text(double seconds);
/// " - loss: 0.3871"; `size` above 1e-3 means fixed point, else it gets an exponent.
std::string metric_text(std::string_view name, double value, double size);

/// " ━━━━━━━━━━━━━━━━━━━━", the done part green where there are `codes`.
std::string keras3_cells(double progress, bool ascii, bool codes);
/// " [=======>......................]".
std::string tf2_cells(double progress);

/// Columns that `text` takes: neither its codes (ESC [ .. m) nor UTF-8's further bytes count.
int visible_width(std::string_view text);

}  // namespace banach::detail
