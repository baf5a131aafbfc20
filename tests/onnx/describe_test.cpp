#include <banach/core/errors.hpp>
#include <banach/onnx/describe.hpp>
#include <tests/onnx/exported.hpp>

#include <banach/layers/dense.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/sequential.hpp>

using namespace banach;
using namespace banach::layers;

namespace {

formats::ByteSource source(const std::string& text) {
  const formats::ByteSpan bytes = formats::as_bytes(text);
  return {formats::Bytes(bytes.begin(), bytes.end()), "net.onnx"};
}

std::string exported_net() {
  Sequential model({Input({3}), Dense(4, {.activation = "selu"}), Dense(2)}, {.name = "net"});
  return banach::onnx::export_model(model);
}

}  // namespace

TEST_CASE("describe_model says what a file computes, from what, and with how many weights") {
  const Json json = banach::onnx::describe_model(source(exported_net()));
  CHECK(json.at("opsets") == Json::dict({{"ai.onnx", 17}}));
  CHECK(json.at("inputs").as_list().size() == 1);
  CHECK(json.at("inputs").as_list()[0].at("shape") == Json::list({"batch", 3}));
  CHECK(json.at("outputs").as_list()[0].at("dtype").as_string() == "float32");
  CHECK(json.at("nodes").at("Selu").as_int() == 1);
  CHECK(json.at("parameters").as_int() == 3 * 4 + 4 + 4 * 2 + 2);
}

TEST_CASE("describe_model refuses what is no model") {
  const std::string whole = exported_net();
  for (const std::string& bytes : {std::string(), std::string("hello"), whole.substr(0, 40),
                                   whole.substr(0, whole.size() / 2)}) {
    CHECK_THROWS_WITH_AS(banach::onnx::describe_model(source(bytes)),
                         doctest::Contains("[net.onnx]"), Corruption);
  }
}

TEST_CASE("describe_model refuses dimensions that overflow or are negative") {
  for (const std::int64_t dim : {std::int64_t{-1}, std::int64_t{1} << 40}) {
    ::onnx::ModelProto proto;
    auto* tensor = proto.mutable_graph()->add_initializer();
    tensor->set_data_type(::onnx::TensorProto::FLOAT);
    tensor->add_dims(dim);
    tensor->add_dims(std::int64_t{1} << 30);
    CHECK_THROWS_AS(banach::onnx::describe_model(source(proto.SerializeAsString())), Corruption);
  }
}
