#pragma once

#include <banach/backend/backend.hpp>

namespace banach {

/// A backend whose device is the host's memory: a name and a list of kernels.
BackendPtr make_host_backend(std::string name, std::vector<KernelRow> rows);

}  // namespace banach
