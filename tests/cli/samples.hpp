#pragma once

#include <banach/banach.hpp>
#include <tests/support/temp_dir.hpp>

#include <string>

namespace banach::testing {

/// A folder with what commands are tried on: "mnist.npz", 240 pictures of MNIST's form to train on
/// and 40 to test, whose class is the brightest tenth of the picture; BANACH_DATA_DIR shall name
/// it.
class SampleFolder {
 public:
  SampleFolder();

  std::string operator/(const std::string& name) const { return folder_ / name; }
  std::string path() const { return folder_.path().string(); }

  /// Writes a model of 28 x 28 pictures and 10 classes, trained for an epoch.
  std::string model(const std::string& name = "model.keras") const;

 private:
  TempDir folder_;
};

}  // namespace banach::testing
