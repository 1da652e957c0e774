#include "review/serve.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "review/output.h"
#include <spawn.h>
#include <unistd.h>

#include "spine/batch/run_files.h"
#include "spine/cli/app.h"
#include "spine/core/error.h"
#include "spine/review/child_process.h"
#include "spine/review/dropped_films.h"
#include "spine/review/measuring.h"
#include "spine/review/review_lock.h"
#include "spine/util/disk.h"

namespace spine::review {
namespace {

/// Locks the results, or turns to read-only if the folder cannot be written to.
std::unique_ptr<ReviewLock> lock_unless_read_only(const Cohort& cohort, const HttpServer& server,
                                                  const DisplayNames& names,
                                                  ReviewOptions& review) {
  if (review.read_only) return nullptr;
  const std::string address = "http://127.0.0.1:" + std::to_string(server.port());
  try {
    return std::make_unique<ReviewLock>(cohort.folder(), address);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::output) throw;
    if (cohort.studies()->empty()) throw;
    std::cerr << kProgram << ": read only: " << names(error.what()) << "\n";
    review.read_only = true;
    return nullptr;
  }
}

/// Opens an address that holds the secret by a private file, as arguments are seen by other users.
void open_in_browser(const std::string& address) {
  std::string file = (std::filesystem::temp_directory_path() / "spine-review-XXXXXX.html").string();
  const int descriptor = mkstemps(file.data(), 5);  // 0600
  if (descriptor < 0) return;
  const std::string page =
      "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=" + address +
      "\"><title>spine-review</title>";
  const bool written =
      write(descriptor, page.data(), page.size()) == static_cast<ssize_t>(page.size());
  close(descriptor);
  if (!written) return;
  pid_t child = 0;
  char name[] = "xdg-open";
  char* arguments[] = {name, file.data(), nullptr};
  if (posix_spawnp(&child, name, nullptr, nullptr, arguments, environ) != 0) {
    std::cerr << kProgram << ": expected xdg-open, found none; open the address yourself\n";
  }
}

/// RESULTS, created if it was given by -o.
Cohort open_results(const CommandOptions& options) {
  if (options.output.empty() && options.results.empty()) {
    throw Error(ErrorKind::usage, "usage: expected RESULTS or --output, got neither");
  }
  const bool may_be_new = !options.output.empty() && !writes_output(options);
  if (!may_be_new || options.review.read_only) {
    return Cohort(options.output.empty() ? options.results : options.output);
  }
  const auto shards = batch::shards_in(options.output);
  if (!shards.empty() && shards.front() != batch::Shard{}) {
    throw Error(ErrorKind::usage,
                "--output: expected no results of shards; merge them first: spine-pipeline "
                "merge RESULTS");
  }
  make_folders(options.output);
  return Cohort::or_empty(options.output);
}

/// @throws Error(not_found) if films that were given are not there
void require_films(const batch::InputOptions& films) {
  auto given = films.inputs;
  if (films.manifest) given.push_back(*films.manifest);
  for (const auto& path : given) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) continue;
    throw Error(ErrorKind::not_found,
                "films: " + path.string() + ": expected a file or folder, found nothing");
  }
}

/// How spine-pipeline measures the films.
MeasuringOptions measuring_options(const CommandOptions& options, const DisplayNames& names) {
  MeasuringOptions measuring;
  measuring.names = names;
  measuring.program = options.program.empty() ? find_program("spine-pipeline")
                                              : std::filesystem::path(options.program);
  const auto& films = options.films.run.input;
  for (const auto& input : films.inputs) measuring.films.push_back(input.string());
  if (!films.inputs.empty()) measuring.films.emplace_back("--recursive");
  if (films.manifest) {
    measuring.films.insert(measuring.films.end(), {"--manifest", films.manifest->string()});
  }
  auto& further = measuring.arguments;
  if (films.keep_identifiers) further.emplace_back("--keep-identifiers");
  if (!films.pseudonym_key.empty()) {
    further.insert(further.end(), {"--pseudonym-key", films.pseudonym_key.string()});
  }
  if (films.frame) further.insert(further.end(), {"--frame", std::to_string(*films.frame)});
  for (const std::string& words : options.pipeline) {
    for (std::string& word : CLI::detail::split_up(words)) {
      CLI::detail::remove_quotes(word);
      further.push_back(std::move(word));
    }
  }
  measuring.on_problem = [](const std::string& line) {
    std::cerr << kProgram << ": " << line << std::endl;
  };
  return measuring;
}

std::unique_ptr<ReviewService> service_of(const CommandOptions& options, const Cohort& cohort) {
  auto films = options.films.run.input;
  films.output = cohort.folder();
  if (films.inputs.empty() && !films.manifest) {
    return std::make_unique<ReviewService>(cohort, options.review);
  }
  return std::make_unique<ReviewService>(cohort, films, options.review);
}

/// Measures films in the background.
std::unique_ptr<Measuring> start_measuring(const MeasuringOptions& how, const Cohort& cohort,
                                           const DroppedFilms& dropped, ReviewService& service,
                                           HttpServer& server) {
  dropped.prepare();
  auto measuring = std::make_unique<Measuring>(how, cohort, dropped, service.films());
  service.show(*measuring);
  if (service.takes_films()) server.take_uploads(dropped.folder());
  return measuring;
}

}  // namespace

int run(CommandOptions options, const DisplayNames& names) {
  const bool writes = writes_output(options);
  bool measures = !options.output.empty() && !options.review.read_only && !writes;
  if (measures) require_films(options.films.run.input);
  const auto how = measures ? measuring_options(options, names) : MeasuringOptions{};
  const Cohort cohort = open_results(options);
  if (writes) return write_output(cohort, options, names);
  if (options.blind) options.review.blind.session = options.session;
  options.review.blind.first = options.blind_first / 100;
  if (!options.table.empty()) options.review.groups = read_groups(options.table);
  options.review.version = cli::version();
  // The port is bound before the folder is locked, so that the lock tells the address.
  std::unique_ptr<ReviewService> service;
  HttpServer server(options.server,
                    [&service](const HttpRequest& request) { return service->answer(request); });
  const auto lock = lock_unless_read_only(cohort, server, names, options.review);
  measures = measures && !options.review.read_only;
  service = service_of(options, cohort);
  const DroppedFilms dropped(cohort.folder());
  if (measures || !dropped.ids().empty()) service->films().add(dropped);
  const auto measuring =
      measures ? start_measuring(how, cohort, dropped, *service, server) : nullptr;
  std::cout << server.address() << std::endl;
  if (options.open) open_in_browser(server.address());
  server.run(cli::interrupted);
  if (measuring && measuring->is_busy()) {
    std::cerr << kProgram << ": stopping spine-pipeline; the rest is measured next time"
              << std::endl;
  }
  return cli::kExitDone;
}

}  // namespace spine::review
