#include <examples/snn_paper/drawing.hpp>
#include <examples/snn_paper/experiments.hpp>
#include <tests/support/temp_dir.hpp>

#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <set>

using namespace banach;
using namespace banach::snn_paper;
using banach::testing::TempDir;

TEST_CASE("an expectation contains its bounds, and never what is no number") {
  CHECK(near(1, .5).contains(.5));
  CHECK_FALSE(near(1, .5).contains(1.6));
  CHECK(at_least(2).contains(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(at_least(2).contains(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(at_most(2).contains(2.1));
  CHECK(as_runs(1, 3).contains(5));
  CHECK_FALSE(as_runs(1, 3).contains(5.1));
  CHECK(as_runs_by_ratio(1e-9, 1e-8).contains(1e-7));
  CHECK_FALSE(as_runs_by_ratio(1e-9, 1e-8).contains(1e-11));
}

TEST_CASE("a report counts what is judged, and misses without a reason apart") {
  Report report("e0", "for the test");
  report.plain("nothing expected", 3);
  report.value("holds", near(1, .1), 1);
  report.because("not said, since it holds");
  report.value("misses, known", near(1, .1), 2);
  report.because("known");
  report.because("said once");
  const double measured[] = {1, 1.05, 1.2};
  report.values("one of three misses", near(1, .1), measured);
  report.statement("no", "2 < 1", false);
  CHECK(report.judged() == 4);
  CHECK(report.misses() == 3);
  CHECK(report.unexplained() == 2);
  const Json json = report.to_json();
  const Json::List& lines = json.at("lines").as_list();
  CHECK(lines[0].at("holds").is_null());
  CHECK(lines[1].find("reason") == nullptr);
  CHECK(lines[2].at("reason").as_string() == "known");
  CHECK_FALSE(lines[3].at("holds").as_bool());
}

TEST_CASE("figures are CSV files in a folder that is made") {
  const TempDir folder;
  Report report("e0", "for the test");
  report.figure("curve", {"x", "y"}).rows.push_back({"1", text(.5)});
  report.figure("curve", {"x", "y"}).rows.push_back({"2", text(1e-19)});
  report.write_figures(folder / "figures");
  CHECK(formats::as_text(formats::read_file(folder / "figures/e0_curve.csv")) ==
        "x,y\n1,0.5\n2,1e-19\n");
}

TEST_CASE("experiments have names of their own; a wrong one names the nearest") {
  std::set<std::string> names;
  for (const Experiment& item : experiments()) names.insert(item.name);
  CHECK(names.size() == experiments().size());
  CHECK(find_experiments({"all"}).size() == experiments().size());
  CHECK(find_experiments({"e12", "e1"}).front().name == "e12");
  CHECK_THROWS_WITH_AS(find_experiments({"e1O"}),
                       doctest::Contains("no experiment is called 'e1O'. Did you mean"),
                       InvalidArgument);
}

TEST_CASE("a figure has a curve for each name and run, and one colour a name") {
  const FigureData data{
      "layers",
      {"net", "draw", "layer", "variance"},
      {.x = "layer", .y = {"variance"}, .by = {"net"}, .repeat = "draw", .log = true},
      {{"\"a net\"", "0", "1", "0.5"},
       {"\"a net\"", "0", "2", "0.25"},
       {"\"a net\"", "1", "1", "0.75"},
       {"b", "0", "1", "1e-5"}}};
  const plot::Figure figure = draw(data, "e0");
  REQUIRE(figure.tables().size() == 3);
  CHECK(figure.tables()[0].rows == std::vector<std::vector<double>>{{1, 0.5}, {2, 0.25}});
  CHECK(figure.tables()[2].rows == std::vector<std::vector<double>>{{1, 1e-5}});
  const std::string script = figure.script();
  CHECK(script.find("$curve_0 using 1:2 with lines linetype 1 title 'a net', "
                    "$curve_1 using 1:2 with lines linetype 1 notitle, "
                    "$curve_2 using 1:2 with lines linetype 2 title 'b'") != std::string::npos);
  CHECK(script.find("set logscale y") != std::string::npos);
}
