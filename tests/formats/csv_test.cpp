#include <banach/core/errors.hpp>
#include <banach/formats/csv.hpp>
#include <tests/support/memory.hpp>
#include <tests/support/temp_dir.hpp>

#include "samples.hpp"

#include <clocale>
#include <cmath>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

CsvTable parse(std::string_view text, const CsvOptions& options = {}) {
  return parse_csv(text, "t.csv", options);
}

// The cells of a column as text: numbers in their shortest form.
std::vector<std::string> cells(const CsvColumn& column) {
  std::vector<std::string> result;
  for (double number : column.numbers) result.push_back(std::to_string(number).substr(0, 5));
  for (std::size_t i = 0; i < column.texts.size(); ++i) result.emplace_back(column.texts[i]);
  return result;
}

using Texts = std::vector<std::string>;

std::string error(std::string_view text, const CsvOptions& options = {}) {
  return error_of<Corruption>([&] { parse(text, options); });
}

}  // namespace

TEST_CASE("parse_csv gives named columns of numbers and of texts") {
  const CsvTable table = parse("width,kind\n1.5,a\n-2e3,b\n");
  CHECK(table.rows == 2);
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns[0].name == "width");
  CHECK(table.columns[0].numbers == std::vector<double>{1.5, -2000});
  CHECK(table.columns[1].name == "kind");
  CHECK(cells(table.columns[1]) == Texts{"a", "b"});
  CHECK_FALSE(table.columns[1].is_numeric);
  CHECK(table.columns[1].text_line == 2);
  CHECK(table.columns[1].text == "a");
}

TEST_CASE("parse_csv follows RFC 4180") {
  const CsvTable table = parse("\"a\",b\r\n\"x, \"\"y\"\"\r\nz\",1\r\n\"\",\"2\"");
  CHECK(cells(table.columns[0]) == Texts{"x, \"y\"\r\nz", ""});
  CHECK(table.columns[0].empty_line == 4);
  CHECK(table.columns[1].numbers == std::vector<double>{1, 2});
}

TEST_CASE("parse_csv takes any line end, a byte order mark and empty lines") {
  for (const char* text : {"a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r",
                           "\xEF\xBB\xBF"
                           "a,b\n\n1,2\n\r\n3,4\n\n\n"}) {
    const CsvTable table = parse(text);
    CHECK(table.columns[0].name == "a");
    CHECK(table.columns[0].numbers == std::vector<double>{1, 3});
    CHECK(table.columns[1].numbers == std::vector<double>{2, 4});
  }
}

TEST_CASE("parse_csv finds out whether there is a header, or is told") {
  CHECK(parse("a,b\n1,2\n").rows == 1);
  const CsvTable without = parse("1,b\n2,c\n");
  CHECK(without.rows == 2);
  CHECK(without.columns[1].name == "column_1");
  const CsvTable years = parse("1999,2000\n1,2\n", {.header = true});
  CHECK(years.rows == 1);
  CHECK(years.columns[0].name == "1999");
  CHECK(parse("a,b\nc,d\n", {.header = false}).rows == 2);
  CHECK(parse(",b\n1,2\n").columns[0].name == "column_0");  // the index that pandas writes
}

TEST_CASE("parse_csv takes other separators") {
  CHECK(parse("a;b\n1;2\n", {.separator = ';'}).columns[1].numbers == std::vector<double>{2});
  CHECK(parse("a\tb\n1\t2\n", {.separator = '\t'}).columns[1].numbers == std::vector<double>{2});
  for (char separator : {'"', '\n', '\r', '\0', '.', '1', 'e', '-', '\x80'}) {
    CHECK_THROWS_AS(parse("a,b\n1,2\n", {.separator = separator}), InvalidArgument);
  }
}

TEST_CASE("numbers are read whatever the locale, with blanks around them") {
  const char* const locale = std::setlocale(LC_NUMERIC, nullptr);
  const std::string before = locale;
  std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // where it is installed
  CHECK(parse("a\n 1.5\n+2.25 \n\t-3\n.5\n").columns[0].numbers ==
        std::vector<double>{1.5, 2.25, -3, 0.5});
  std::setlocale(LC_NUMERIC, before.c_str());
  for (const char* text : {"1,5x", "nan", "inf", "1e999", "0x10", "+-1", "1 2", "--1", "1.2.3"}) {
    CHECK_FALSE(
        parse(std::string("a;b\n") + text + ";1\n", {.separator = ';'}).columns[0].is_numeric);
  }
}

