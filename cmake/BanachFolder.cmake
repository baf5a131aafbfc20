# banach_folder(NAME): compiles banach/NAME as a target of its own and adds it to the library.
function(banach_folder name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/banach/${name}/*.cpp)
  if(name STREQUAL "backend")  # what is compiled in another way, or into another library
    list(FILTER sources EXCLUDE REGEX "/backend/(reference|cuda)/")
  endif()
  string(REPLACE / _ target banach_${name})
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE banach_settings fmt::fmt ${BANACH_LINK_${name}})
  if(name IN_LIST BANACH_HOT_FOLDERS)
    banach_precompile(${target} hot)
  else()
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
    banach_precompile(${target} cold)
  endif()
  target_sources(banach PRIVATE $<TARGET_OBJECTS:${target}>)
endfunction()

set(BANACH_LINK_core banach::hwy)
set(BANACH_LINK_backend banach::hwy)
set(BANACH_LINK_formats banach::hwy ZLIB::ZLIB PNG::PNG banach::zip nlohmann_json::nlohmann_json)
# libcurl for its header: it is loaded when something is downloaded.
set(BANACH_LINK_datasets CURL::libcurl OpenSSL::Crypto)

# Where loops over elements live. What only builds graphs and programs compiles faster with -O1 and
# runs no slower for it; the reference backend is naive on purpose.
set(BANACH_HOT_FOLDERS core formats datasets backend train)

# A seed gives the same weights on every instruction set.
set_source_files_properties(${PROJECT_SOURCE_DIR}/banach/core/random_kernels.cpp PROPERTIES
                            COMPILE_OPTIONS -ffp-contract=off SKIP_PRECOMPILE_HEADERS ON)
