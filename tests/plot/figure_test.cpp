#include <banach/core/errors.hpp>
#include <banach/formats/csv.hpp>
#include <banach/plot/figure.hpp>
#include <tests/support/environment.hpp>
#include <tests/support/picture.hpp>
#include <tests/support/temp_dir.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace banach;
using plot::Figure;
using testing::check_draws;
using testing::EnvironmentVariable;
using testing::TempDir;

namespace {

Figure two_points() {
  Figure figure({400, 300});
  figure.add({.name = "points", .columns = {"x", "y"}, .rows = {{0, 0.5}, {1, -2e-7}}});
  figure.command("set title 'A < B & C'");
  figure.command("plot $points using 1:2 with lines title 'line'");
  return figure;
}

constexpr const char* kScript =
    R"(set terminal svg noenhanced size 400,300 font 'sans-serif,16' background rgb 'white'
set encoding utf8
set border 3 linecolor rgb '#808080'
set tics nomirror out scale 0.5 textcolor rgb '#333333'
set grid linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set key top right Left reverse noopaque samplen 2 spacing 1.2 textcolor rgb '#333333'
set title offset 0,-0.3
set style fill solid 1 noborder
set linetype 1 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#0072B2'
set linetype 2 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#D55E00'
set linetype 3 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#009E73'
set linetype 4 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#CC79A7'
set linetype 5 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#E69F00'
set linetype 6 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#56B4E9'
set linetype 7 linewidth 2.5 pointtype 7 pointsize 0.7 linecolor rgb '#000000'
set linetype cycle 7
$points << END
0 0.5
1 -2e-07
END
set title 'A < B & C'
plot $points using 1:2 with lines title 'line'
)";

}  // namespace

TEST_CASE("a script is theme, numbers and commands") { CHECK(two_points().script() == kScript); }

TEST_CASE("SVG and PNG are drawn") { check_draws(two_points(), {"A &lt; B &amp; C", "line"}); }

TEST_CASE("blocks are parted by blank lines") {
  Figure figure;
  figure.add({.name = "t", .columns = {"a"}, .rows = {{1}, {2}, {3}, {NAN}}, .block = 2});
  CHECK(figure.script().ends_with("$t << END\n1\n2\n\n3\nNaN\nEND\n"));
}

TEST_CASE("numbers come back from CSV") {
  const TempDir folder;
  Figure figure;
  figure.add({.name = "t", .columns = {"a,b", "\"c\""}, .rows = {{NAN, 0.25}, {1e-9, NAN}}});
  figure.save(folder / "t.csv");
  const formats::CsvTable table = formats::load_csv(folder / "t.csv");
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns[0].name == "a,b");
  CHECK(table.columns[1].name == "\"c\"");
  CHECK(std::isnan(table.columns[0].numbers[0]));
  CHECK(table.columns[0].numbers[1] == 1e-9);
  CHECK(table.columns[1].numbers[0] == 0.25);
  CHECK(std::isnan(table.columns[1].numbers[1]));
}

TEST_CASE("several tables are several files") {
  const TempDir folder;
  Figure figure = two_points();
  figure.add({.name = "more", .columns = {"z"}, .rows = {{3}}});
  figure.save(folder / "both.CSV");
  CHECK(formats::load_csv(folder / "both.points.csv").rows == 2);
  CHECK(formats::load_csv(folder / "both.more.csv").rows == 1);
  CHECK(folder.entries() == 2);
}

TEST_CASE("without gnuplot the error names the package, and the numbers are left") {
  const TempDir folder;
  const EnvironmentVariable path("PATH", folder.path().string());
  CHECK_THROWS_WITH_AS(two_points().save(folder / "p.svg"),
                       doctest::Contains("gnuplot is not installed; its numbers are in"),
                       NotSupported);
  CHECK_THROWS_WITH_AS(two_points().save(folder / "p.png"), doctest::Contains("gnuplot-nox"),
                       NotSupported);
  CHECK(formats::load_csv(folder / "p.csv").columns.at(1).numbers.at(0) == 0.5);
  CHECK(folder.entries() == 1);
}

TEST_CASE("what gnuplot does not understand is said, and the old file stays") {
  if (!testing::has_gnuplot()) return;
  const TempDir folder;
  two_points().save(folder / "p.svg");
  Figure wrong = two_points();
  wrong.command("plot nonsense(");
  const formats::Bytes before = formats::read_file(folder / "p.svg");
  CHECK_THROWS_WITH_AS(wrong.save(folder / "p.svg"), doctest::Contains("plot nonsense("),
                       RuntimeError);
  CHECK(formats::read_file(folder / "p.svg") == before);
  CHECK(folder.entries() == 1);
}

TEST_CASE("wrong names, rows and suffixes are errors") {
  Figure figure = two_points();
  CHECK_THROWS_AS(figure.add({.name = "points", .columns = {"x"}}), InvalidArgument);
  CHECK_THROWS_AS(figure.add({.name = "a b", .columns = {"x"}}), InvalidArgument);
  CHECK_THROWS_AS(figure.add({.name = "", .columns = {"x"}}), InvalidArgument);
  CHECK_THROWS_WITH_AS(figure.add({.name = "short", .columns = {"x", "y"}, .rows = {{1}}}),
                       doctest::Contains("a row of 1"), InvalidArgument);
  CHECK_THROWS_WITH_AS(figure.save("picture.pdf"), doctest::Contains(".svg, .png or .csv"),
                       InvalidArgument);
  CHECK_THROWS_AS(Figure().save("nothing.csv"), NotSupported);
  if (testing::has_gnuplot()) CHECK_THROWS_AS(figure.save("/no/folder/p.svg"), IOError);
}
