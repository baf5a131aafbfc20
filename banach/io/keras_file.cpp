#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/npz.hpp>
#include <banach/formats/zip.hpp>
#include <banach/io/keras_file.hpp>
#include <banach/io/keras_version.hpp>
#include <banach/io/model_parts.hpp>
#include <banach/io/self_test.hpp>
#include <banach/io/training_member.hpp>
#include <banach/io/weights_h5.hpp>

#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace banach {
namespace {

using namespace formats;

constexpr const char* kMetadata = "metadata.json";
constexpr const char* kConfig = "config.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr const char* kTraining = "banach_training.json";  // ours; Keras reads the others alone

Json metadata() {
  return Json::dict(
      {{"keras_version", kKerasVersion},
       {"date_saved", fmt::format("{:%Y-%m-%d@%H:%M:%S}", fmt::localtime(std::time(nullptr)))}});
}

Json read_json(ZipReader& archive, const char* member) {
  const Bytes bytes = archive.read(member);
  return parse_json(as_text(bytes), archive.name() + "/" + member);
}

}  // namespace

void save_keras_file(const Model& model, const std::string& path, const SaveOptions& options) {
  Hdf5Writer weights;
  write_weights(weights, model, options.include_optimizer);
  const std::string about = format_json(metadata());
  const std::string config = format_json(model_json(model, options.include_optimizer));
  const Json training = options.include_optimizer ? training_json(model) : Json();
  const Probes probes = options.self_test ? make_probes(model) : Probes();
  ZipWriter archive(path);
  archive.add(kMetadata, as_bytes(about));
  archive.add(kConfig, as_bytes(config));
  archive.add(kWeights, [&](const ByteSink& sink) { weights.write(sink); });
  if (!training.is_null()) archive.add(kTraining, as_bytes(format_json(training)));
  if (!probes.empty()) archive.add(kSelfTestMember, write_npz(probes));
  archive.commit();
}

std::shared_ptr<Model> load_keras_file(const std::string& path, const LoadOptions& options) {
  ZipReader archive{ByteSource(path)};
  const Json config = read_json(archive, kConfig);
  Hdf5Reader weights(archive.open(kWeights));
  const std::string where = path + "/" + kConfig;
  const auto model = model_from_json(config, where, weights_bytes(weights, ""));
  read_weights(weights, *model);
  const Json* compiled = config.find("compile_config");
  if (options.compile && compiled != nullptr) {
    compile_from_json(*model, *compiled, where);
    if (model->is_compiled()) read_optimizer(weights, *model);
  }
  if (options.compile && model->is_compiled() && archive.contains(kTraining)) {
    read_training(read_json(archive, kTraining), *model, path + "/" + kTraining);
  }
  if (options.self_test && archive.contains(kSelfTestMember)) {
    const std::string name = path + "/" + kSelfTestMember;
    check_probes(*model, parse_npz(archive.read(kSelfTestMember), name), path);
  }
  return model;
}

bool keras_file_has_self_test(const std::string& path) {
  return ZipReader{ByteSource(path)}.contains(kSelfTestMember);
}

}  // namespace banach
