# What banach builds on, each named with the Debian package that brings it. Read by banach's own
# build and, for a static libbanach, by the find_package(banach) of whoever links it.
macro(banach_require found package)
  if(NOT ${found})
    set(banach_NOT_FOUND_MESSAGE "banach needs ${package}. On Debian: apt-get install ${package}")
    if(CMAKE_FIND_PACKAGE_NAME STREQUAL "banach")
      set(banach_FOUND FALSE)
      return()
    endif()
    message(FATAL_ERROR "${banach_NOT_FOUND_MESSAGE}, or run scripts/setup, which installs "
                        "everything.")
  endif()
endmacro()

# banach_find_library(NAME HEADER PACKAGE): the imported target banach::NAME, for a library whose
# own CMake package is incomplete on Debian 12 (libzip's wants tools).
macro(banach_find_library name header package)
  find_path(banach_${name}_INCLUDE_DIR ${header})
  find_library(banach_${name}_LIBRARY ${name})
  mark_as_advanced(banach_${name}_INCLUDE_DIR banach_${name}_LIBRARY)
  banach_require(banach_${name}_INCLUDE_DIR ${package})
  banach_require(banach_${name}_LIBRARY ${package})
  if(NOT TARGET banach::${name})
    add_library(banach::${name} UNKNOWN IMPORTED)
    set_target_properties(banach::${name} PROPERTIES
      IMPORTED_LOCATION ${banach_${name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${banach_${name}_INCLUDE_DIR})
  endif()
endmacro()

find_package(Threads QUIET)
banach_require(Threads_FOUND libc6-dev)
find_package(fmt QUIET)
banach_require(fmt_FOUND libfmt-dev)
find_package(ZLIB QUIET)
banach_require(ZLIB_FOUND zlib1g-dev)
find_package(PNG QUIET)
banach_require(PNG_FOUND libpng-dev)
find_package(OpenSSL QUIET)
banach_require(OPENSSL_FOUND libssl-dev)
if(NOT CMAKE_FIND_PACKAGE_NAME STREQUAL "banach")  # headers, for banach's own sources
  find_package(nlohmann_json QUIET)
  banach_require(nlohmann_json_FOUND nlohmann-json3-dev)
  find_path(banach_hwy_INCLUDE_DIR hwy/highway.h)
  mark_as_advanced(banach_hwy_INCLUDE_DIR)
  banach_require(banach_hwy_INCLUDE_DIR libhwy-dev)
  add_library(banach::hwy INTERFACE IMPORTED)
  target_include_directories(banach::hwy INTERFACE ${banach_hwy_INCLUDE_DIR})
  find_package(CURL QUIET)
  banach_require(CURL_FOUND libcurl4-openssl-dev)
endif()
banach_find_library(zip zip.h libzip-dev)
