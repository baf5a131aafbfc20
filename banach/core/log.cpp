#include <banach/core/log.hpp>

#include <cstdio>
#include <mutex>
#include <utility>

namespace banach {
namespace {

struct Handler {
  std::mutex mutex;
  config::WarningHandler function = [](std::string_view message) {
    std::fprintf(stderr, "banach: warning: %.*s\n", static_cast<int>(message.size()),
                 message.data());
  };
};

Handler& handler() {
  static Handler instance;
  return instance;
}

}  // namespace

config::WarningHandler config::set_warning_handler(WarningHandler function) {
  std::scoped_lock lock(handler().mutex);
  return std::exchange(handler().function, std::move(function));
}

// The handler runs unlocked: it may warn, and set another handler.
void warn(std::string_view message) {
  std::unique_lock lock(handler().mutex);
  const config::WarningHandler function = handler().function;
  lock.unlock();
  if (function) function(message);
}

}  // namespace banach
