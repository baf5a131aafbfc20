#include <banach/core/errors.hpp>
#include <banach/datasets/csv.hpp>
#include <tests/support/temp_dir.hpp>

#include "../formats/samples.hpp"

using namespace banach;
using namespace banach::testing;
using datasets::csv::load_data;
using datasets::csv::Options;

namespace {

using Texts = std::vector<std::string>;

const std::string kIris =
    "sepal_length,sepal_width,species\n"
    "5.1,3.5,setosa\n"
    "6.3,2.5,virginica\n"
    "7,3.2,versicolor\n"
    "4.9,3,setosa\n";

// A file of this content, and its errors without the folder's name.
class File {
 public:
  explicit File(const std::string& text) {
    formats::write_file_atomic(path, formats::as_bytes(text));
  }
  template <class E>
  std::string error(const Options& options = {}) const {
    std::string text = error_of<E>([&] { load_data(path, options); });
    const std::size_t folder = text.find(dir_ / "");
    REQUIRE(folder != std::string::npos);
    return text.erase(folder, (dir_ / "").size());
  }

 private:
  TempDir dir_;

 public:
  const std::string path = dir_ / "t.csv";
};

}  // namespace

TEST_CASE("load_data gives features, labels and their names") {
  const File file(kIris);
  const auto [x, y, feature_names, class_names] = load_data(file.path, {.target = "species"});
  CHECK(same(x, Array::of<float>({5.1f, 3.5f, 6.3f, 2.5f, 7, 3.2f, 4.9f, 3}, {4, 2})));
  CHECK(same(y, Array::of<std::int64_t>({0, 2, 1, 0})));
  CHECK(feature_names == Texts{"sepal_length", "sepal_width"});
  CHECK(class_names == Texts{"setosa", "versicolor", "virginica"});
}

TEST_CASE("the target is a column by name or position, by default the last") {
  const File file("a,b,c\n1,2,3\n4,5,6.5\n");
  CHECK(same(load_data(file.path).y, Array::of<float>({3, 6.5f})));
  CHECK(same(load_data(file.path, {.target = -1}).y, Array::of<float>({3, 6.5f})));
  CHECK(same(load_data(file.path, {.target = 0}).y, Array::of<std::int64_t>({1, 4})));
  const auto data = load_data(file.path, {.target = "b"});
  CHECK(same(data.y, Array::of<std::int64_t>({2, 5})));
  CHECK(same(data.x, Array::of<float>({1, 3, 4, 6.5f}, {2, 2})));
  CHECK(data.feature_names == Texts{"a", "c"});
  CHECK(data.class_names.empty());
}

TEST_CASE("another file's classes keep their labels") {
  const File train(kIris), test("a,b,species\n6,3,virginica\n5,3,versicolor\n");
  const Texts names = load_data(train.path).class_names;
  const auto data = load_data(test.path, {.class_names = names});
  CHECK(same(data.y, Array::of<std::int64_t>({2, 1})));
  CHECK(data.class_names == names);
  CHECK(test.error<InvalidArgument>({.class_names = {"setosa", "setosa"}}) ==
        "[t.csv] class_names has 'setosa' twice");
  CHECK(test.error<InvalidArgument>({.class_names = {"setosa", "virginica", "versicolour"}}) ==
        "[t.csv] column 'species': the class 'versicolor' of row 1 is none of class_names. Did you "
        "mean 'versicolour'? They are setosa, virginica, versicolour");
}

TEST_CASE("columns can be ignored, and files need no header") {
  const File file("7;x;1.5\n8;y;2.5\n");
  const auto data = load_data(file.path, {.ignore = {1}, .separator = ';'});
  CHECK(same(data.x, Array::of<float>({7, 8}, {2, 1})));
  CHECK(data.feature_names == Texts{"column_0"});
  CHECK(file.error<InvalidArgument>({.ignore = {-1, 1}, .separator = ';'}) ==
        "[t.csv] column 'column_2' is the target and cannot be ignored");
}

TEST_CASE("errors name file, line and column, and say what to do") {
  const File file(kIris);
  CHECK(file.error<InvalidArgument>({.target = "spezies"}) ==
        "[t.csv] has no column 'spezies'. Did you mean 'species'? It has sepal_length, "
        "sepal_width, species");
  CHECK(file.error<InvalidArgument>({.target = 3}) == "[t.csv] has no column 3: expected -3 to 2");
  CHECK(file.error<InvalidArgument>({.target = "sepal_width"}) ==
        "[t.csv:2] column 'species': expected a number, received 'setosa'. Features are numbers: "
        "make this column the target, leave it out with the option ignore, or write its texts as "
        "numbers");
  CHECK(file.error<InvalidArgument>({.separator = ';'}).find("Is the separator ';' right?") !=
        std::string::npos);
  CHECK(File("a,b\n1,2\n,3\n").error<InvalidArgument>().find("[t.csv:3] column 'a': is empty: ") ==
        0);
  CHECK(File("a,b\n1,x\n2,\n").error<InvalidArgument>().find("[t.csv:3] column 'b': is empty: ") ==
        0);
  CHECK(File("a,b\n1e300,2\n").error<InvalidArgument>() ==
        "[t.csv] column 'a': 1e+300 does not fit float32");
  CHECK(File("a,b\n1,2\n3\n").error<Corruption>() ==
        "[t.csv:3] expected 2 cells as in line 1, received 1");
  CHECK(File("").error<Corruption>() == "[t.csv] is empty");
}

TEST_CASE("numbers that int64 cannot hold exactly stay float32") {
  const File file("a,b\n1,9007199254740993000\n2,3\n");
  CHECK(load_data(file.path).y.dtype() == float32);
}
