#pragma once

#include <banach/core/json.hpp>
#include <banach/formats/hdf5_messages.hpp>

#include <optional>
#include <string>

namespace banach::formats {

/// The attribute `name` of an object; nullopt when it has none.
std::optional<Json> read_hdf5_attribute(Hdf5Metadata& metadata, const Hdf5Object& object,
                                        const std::string& name, const std::string& where);

/// The names of an object's attributes, sorted.
std::vector<std::string> hdf5_attribute_names(const Hdf5Object& object, const std::string& where);

}  // namespace banach::formats
