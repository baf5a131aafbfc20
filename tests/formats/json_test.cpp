#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>

#include "samples.hpp"

#include <chrono>
#include <cmath>
#include <limits>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

Json parse(std::string_view text) { return parse_json(text, "seed.keras/config.json"); }

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  while (count-- > 0) result += text;
  return result;
}

struct Malformed {
  std::string name, text, reason;
};

const Malformed kMalformed[] = {
    {"empty", "", "unexpected end of input"},
    {"spaces", " \n", "unexpected end of input"},
    {"100,000 lists", repeated("[", 100'000), "nest deeper than 64 levels"},
    {"100,000 dicts", repeated("{\"config\":", 100'000), "nest deeper than 64 levels"},
    {"65 levels", repeated("[", 65) + repeated("]", 65), "nest deeper than 64 levels"},
    {"open list", "[1, 2", "unexpected end of input"},
    {"open string", "\"abc", "missing closing quote"},
    {"no value", "{\"a\": }", "unexpected '}'"},
    {"comma at the end", "[1, ]", "unexpected ']'"},
    {"trailing text", "{} {}", "expected end of input"},
    {"key twice", R"({"a": 1, "b": {}, "a": 2})", "has the key 'a' twice"},
    {"byte-order mark", "\xEF\xBB\xBF{}", "byte-order mark"},
    {"UTF-16", std::string("\xFF\xFE{\0}\0", 6), "a zero byte"},
    {"1e999", "[1e999]", "number overflow"},
    {"NaN", R"({"rate": NaN})", "invalid literal"},
    {"Infinity", "[-Infinity]", "invalid number"},
    {"01", "[01]", "unexpected number literal"},
    {"lone high surrogate", R"(["\ud800"])", "surrogate"},
    {"lone low surrogate", R"(["\udc00"])", "surrogate"},
    {"invalid UTF-8", "[\"\xC3(\"]", "ill-formed UTF-8"},
    {"long UTF-8", "[\"\xC0\xAF\"]", "ill-formed UTF-8"},
    {"control character", "[\"\n\"]", "control character"},
    {"escape", R"(["\x"])", "forbidden character after backslash"},
    {"comment", "[1 /* one */]", "invalid literal"},
    {"NUL", std::string("[1]\0", 4), "a zero byte"},
    {"too many values", "[" + repeated("0,", 5'000'000) + "0]", "more than 4194304 values"},
};

}  // namespace

TEST_CASE("parse_json reads every kind, and members in order") {
  const Json value = parse(R"( {"z": [null, true, false, -3, 2.5, "s", {}, []], "a": 1e2} )");
  REQUIRE(value.as_dict().size() == 2);
  CHECK(value.as_dict()[0].first == "z");
  CHECK(value.at("z") ==
        Json::list({Json(), true, false, -3, 2.5, "s", Json::dict(), Json::list()}));
  CHECK(value.at("a") == Json(100.0));
  CHECK(parse("7") == Json(7));
  CHECK(parse(R"("A\u00e9\ud83d\ude00\n")") == Json("A\xC3\xA9\xF0\x9F\x98\x80\n"));
  CHECK(parse(repeated("[", 64) + repeated("]", 64)).is_list());
}

TEST_CASE("parse_json keeps int64, and gives a double beyond") {
  CHECK(parse("9223372036854775807") == Json(std::numeric_limits<std::int64_t>::max()));
  CHECK(parse("-9223372036854775808") == Json(std::numeric_limits<std::int64_t>::min()));
  CHECK(parse("9223372036854775808") == Json(0x1p63));
  CHECK(parse("36893488147419103232") == Json(0x1p65));
  CHECK(parse("0.1") == Json(0.1));
  CHECK(parse("5e-324") == Json(5e-324));
}

TEST_CASE("parse_json refuses what is malformed, and says where and why") {
  for (const Malformed& c : kMalformed) {
    INFO("case ", c.name);
    const std::string text = error_of<Corruption>([&] { parse(c.text); });
    INFO("message ", text);
    CHECK(text.find("[seed.keras/config.json] not the JSON expected, at byte ") == 0);
    CHECK(text.find(c.reason) != std::string::npos);
    CHECK(text.size() < 300);
  }
  CHECK(error_of<Corruption>([] { parse("[1, 2, x]"); }).find("at byte 8 of 9: ") !=
        std::string::npos);
}

TEST_CASE("parse_json refuses more than 64 MiB before reading it") {
  CHECK(error_of<Corruption>([] { parse(repeated(" ", (64u << 20) + 1)); }) ==
        "[seed.keras/config.json] expected at most 67108864 bytes of JSON, received 67108865");
}

TEST_CASE("a dict of a million keys is read in linear time") {
  std::string text = "{\"0\": 0";
  for (int i = 1; i < 1'000'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  const auto start = std::chrono::steady_clock::now();
  const Json value = parse(text + "}");
  CHECK(value.as_dict().size() == 1'000'000);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

// Expected texts are json.dumps' (Python 3.11).
TEST_CASE("format_json writes what json.dumps writes") {
  const Json value = Json::dict({{"b", Json::list({1, 2.0, true, Json(), "x"})},
                                 {"a", Json::dict({{"c", Json::list()}, {"d", Json::dict()}})}});
  CHECK(format_json(value) == R"({"b": [1, 2.0, true, null, "x"], "a": {"c": [], "d": {}}})");
  CHECK(format_json(value, 2) == R"({
  "b": [
    1,
    2.0,
    true,
    null,
    "x"
  ],
  "a": {
    "c": [],
    "d": {}
  }
})");
  CHECK(format_json("\"\\/\b\f\n\r\t\x01\x7F") == R"("\"\\/\b\f\n\r\t\u0001\u007f")");
  CHECK(format_json("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == R"("\u00e9\u20ac\ud83d\ude00")");
}

TEST_CASE("format_json writes doubles as Python's repr") {
  const std::pair<double, const char*> cases[] = {{0.001, "0.001"},
                                                  {0.1, "0.1"},
                                                  {3, "3.0"},
                                                  {-0.0, "-0.0"},
                                                  {1e-7, "1e-07"},
                                                  {0.0001, "0.0001"},
                                                  {0.00001, "1e-05"},
                                                  {1e15, "1000000000000000.0"},
                                                  {1e16, "1e+16"},
                                                  {123456789012345680.0, "1.2345678901234568e+17"},
                                                  {1e100, "1e+100"},
                                                  {5e-324, "5e-324"},
                                                  {1.0507009873554805, "1.0507009873554805"},
                                                  {0.0010000000474974513, "0.0010000000474974513"}};
  for (const auto& [value, text] : cases) CHECK(format_json(value) == text);
  CHECK_THROWS_AS(format_json(std::nan("")), InvalidArgument);
  CHECK_THROWS_AS(format_json(HUGE_VAL), InvalidArgument);
}

TEST_CASE("format_json refuses strings that are not UTF-8") {
  for (const char* text :
       {"\xFF", "\xC3", "\xC3(", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    CHECK_THROWS_AS(format_json(text), InvalidArgument);
  }
}

TEST_CASE("format_json then parse_json gives the value back") {
  const Json value =
      parse(R"({"a": [1, -2.5, 1e-7, 1e300, "\u00e9\ud83d\ude00"], "": {"x": 0.1}})");
  CHECK(parse(format_json(value)) == value);
  CHECK(parse(format_json(value, 4)) == value);
}

TEST_CASE("a damaged JSON text gives a value or a typed error") {
  const Bytes seed =
      bytes_of(R"({"module": "keras", "config": {"units": [64, 1.5e3], "n": null}})");
  check_truncations(seed, [](const Bytes& bytes) { return parse(as_text(bytes)); });
  int read = 0;
  for (std::size_t bit = 0; bit < 8 * seed.size(); ++bit) {
    Bytes damaged = seed;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    try {
      read += parse(as_text(damaged)).is_dict();
    } catch (const Corruption&) {
    }
  }
  CHECK(read > 0);
}
