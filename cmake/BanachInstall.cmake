# cmake --install: library, public headers, data sets, and what find_package and pkg-config read. Every
# path in it is relative to the prefix, so an installed tree may be moved as a whole.
include(CMakePackageConfigHelpers)

set(BANACH_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/banach)

install(TARGETS banach EXPORT banach
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Headers for users: not the kernels, and not what only their own folder's sources include.
install(DIRECTORY banach DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING
        PATTERN *.hpp
        PATTERN *-inl.hpp EXCLUDE
        PATTERN banach/onnx EXCLUDE
        PATTERN banach/backend/cpu EXCLUDE
        PATTERN banach/backend/reference EXCLUDE
        PATTERN banach/backend/cuda EXCLUDE
        REGEX "train/(callback_list|data|feeder|progress|progress_bar|progress_text|runner).hpp" EXCLUDE
        REGEX "backend/(device_options|gpu_module|host_backend|kernel_rows|update_views)|formats/(atomic_file|csv_cells|elements|npy_header|utf8|zip_(crc|directory|name))" EXCLUDE
        REGEX "formats/(field_(reader|writer)|hdf5_(attributes|checksum|chunks|data|encoder|messages|metadata)|protobuf|stored_type)" EXCLUDE
        REGEX "datasets/(download|idx_source|image_files|resample|search|sha256|taps)" EXCLUDE
        REGEX "models/(summary_table|layer_(calls|outputs)|activation_statistics|snn_(moments|network|rules|weights))" EXCLUDE
        REGEX "runtime/(layout|plan)|plot/gnuplot|core/(random_kernels|simd_targets)" EXCLUDE)

add_custom_target(banach_libraries DEPENDS banach)
if(BANACH_HAS_ONNX)
  add_dependencies(banach_libraries banach_onnx)
  install(TARGETS banach_onnx EXPORT banach_onnx
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES banach/onnx/describe.hpp banach/onnx/export.hpp
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/banach/onnx)
  install(EXPORT banach_onnx NAMESPACE banach:: FILE banachOnnxTargets.cmake
          DESTINATION ${BANACH_CMAKE_DIR})
endif()

if(TARGET banach_cuda)  # found by libbanach beside itself
  install(TARGETS banach_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
if(BANACH_CLI)
  # absent where only the library was built
  install(TARGETS banach_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} OPTIONAL)
endif()

install(DIRECTORY data/mnist data/uci DESTINATION ${CMAKE_INSTALL_DATADIR}/banach)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT banach NAMESPACE banach:: FILE banachTargets.cmake DESTINATION ${BANACH_CMAKE_DIR})
configure_package_config_file(
  cmake/banachConfig.cmake.in banachConfig.cmake INSTALL_DESTINATION ${BANACH_CMAKE_DIR}
  PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(banachConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/banachConfig.cmake
              ${PROJECT_BINARY_DIR}/banachConfigVersion.cmake
              cmake/BanachDependencies.cmake cmake/BanachOnnxDependencies.cmake
        DESTINATION ${BANACH_CMAKE_DIR})

# A shared library brings its own dependencies; only users of the archive link them. They are named
# one by one: in Requires.private they would ask for archives of everything they use themselves.
set(BANACH_PC_LIBS "")
set(BANACH_ONNX_PC_LIBS "")
if(NOT BUILD_SHARED_LIBS)
  set(BANACH_PC_LIBS "-lfmt -lpng -lz -lzip -lcrypto -pthread")
  set(BANACH_ONNX_PC_LIBS "-lonnx_proto -lprotobuf -lfmt")
endif()
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
           BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE BANACH_PC_UP)
set(BANACH_PCS banach)
if(BANACH_HAS_ONNX)
  list(APPEND BANACH_PCS banach_onnx)
endif()
foreach(name IN LISTS BANACH_PCS)
  configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
