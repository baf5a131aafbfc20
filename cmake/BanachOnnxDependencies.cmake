# What the component onnx builds on; sets banach_onnx_FOUND. Read by banach's own build and, for static
# libraries, by find_package(banach COMPONENTS onnx).
find_package(Protobuf QUIET)
find_package(ONNX QUIET)
set(banach_onnx_FOUND FALSE)
if(Protobuf_FOUND AND TARGET protobuf::libprotobuf AND ONNX_FOUND AND TARGET onnx_proto)
  set(banach_onnx_FOUND TRUE)
endif()
set(banach_onnx_NOT_FOUND_MESSAGE "it needs libonnx-dev and libprotobuf-dev. On Debian: \
apt-get install libonnx-dev libprotobuf-dev")
