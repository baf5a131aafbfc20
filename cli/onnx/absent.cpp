#include <cli/onnx/onnx.hpp>

#include <banach/core/errors.hpp>

namespace banach::cli {
namespace {

constexpr const char* kAbsent =
    "this program was built without ONNX: install libonnx-dev and libprotobuf-dev (on Debian: "
    "apt-get install libonnx-dev libprotobuf-dev) and build it again";

}  // namespace

void export_onnx(Model&, const std::string& path, int) {
  throw NotSupported(path + ": " + kAbsent);
}

Json describe_onnx(const formats::ByteSource&) { return Json::dict({{"not_read", kAbsent}}); }

}  // namespace banach::cli
