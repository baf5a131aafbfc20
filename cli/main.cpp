#include <cli/commands.hpp>

#include <banach/core/errors.hpp>

#include <cstdio>
#include <exception>

#include <sysexits.h>

namespace {

int report(const char* message, int code) {
  std::fprintf(stderr, "banach: %s\n", message);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Train, inspect and run neural networks.", "banach");
  app.require_subcommand(1);
  banach::cli::add_bench(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return EX_USAGE;
  } catch (const banach::InvalidArgument& error) {
    return report(error.what(), EX_USAGE);
  } catch (const banach::NotFound& error) {
    return report(error.what(), EX_NOINPUT);
  } catch (const banach::NotSupported& error) {
    return report(error.what(), EX_UNAVAILABLE);
  } catch (const std::exception& error) {
    return report(error.what(), EX_SOFTWARE);
  }
  return EX_OK;
}
