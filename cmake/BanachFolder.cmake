# banach_folder(NAME): compiles banach/NAME as a target of its own and adds it to the library.
function(banach_folder name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/banach/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/backend/cuda/")  # a library of its own: BanachCuda.cmake
  if(BANACH_THREADS STREQUAL "openmp")
    list(FILTER sources EXCLUDE REGEX "threads_std.cpp$")
  else()
    list(FILTER sources EXCLUDE REGEX "threads_openmp.cpp$")
  endif()
  add_library(banach_${name} OBJECT ${sources})
  target_include_directories(banach_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(banach_${name} PRIVATE banach_settings fmt::fmt ${BANACH_LINK_${name}})
  if(NOT name IN_LIST BANACH_HOT_FOLDERS)
    target_compile_options(banach_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  target_sources(banach PRIVATE $<TARGET_OBJECTS:banach_${name}>)
endfunction()

set(BANACH_LINK_core banach::hwy $<$<STREQUAL:${BANACH_THREADS},openmp>:OpenMP::OpenMP_CXX>)
set(BANACH_LINK_backend banach::hwy)
set(BANACH_LINK_formats banach::hwy ZLIB::ZLIB PNG::PNG banach::zip nlohmann_json::nlohmann_json)
# libcurl for its header: it is loaded when something is downloaded.
set(BANACH_LINK_datasets CURL::libcurl OpenSSL::Crypto)

# Where loops over elements live. What only builds graphs and programs compiles faster with -O1 and
# runs no slower for it; the reference backend is naive on purpose.
set(BANACH_HOT_FOLDERS core formats datasets backend train)
file(GLOB reference ${PROJECT_SOURCE_DIR}/banach/backend/reference/*.cpp)
set_source_files_properties(${reference} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)

# A seed gives the same weights on every instruction set.
set_source_files_properties(${PROJECT_SOURCE_DIR}/banach/core/random_kernels.cpp PROPERTIES
                            COMPILE_OPTIONS -ffp-contract=off)
