#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/weight_paths.hpp>
#include <banach/models/model_config.hpp>
#include <banach/train/tensor_board.hpp>

#include <filesystem>
#include <fmt/format.h>

namespace banach::callbacks {
namespace {

constexpr std::string_view kValidation = "val_";

std::int64_t batches_between(const TensorBoardOptions& options) {
  if (const auto* batches = std::get_if<std::int64_t>(&options.update_freq)) {
    if (*batches > 0) return *batches;
    throw InvalidArgument(
        fmt::format("[TensorBoard] update_freq must be at least 1 batch, received {}", *batches));
  }
  const auto& name = std::get<std::string>(options.update_freq);
  if (name == "epoch") return 0;
  if (name == "batch") return 1;
  throw InvalidArgument(fmt::format(
      "[TensorBoard] update_freq must be 'epoch', 'batch' or a number of batches, received '{}'",
      name));
}

std::shared_ptr<formats::EventWriter> new_writer(const std::string& log_dir, const char* run) {
  return std::make_shared<formats::EventWriter>((std::filesystem::path(log_dir) / run).string());
}

double rate(std::int64_t steps, std::chrono::duration<double> time) {
  return static_cast<double>(steps) / time.count();
}

}  // namespace

TensorBoard::TensorBoard(std::string log_dir, const TensorBoardOptions& options)
    : log_dir_(std::move(log_dir)), options_(options), batches_between_(batches_between(options)) {
  if (options.histogram_freq >= 0) return;
  throw InvalidArgument(
      fmt::format("[TensorBoard] histogram_freq must be at least 0 epochs, received {}",
                  options.histogram_freq));
}

void TensorBoard::on_train_begin(const Logs&) {
  batches_ = 0;
  train_ = new_writer(log_dir_, "train");
  validation_ = nullptr;
  if (options_.write_graph) write_graph();
  train_->flush();
}

// As Keras, which shows no model of a class of one's own, nor fails for a layer without a config.
void TensorBoard::write_graph() {
  if (model().class_name() != "Sequential" && model().class_name() != "Functional") return;
  std::string json;
  try {
    json = formats::format_json(serialize(model()));
  } catch (const Error& error) {
    return warn(fmt::format("[TensorBoard] no graph is written: {}", error.what()));
  }
  train_->add(formats::keras_model_summary("keras", json), 0);
}

void TensorBoard::on_epoch_begin(std::int64_t, const Logs&) {
  iterations_before_ = model().optimizer().iterations();
  epoch_begin_ = Clock::now();
}

void TensorBoard::on_train_batch_begin(std::int64_t, const Logs&) { batch_begin_ = Clock::now(); }

void TensorBoard::on_train_batch_end(std::int64_t, const Logs& logs) {
  ++batches_;
  if (batches_between_ == 0 || batches_ % batches_between_ != 0) return;
  if (options_.write_steps_per_second) {
    train_->scalar("batch_steps_per_second", rate(1, Clock::now() - batch_begin_), batches_);
  }
  for (const auto& [name, value] : logs) train_->scalar("batch_" + name, value, batches_);
}

void TensorBoard::on_epoch_end(std::int64_t epoch, Logs& logs) {
  for (const auto& [name, value] : logs) {
    const bool validates = name.starts_with(kValidation);
    formats::EventWriter& writer = validates ? validation_writer() : *train_;
    writer.scalar("epoch_" + name.substr(validates ? kValidation.size() : 0), value, epoch);
  }
  train_->scalar("epoch_learning_rate", model().optimizer().learning_rate(), epoch);
  if (options_.write_steps_per_second) {
    const std::int64_t steps = model().optimizer().iterations() - iterations_before_;
    train_->scalar("epoch_steps_per_second", rate(steps, Clock::now() - epoch_begin_), epoch);
  }
  if (options_.histogram_freq > 0 && epoch % options_.histogram_freq == 0) write_weights(epoch);
  train_->flush();
  if (validation_) validation_->flush();
}

// Keras' names are those of a model that was made here: inside a Sequential they begin with its
// name.
void TensorBoard::write_weights(std::int64_t epoch) {
  const std::string model_name = model().class_name() == "Sequential" ? model().name() : "";
  for (const auto& [name, weight] : named_weights(model())) {
    train_->histogram(joined_path(model_name, name) + "/histogram", weight.value(), epoch);
  }
}

formats::EventWriter& TensorBoard::validation_writer() {
  if (!validation_) validation_ = new_writer(log_dir_, "validation");
  return *validation_;
}

void TensorBoard::on_test_end(const Logs& logs) {
  const std::int64_t iterations = model().optimizer().iterations();
  for (const auto& [name, value] : logs) {
    validation_writer().scalar("evaluation_" + name + "_vs_iterations", value, iterations);
  }
  validation_writer().flush();
}

void TensorBoard::on_train_end(const Logs&) {
  train_->flush();
  train_ = validation_ = nullptr;
}

}  // namespace banach::callbacks
