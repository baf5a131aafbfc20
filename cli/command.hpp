#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace banach::cli {

// Handles of CLI11's commands and options, which live as long as the command line. A source that
// includes CLI11 takes seconds to compile, so the commands see only what they need of it.

/// An option or an argument of a command.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  /// The command does not run without it.
  Option required() const;
  /// `wrong` says what is wrong with a value's text: nothing when it is right.
  Option check(const std::function<std::string(const std::string&)>& wrong) const;
  Option check_positive() const;
  Option check_not_negative() const;
  /// From low to high, both included. For T int and double.
  template <class T>
  Option check_range(T low, T high) const;
  Option check_one_of(const std::vector<std::string>& words) const;
  /// Its text is a list of values with this between them.
  Option delimiter(char mark) const;
  /// --help shows the value that holds without it.
  Option show_default() const;

 private:
  CLI::Option* option_;
};

/// A command: the program itself, `banach train`, `banach plot history`.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  Command add_command(const std::string& name, const std::string& about) const;
  /// `--name` is an option, `NAME` an argument; parsing writes into the value, which outlives the
  /// command. For the types that command.cpp lists.
  template <class T>
  Option add_option(const std::string& name, T& value, const std::string& about) const;
  /// For T bool and std::optional<bool>.
  template <class T>
  Option add_flag(const std::string& name, T& value, const std::string& about) const;
  /// What --help ends with.
  void footer(const std::string& text) const;
  /// It runs only with one of its own commands.
  void require_command() const;
  /// What the command does, while the command line is parsed.
  void callback(const std::function<void()>& run) const;
  /// Whether the command line names it.
  bool parsed() const;

 private:
  CLI::App* app_;
};

/// Runs the command that the command line names, or prints help; returns what the process ends
/// with. UsageError for a command line that is wrong, with the nearest name for one that there is
/// not.
int run_command_line(void (*add_commands)(Command program), int argc, const char* const* argv);

}  // namespace banach::cli
