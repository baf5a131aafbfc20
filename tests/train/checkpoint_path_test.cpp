#include <banach/train/checkpoint_path.hpp>
#include <tests/train/scripted.hpp>

using namespace banach;
using namespace banach::testing;
using doctest::Contains;

TEST_CASE("numbers in a path look as Python writes them") {
  for (const Json& row : scripted_cases("number_formats")) {
    const std::string spec = row.as_list()[0].as_string();
    const Json& value = row.as_list()[1];
    const std::string field = (value.is_int() ? "{epoch:" : "{loss:") + spec + "}";
    INFO(field);
    PathValues values;
    if (value.is_int()) values.epoch = value.as_int();
    values.logs["loss"] = value.as_double();
    CHECK(format_path(field, values) == row.as_list()[2].as_string());
  }
  CHECK(format_path("{{{epoch}}}_{batch:03d}", {.epoch = 2, .batch = 7}) == "{2}_007");
}

TEST_CASE("a path that is no pattern, or names what there is not, says why") {
  for (const char* pattern : {"{epoch", "epoch}", "{epoch:{loss}}", "{epoch:02q}", "{loss:d}"}) {
    INFO(pattern);
    CHECK_THROWS_WITH_AS(check_path(pattern), Contains(pattern), InvalidArgument);
  }
  check_path("{anything:.2f}_{epoch:02d}");
  CHECK_THROWS_WITH_AS(format_path("{val_los}", {.logs = {{"loss", 1}, {"val_loss", 1}}}),
                       "[ModelCheckpoint] filepath '{val_los}': there is no 'val_los'. Did you "
                       "mean 'val_loss'? Known: epoch, loss, val_loss",
                       NotFound);
}
