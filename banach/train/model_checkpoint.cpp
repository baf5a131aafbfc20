#include <banach/core/errors.hpp>
#include <banach/io/saving.hpp>
#include <banach/train/checkpoint_path.hpp>
#include <banach/train/messages.hpp>
#include <banach/train/model_checkpoint.hpp>

#include <filesystem>
#include <fmt/format.h>

namespace banach::callbacks {
namespace {

void check_ending(const std::string& path, bool weights_only) {
  if (weights_only && !path.ends_with(".weights.h5")) {
    throw InvalidArgument(fmt::format(
        "[ModelCheckpoint] with save_weights_only the filepath must end in .weights.h5, received "
        "'{}'",
        path));
  }
  if (!weights_only && !path.ends_with(".keras") && !path.ends_with(".h5")) {
    throw InvalidArgument(fmt::format(
        "[ModelCheckpoint] the filepath must end in .keras or .h5, received '{}'", path));
  }
}

void check_frequency(const std::variant<std::string, std::int64_t>& frequency) {
  const auto* batches = std::get_if<std::int64_t>(&frequency);
  if (batches != nullptr ? *batches >= 1 : std::get<std::string>(frequency) == "epoch") return;
  throw InvalidArgument(fmt::format(
      "[ModelCheckpoint] save_freq must be \"epoch\" or a number of batches >= 1, received {}",
      batches != nullptr ? std::to_string(*batches)
                         : "\"" + std::get<std::string>(frequency) + "\""));
}

void make_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    throw IOError(fmt::format("[ModelCheckpoint] cannot make the folder '{}': {}", folder.string(),
                              error.message()));
  }
}

std::string best_text(const std::optional<double>& best) {
  return best ? fmt::format("{:.5f}", *best) : "None";
}

}  // namespace

ModelCheckpoint::ModelCheckpoint(std::string filepath, const ModelCheckpointOptions& options)
    : filepath_(std::move(filepath)),
      options_(options),
      monitor_("ModelCheckpoint", options.monitor, options.mode),
      best_(options.initial_value_threshold) {
  check_ending(filepath_, options_.save_weights_only);
  check_frequency(options_.save_freq);
  check_path(filepath_);
}

void ModelCheckpoint::on_train_begin(const Logs&) {
  if (options_.save_best_only) monitor_.settle(model());
  if (!options_.save_weights_only) saving::check_can_save(model());
}

void ModelCheckpoint::on_epoch_begin(std::int64_t epoch, const Logs&) { epoch_ = epoch; }

void ModelCheckpoint::on_train_batch_end(std::int64_t batch, const Logs& logs) {
  const auto* frequency = std::get_if<std::int64_t>(&options_.save_freq);
  if (frequency == nullptr || ++batches_since_save_ < *frequency) return;
  batches_since_save_ = 0;
  save(epoch_, batch, logs);
}

void ModelCheckpoint::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (std::holds_alternative<std::string>(options_.save_freq)) save(epoch, std::nullopt, logs);
}

bool ModelCheckpoint::should_save(std::int64_t epoch, const Logs& logs, const std::string& path) {
  if (!options_.save_best_only) {
    if (options_.verbose > 0) {
      print_message(fmt::format("\nEpoch {}: saving model to {}", epoch + 1, path));
    }
    return true;
  }
  const auto current = monitor_.find(
      logs, fmt::format("Can save best model only with {} available", options_.monitor));
  return !current || is_better(epoch, *current, path);
}

bool ModelCheckpoint::is_better(std::int64_t epoch, double current, const std::string& path) {
  const std::string before = best_text(best_), begin = fmt::format("\nEpoch {}: ", epoch + 1);
  const bool better = monitor_.improves(current, best_);
  if (better) best_ = current;
  if (options_.verbose > 0) {
    print_message(begin + options_.monitor +
                  (better ? fmt::format(" improved from {} to {:.5f}, saving model to {}", before,
                                        current, path)
                          : " did not improve from " + before));
  }
  return better;
}

void ModelCheckpoint::save(std::int64_t epoch, std::optional<std::int64_t> batch,
                           const Logs& logs) {
  if (batch) ++*batch;
  const std::string path = format_path(filepath_, {epoch + 1, batch, logs});
  if (!should_save(epoch, logs, path)) return;
  make_folder_of(path);
  options_.save_weights_only ? model().save_weights(path) : model().save(path);
  if (options_.verbose > 0) {
    print_message(fmt::format("\nEpoch {}: finished saving model to {}", epoch + 1, path));
  }
}

}  // namespace banach::callbacks
