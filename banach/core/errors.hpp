#pragma once

#include <stdexcept>
#include <string>

namespace banach {

/// Base of everything banach throws. what() says where, what was received, what was expected and
/// what to do: `[dense_3] expected an input whose last axis is 784, received (None, 28, 28). ...`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value, shape, name or option that can never work; thrown while building or compiling.
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

/// A file, layer, variable or name that does not exist.
class NotFound : public Error {
 public:
  using Error::Error;
};

/// A file whose content contradicts its format.
class Corruption : public Error {
 public:
  using Error::Error;
};

/// Something valid that this build or backend cannot do.
class NotSupported : public Error {
 public:
  using Error::Error;
};

/// The operating system or the network refused a read, a write or a transfer.
class IOError : public Error {
 public:
  using Error::Error;
};

/// A failure during a run: a NaN found by run_eagerly, state that does not allow the call.
class RuntimeError : public Error {
 public:
  using Error::Error;
};

/// A device or its library reported a failure.
class DeviceError : public Error {
 public:
  using Error::Error;
};

}  // namespace banach
