# The settings every target shares: language, warnings, sanitizers, the thread pool.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
# The static library has the shared one's objects: with ccache they are compiled once, for it sees
# the build folders of both as the same.
find_program(BANACH_CCACHE ccache)
mark_as_advanced(BANACH_CCACHE)
if(PROJECT_IS_TOP_LEVEL AND BANACH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_ABSSTDERR=1 ${BANACH_CCACHE})
endif()

add_library(banach_settings INTERFACE)
target_compile_options(banach_settings INTERFACE -Wall -Wextra -Wpedantic
                       -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(banach_settings INTERFACE -Wno-restrict)  # GCC bug 105651
endif()
if(BANACH_WERROR)
  target_compile_options(banach_settings INTERFACE -Werror)
endif()
if(BANACH_SANITIZE)
  target_compile_options(banach_settings INTERFACE -fsanitize=${BANACH_SANITIZE}
                         -fno-omit-frame-pointer -g)
  target_link_options(banach_settings INTERFACE -fsanitize=${BANACH_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # std::regex under the address sanitizer: GCC bug 105562.
    target_compile_options(banach_settings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

# The build tree looks like an installation, so that data is found beside the library in both.
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/data ${CMAKE_BINARY_DIR}/share/banach SYMBOLIC)
