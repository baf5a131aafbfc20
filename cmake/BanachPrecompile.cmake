# banach_precompile(TARGET KIND [HEADER...]): what nearly every source includes is read once for all
# targets of a kind, by the first of them. A kind's targets are compiled with the same options, for g++
# takes no precompiled header that was made with others, and the first defines no macro that another
# lacks.
#
# A precompiled header hides includes that are missing; the preset clang, of scripts/check, has none.
set(BANACH_COMMON_HEADERS <fmt/format.h> <algorithm> <array> <cmath> <cstdint> <functional> <map>
    <memory> <optional> <span> <string> <string_view> <utility> <variant> <vector>)

function(banach_precompile target kind)
  get_property(first GLOBAL PROPERTY BANACH_PRECOMPILED_${kind})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${BANACH_COMMON_HEADERS} ${ARGN})
    set_property(GLOBAL PROPERTY BANACH_PRECOMPILED_${kind} ${target})
  endif()
endfunction()

# Programs are position-independent in another way than libraries. No program is the first of them, or
# each would wait for that one.
add_executable(banach_program_headers EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/program_headers.cpp)
target_link_libraries(banach_program_headers PRIVATE banach_settings fmt::fmt)
target_compile_options(banach_program_headers PRIVATE $<$<CONFIG:Release>:-O1>)
banach_precompile(banach_program_headers programs)
