#pragma once

#include <functional>
#include <map>
#include <string>

namespace banach::bench {

/// The prediction cases by name; each makes its net for so many threads and gives what answers
/// once.
const std::map<std::string, std::function<void()> (*)(int threads)>& predictions();

}  // namespace banach::bench
