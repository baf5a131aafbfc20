# libbanach_cuda: the backend for NVIDIA GPUs. libbanach loads it where there is a driver, so it is a
# library of its own that only GPU machines need.
if(NOT BUILD_SHARED_LIBS)
  message(FATAL_ERROR "BANACH_CUDA needs BUILD_SHARED_LIBS=ON: the module uses the program's libbanach.")
endif()
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  # A100, H100, B200, and code that the driver compiles for what comes after them.
  set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 100)
endif()
enable_language(CUDA)
if(NOT cuda_std_20 IN_LIST CMAKE_CUDA_COMPILE_FEATURES)  # CMake 3.25 does not know that nvcc has it
  list(APPEND CMAKE_CUDA_COMPILE_FEATURES cuda_std_20)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
find_package(CUDAToolkit 12.3 REQUIRED)
find_path(BANACH_CUDNN_INCLUDE_DIR cudnn.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
find_library(BANACH_CUDNN_LIBRARY cudnn HINTS ${CUDAToolkit_LIBRARY_DIR} ${CUDAToolkit_LIBRARY_ROOT}/lib)
if(NOT BANACH_CUDNN_INCLUDE_DIR OR NOT BANACH_CUDNN_LIBRARY)
  message(FATAL_ERROR "BANACH_CUDA needs cuDNN 9 (cudnn.h and libcudnn): install NVIDIA's package "
                      "cudnn9-cuda-13, or set BANACH_CUDNN_INCLUDE_DIR and BANACH_CUDNN_LIBRARY.")
endif()

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/banach/backend/cuda/*.cpp
     ${PROJECT_SOURCE_DIR}/banach/backend/cuda/*.cu)
add_library(banach_cuda SHARED ${sources})
set_target_properties(banach_cuda PROPERTIES CUDA_STANDARD 20 CUDA_RUNTIME_LIBRARY Static)
target_compile_options(banach_cuda PRIVATE
  $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr;-Werror=cross-execution-space-call>
  $<$<COMPILE_LANGUAGE:CXX>:$<TARGET_PROPERTY:banach_settings,INTERFACE_COMPILE_OPTIONS>>)
target_compile_definitions(banach_cuda PRIVATE BANACH_VERSION="${PROJECT_VERSION}")
target_include_directories(banach_cuda SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS}
                           ${BANACH_CUDNN_INCLUDE_DIR})
target_link_libraries(banach_cuda PRIVATE banach::banach fmt::fmt CUDA::cublasLt
                      ${BANACH_CUDNN_LIBRARY})
