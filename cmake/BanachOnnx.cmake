# The component onnx, a library of its own: only its users link protobuf. BANACH_HAS_ONNX says whether
# there is one.
include(BanachOnnxDependencies)
set(BANACH_HAS_ONNX ${banach_onnx_FOUND})
if(NOT BANACH_HAS_ONNX)
  message(STATUS "banach::onnx is left out: ${banach_onnx_NOT_FOUND_MESSAGE}")
  return()
endif()

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/banach/onnx/*.cpp)
add_library(banach_onnx ${sources})
add_library(banach::onnx ALIAS banach_onnx)
target_compile_definitions(banach_onnx PRIVATE BANACH_VERSION="${PROJECT_VERSION}")
target_compile_options(banach_onnx PRIVATE $<$<CONFIG:Release>:-O1>)
target_link_libraries(banach_onnx PUBLIC banach
                      PRIVATE fmt::fmt onnx_proto $<BUILD_INTERFACE:banach_settings>)
banach_precompile(banach_onnx cold)
set_target_properties(banach_onnx PROPERTIES EXPORT_NAME onnx INSTALL_RPATH $ORIGIN
                      VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
