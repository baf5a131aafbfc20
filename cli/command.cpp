#include <cli/command.hpp>

#include <cli/errors.hpp>

#include <banach/core/suggest.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <fmt/format.h>
#include <optional>

namespace banach::cli {
namespace {

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

// UsageError for a command or an option that there is not, with the nearest one.
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

}  // namespace

Option Option::required() const { return Option(option_->required()); }

Option Option::check(const std::function<std::string(const std::string&)>& wrong) const {
  return Option(option_->check(wrong));
}

Option Option::check_positive() const { return Option(option_->check(CLI::PositiveNumber)); }

Option Option::check_not_negative() const { return Option(option_->check(CLI::NonNegativeNumber)); }

template <class T>
Option Option::check_range(T low, T high) const {
  return Option(option_->check(CLI::Range(low, high)));
}
template Option Option::check_range(int, int) const;
template Option Option::check_range(double, double) const;

Option Option::check_one_of(const std::vector<std::string>& words) const {
  return Option(option_->check(CLI::IsMember(words)));
}

Option Option::delimiter(char mark) const { return Option(option_->delimiter(mark)); }

Option Option::show_default() const { return Option(option_->capture_default_str()); }

Command Command::add_command(const std::string& name, const std::string& about) const {
  return Command(*app_->add_subcommand(name, about));
}

template <class T>
Option Command::add_option(const std::string& name, T& value, const std::string& about) const {
  return Option(app_->add_option(name, value, about));
}
using Text = const std::string&;
template Option Command::add_option(Text, std::string&, Text) const;
template Option Command::add_option(Text, std::vector<std::string>&, Text) const;
template Option Command::add_option(Text, std::optional<std::string>&, Text) const;
template Option Command::add_option(Text, int&, Text) const;
template Option Command::add_option(Text, std::int64_t&, Text) const;
template Option Command::add_option(Text, double&, Text) const;
template Option Command::add_option(Text, std::optional<int>&, Text) const;
template Option Command::add_option(Text, std::optional<std::int64_t>&, Text) const;
template Option Command::add_option(Text, std::optional<std::uint64_t>&, Text) const;
template Option Command::add_option(Text, std::optional<double>&, Text) const;
template Option Command::add_option(Text, std::array<double, 2>&, Text) const;

template <class T>
Option Command::add_flag(const std::string& name, T& value, const std::string& about) const {
  return Option(app_->add_flag(name, value, about));
}
template Option Command::add_flag(Text, bool&, Text) const;
template Option Command::add_flag(Text, std::optional<bool>&, Text) const;

void Command::footer(const std::string& text) const { app_->footer(text); }

void Command::require_command() const { app_->require_subcommand(1); }

void Command::callback(const std::function<void()>& run) const { app_->callback(run); }

bool Command::parsed() const { return app_->parsed(); }

int run_command_line(void (*add_commands)(Command program), int argc, const char* const* argv) {
  CLI::App app("Train, inspect and run neural networks.", "banach");
  app.require_subcommand(1);
  app.set_version_flag("--version", "banach " BANACH_VERSION);
  add_commands(Command(app));
  try {
    check_names(app, argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + ". See banach --help.");
  }
  return 0;
}

}  // namespace banach::cli
