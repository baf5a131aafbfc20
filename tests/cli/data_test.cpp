#include <banach/formats/json.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::testing;

TEST_CASE("data list says what is here, and show what is in it") {
  const SampleFolder folder;
  const ProcessOptions options{folder.path(), {{"BANACH_DATA_DIR", folder.path()}}};
  const Finished list = run({"data", "list"}, options);
  CHECK(list.code == 0);
  CHECK(list.out.find("dataset:mnist ") != std::string::npos);
  CHECK(list.out.find(folder.path()) != std::string::npos);
  CHECK(run({"data", "fetch", "mnist"}, options).out.find("is in " + folder.path()) !=
        std::string::npos);

  const Finished show = run({"data", "show", "dataset:mnist[test][4]"}, options);
  CHECK(show.code == 0);
  CHECK(show.out.find("x_train  (240, 28, 28) uint8, 0 to 230") != std::string::npos);
  CHECK(show.out.find("         9: 24\n") != std::string::npos);
  CHECK(show.out.find("\n4: 4\n") != std::string::npos);
  CHECK(show.out.find("@@@@@@@@@@@@@@@@@@@@@@@@@@@@\n") != std::string::npos);

  const Json json =
      formats::parse_json(run({"data", "show", "mnist.npz", "--json"}, options).out, "stdout");
  CHECK(json.at("arrays").at("y_test").at("classes").at("3").as_int() == 4);
}

TEST_CASE("data names what there is not") {
  CHECK(run({"data", "fetch", "mnits"}).err.find("Did you mean 'mnist'?") != std::string::npos);
  CHECK(run({"data", "show", "gone.csv"}).code == 66);
  CHECK(run({"data", "lst"}).code == 64);
  CHECK(run({"data", "show", "dataset:mnist[5:2]"}).code == 64);
}
