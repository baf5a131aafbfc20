#pragma once

/// Marks scalar mathematics that the kernels of a GPU call too: the same code runs, and is tested,
/// on the host.
#ifdef __CUDACC__
#define BANACH_HOST_DEVICE __host__ __device__
#else
#define BANACH_HOST_DEVICE
#endif
