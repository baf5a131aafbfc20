#pragma once

#include <string>
#include <vector>

namespace banach::datasets {

/// The folders, and .npz files, where a data set may already be, best first:
/// $BANACH_DATA_DIR/<name>, $BANACH_DATA_DIR, Keras' cache ($KERAS_HOME or ~/.keras), the data
/// installed with banach (found from the library's own place, so it may move), the source tree's,
/// /usr/share/datasets/<name> (Debian's packages).
std::vector<std::string> data_places(const std::string& name);

/// $XDG_CACHE_HOME/banach/<name> or ~/.cache/banach/<name>; empty when neither is known.
std::string cache_folder(const std::string& name);

}  // namespace banach::datasets
