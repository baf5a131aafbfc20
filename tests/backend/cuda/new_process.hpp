#pragma once

#include <map>
#include <string>

namespace banach::testing {

/// Runs a test case of this program, one marked with doctest::skip(), in a process of its own with
/// further environment variables; CHECKs that it passed. Devices are looked for once a process.
void check_in_new_process(const std::string& test_case,
                          const std::map<std::string, std::string>& variables = {});

}  // namespace banach::testing
