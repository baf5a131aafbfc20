#include <cli/errors.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <new>

#include <sysexits.h>

namespace banach::cli {
namespace {

template <class... Kinds>
bool is_any(const std::exception& error) {
  return (dynamic_cast<const Kinds*>(&error) || ...);
}

std::vector<std::string> commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->check_name(name)) return command;
  }
  return nullptr;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return (parent ? full_name(*parent) + " " : "") + command.get_name();
}

bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !std::isdigit(static_cast<unsigned char>(word[1])) &&
         word[1] != '.';
}

void check_options(const CLI::App& command, const std::vector<std::string>& words) {
  const std::vector<std::string> known = option_names(command);
  for (const std::string& word : words) {
    if (word == "--") return;
    const std::string name = word.substr(0, word.find('='));
    if (!looks_like_option(word) || std::ranges::find(known, name) != known.end()) continue;
    throw UsageError(fmt::format("'{0}' has no option {1}. {2}See {0} --help.", full_name(command),
                                 name, did_you_mean(name, known)));
  }
}

}  // namespace

int exit_code(const std::exception& error) {
  if (is_any<UsageError, CLI::ParseError>(error)) return EX_USAGE;
  if (is_any<InvalidArgument, Corruption>(error)) return EX_DATAERR;
  if (is_any<NotFound>(error)) return EX_NOINPUT;
  if (is_any<NotSupported, DeviceError>(error)) return EX_UNAVAILABLE;
  if (is_any<IOError>(error)) return EX_IOERR;
  if (is_any<std::bad_alloc>(error)) return EX_OSERR;
  return EX_SOFTWARE;
}

std::string check_positive(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && value > 0 ? "" : "expected a number above 0, received '" + text + "'";
}

void check_names(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty() || looks_like_option(words.front())) return check_options(app, words);
  const CLI::App* command = find_command(app, words.front());
  if (command == nullptr) {
    throw UsageError(fmt::format("there is no command '{}'. {}The commands: {}", words.front(),
                                 did_you_mean(words.front(), commands(app)), join(commands(app))));
  }
  words.erase(words.begin());
  if (!words.empty()) {
    if (const CLI::App* inner = find_command(*command, words.front())) {
      words.erase(words.begin());
      command = inner;
    }
  }
  check_options(*command, words);
}

}  // namespace banach::cli
