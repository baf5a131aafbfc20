#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/output.hpp>

#include <csignal>

namespace {

void add_commands(CLI::App& app) {
  using namespace banach::cli;
  add_train(app);
  add_evaluate(app);
  add_predict(app);
  add_summary(app);
  add_check(app);
  add_convert(app);
  add_export(app);
  add_inspect(app);
  add_verify(app);
  add_plot(app);
  add_devices(app);
  add_bench(app);
  add_snn(app);
  add_data(app);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `banach ... | head` ends with an error that can be read
  CLI::App app("Train, inspect and run neural networks.", "banach");
  app.require_subcommand(1);
  app.set_version_flag("--version", "banach " BANACH_VERSION);
  add_commands(app);
  try {
    banach::cli::check_names(app, argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    banach::cli::note(std::string(error.what()) + ". See banach --help.");
    return banach::cli::exit_code(error);
  } catch (const banach::cli::Exit& exit) {
    return exit.code;
  } catch (const std::exception& error) {
    banach::cli::note(error.what());
    return banach::cli::exit_code(error);
  }
  return 0;
}
