#pragma once

#include <banach/core/log.hpp>

#include <string>
#include <vector>

namespace banach::testing {

/// Keeps the warnings given until the end of the scope instead of printing them.
class WarningRecorder {
 public:
  WarningRecorder()
      : before_(config::set_warning_handler(
            [this](std::string_view message) { messages_.emplace_back(message); })) {}
  ~WarningRecorder() { config::set_warning_handler(before_); }
  WarningRecorder(const WarningRecorder&) = delete;
  WarningRecorder& operator=(const WarningRecorder&) = delete;

  std::size_t size() const { return messages_.size(); }
  const std::string& operator[](std::size_t i) const { return messages_[i]; }

 private:
  std::vector<std::string> messages_;
  config::WarningHandler before_;
};

}  // namespace banach::testing
