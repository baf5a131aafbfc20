#include <banach/core/log.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace banach;

TEST_CASE("a handler may warn, and set another one") {
  std::string seen;
  const auto before = config::set_warning_handler([&](std::string_view message) {
    seen += message;
    config::set_warning_handler([&](std::string_view further) { seen += further; });
    warn(" and more");
  });
  warn("one");
  config::set_warning_handler(before);
  CHECK(seen == "one and more");
}
