#pragma once

#include <banach/models/compile_options.hpp>

namespace banach {

/// What Keras writes of compile() into a .keras file: {"optimizer", "loss", ...}. NotSupported for
/// functions of your own.
Json compile_config(const CompileOptions& options);
/// The same in an .h5 file, its "training_config".
Json training_config(const CompileOptions& options);

/// compile()'s options from either. InvalidArgument names what is not known; nothing that Keras
/// alone has, such as jit_compile, matters.
CompileOptions parse_compile_config(const Json& config);

/// A layer or model as older files write it: without "module" and "registered_name" around it.
Json legacy_form(const Json& serialized);

}  // namespace banach
