#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banach {

/// "Did you mean 'selu'? " for the known name nearest to `received`; empty when none is near.
std::string did_you_mean(std::string_view received, const std::vector<std::string>& known);

/// "relu, selu, tanh".
std::string join(const std::vector<std::string>& names, std::string_view separator = ", ");

}  // namespace banach