TEST_CASE("an empty cell among numbers is NaN, and its line is known") {
  const CsvTable table = parse("a,b\n1,2\n, \n3,4\n");
  CHECK(table.columns[0].is_numeric);
  CHECK(std::isnan(table.columns[0].numbers[1]));
  CHECK(table.columns[0].empty_line == 3);
  CHECK(table.columns[1].empty_line == 3);
}

TEST_CASE("a column with one text holds texts, as they are written") {
  const CsvTable table = parse("a\n1.50\n 2\n?\n");
  CHECK(cells(table.columns[0]) == Texts{"1.50", " 2", "?"});
  CHECK(table.columns[0].text_line == 4);
}

TEST_CASE("errors name file, line and column") {
  CHECK(error("") == "[t.csv] is empty");
  CHECK(error("\n\n") == "[t.csv] is empty");
  CHECK(error("a,b\n") == "[t.csv] holds names but no row");
  CHECK(error("a,b\n1,2\n\"x\ny\",2\n1\n") ==
        "[t.csv:5] expected 2 cells as in line 1, received 1");
  CHECK(error("a,b\n1,2,3\n") == "[t.csv:2] expected 2 cells as in line 1, received 3");
  CHECK(error("a,b\n1,\"2\n3,4\n") ==
        "[t.csv:2] column 2: the quote that opens here is never closed");
  CHECK(error("a,b\n1,2\"3\n").find("[t.csv:2] column 2: a quote inside a cell") == 0);
  CHECK(error("a,b\n\"1\"2,3\n") ==
        "[t.csv:2] column 1: expected ',' or the line's end after the closing quote");
  CHECK(error("a,b,a\n1,2,3\n") == "[t.csv:1] columns 1 and 3 are both called 'a': rename one");
  CHECK(error("a,b\n1,\xFF\n") == "[t.csv:2] column 2: is no UTF-8: save the file as UTF-8");
  CHECK(error(std::string("a,b\n1,\0\n", 8)).find("column 2: a zero byte") != std::string::npos);
  CHECK(error("\xFF\xFE"
              "a") == "[t.csv] is UTF-16: save it as UTF-8");
  CHECK(error(std::string(200'000, ',')).find("more than 100000 columns") != std::string::npos);
}

TEST_CASE("load_csv reads a file within its limit") {
  const TempDir dir;
  write_file_atomic(dir / "t.csv", bytes_of("a\n1\n"));
  CHECK(load_csv(dir / "t.csv").rows == 1);
  CHECK_THROWS_AS(load_csv(dir / "t.csv", {.max_bytes = 3}), IOError);
  CHECK_THROWS_AS(load_csv(dir / "none.csv"), NotFound);
}

TEST_CASE("a damaged CSV gives a table or a typed error") {
  const std::string seed = "a,\"b \"\"c\"\"\"\r\n1.5,\"x\r\ny\"\r\n-2,z\xC3\xA4\r\n";
  int tables = 0, errors = 0;
  const auto read = [&](const Bytes& bytes) {
    try {
      const CsvTable table = parse(as_text(bytes));
      for (const CsvColumn& column : table.columns) CHECK(cells(column).size() == table.rows);
      ++tables;
    } catch (const Error&) {
      ++errors;
    }
  };
  for (std::size_t i = 0; i < seed.size(); ++i) {
    read(bytes_of(seed.substr(0, i)));
    for (int change = 1; change < 256; ++change) {
      Bytes damaged = bytes_of(seed);
      damaged[i] ^= static_cast<std::byte>(change);
      read(damaged);
    }
  }
  CHECK(tables > 1000);
  CHECK(errors > 1000);
}

TEST_CASE("a table takes 8 bytes a cell") {
  std::string text = "a,b\n";
  for (int i = 0; i < 1'000'000; ++i) text += "1,x\n";
  const PeakMemory memory;
  const CsvTable table = parse(text);
  CHECK(table.rows == 1'000'000);
  CHECK(static_cast<std::int64_t>(memory.growth()) < std::int64_t{32} << 20);
}
