#include <cli/command.hpp>
#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/output.hpp>

#include <csignal>

namespace {

void add_commands(banach::cli::Command program) {
  using namespace banach::cli;
  add_train(program);
  add_evaluate(program);
  add_predict(program);
  add_summary(program);
  add_check(program);
  add_convert(program);
  add_export(program);
  add_inspect(program);
  add_verify(program);
  add_plot(program);
  add_devices(program);
  add_bench(program);
  add_snn(program);
  add_data(program);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `banach ... | head` ends with an error that can be read
  try {
    return banach::cli::run_command_line(add_commands, argc, argv);
  } catch (const banach::cli::Exit& exit) {
    return exit.code;
  } catch (const std::exception& error) {
    banach::cli::note(error.what());
    return banach::cli::exit_code(error);
  }
}
