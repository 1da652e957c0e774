// spine-review: a local page to look at results and correct them. Does not link LibTorch.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <spawn.h>
#include <unistd.h>

#include "spine/batch/event_log.h"
#include "spine/batch/run_files.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"
#include "spine/core/error.h"
#include "spine/review/child_process.h"
#include "spine/review/dropped_films.h"
#include "spine/review/export.h"
#include "spine/review/http_server.h"
#include "spine/review/measuring.h"
#include "spine/review/report.h"
#include "spine/review/review_lock.h"
#include "spine/review/service.h"
#include "spine/util/disk.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-review", "Look at the results of a cohort in the browser and correct landmarks.",
    R"(RESULTS is a folder written by spine-pipeline or spine-measure. With -o RESULTS instead, films
without results are measured first, by spine-pipeline in the background: those of --films and
--manifest, and those that are dropped on the page. The page is served on this machine alone
(127.0.0.1); open the printed address, or use --open. For a remote machine, forward the port:
ssh -L PORT:127.0.0.1:PORT MACHINE, with --port PORT.

Files, for every study that a reader touched:
  RESULTS/<study>/review.json    what readers did, in order; results of the machine are unchanged
  RESULTS/films/film_<number>    films dropped on the page, as they were given, identifiers included
and with --export CSV: CSV, <name>_long.csv, <name>_raters.csv (blind readings, for spine-eval
--raters), RESULTS/<study>/landmarks_reviewed.json (for spine-measure and spine-train cohort
--reviewed), with --dicom-sr RESULTS/<study>/measurements_reviewed.dcm; with --html FILE, one file to
send to a colleague: counts, distributions, a table, thumbnails.

Examples:
  spine-review results/ --films films/ --open
  spine-review --films films/ -o results/ --open
  spine-review -o results/ --pipeline "--restore auto"
  spine-review results/ --films films/ --reader AB --blind --session 2
  spine-review results/ --export reviewed.csv
  spine-review results/ --html report.html --thumbnails 120

Exit codes: 0 stopped by Ctrl-C or exported, 1 failed, 2 bad usage, 3 nothing found, 4 exported, but
some studies could not be read.)"};

namespace review = spine::review;

struct Options {
  spine::cli::SharedOptions films;  ///< which films, and how they are named
  std::string results;
  std::string table;    ///< of groups; empty: none
  std::string output;   ///< RESULTS of films that may have to be measured first; empty: not given
  std::string program;  ///< spine-pipeline; empty: to be found
  std::vector<std::string> pipeline;  ///< further options for it
  spine::review::ReviewOptions review;
  spine::review::HttpServerOptions server;
  bool blind = false;
  int session = 1;
  double blind_first = 0;  ///< per cent
  bool open = false;
  std::string export_table, html;
  spine::review::ReportOptions report;
  spine::review::ExportOptions exporting;
};

std::string user_name() {
  const char* user = std::getenv("USER");
  return user != nullptr && *user != '\0' ? user : "reader";
}

void declare(CLI::App& app, Options& options) {
  using spine::cli::kPath;
  options.review.reader = user_name();
  auto* results = app.add_option("RESULTS", options.results, "Folder of results");
  auto* output = app.add_option("-o,--output", options.output,
                                "Folder of results; created if missing: films without results are "
                                "measured first, and films can be dropped on the page");
  results->type_name(kPath)->excludes(output);
  output->type_name(kPath);
  app.add_option("--pipeline", options.pipeline,
                 "Further options for spine-pipeline, in quotes: \"--restore auto\"")
      ->type_name("OPTIONS")
      ->allow_extra_args(false)
      ->needs(output);
  app.add_option("--pipeline-program", options.program, "The spine-pipeline to be used")
      ->type_name(kPath)
      ->group("");
  app.add_option("--films", options.films.run.input.inputs, "Folders of the films")
      ->type_name(kPath);
  app.add_option("--manifest", options.films.run.input.manifest,
                 "CSV of the films: study_id,path[,spacing_mm][,anterior]")
      ->type_name(kPath);
  app.add_option(
         "--table", options.table,
         "CSV with the column study: its other columns with few different values filter the "
         "list")
      ->type_name(kPath)
      ->check(CLI::ExistingFile);
  app.add_option("--reader", options.review.reader,
                 "Name or initials, written with every correction (default: the user's name)");
  app.add_flag("--blind", options.blind,
               "Independent reading: neither landmarks nor values of the machine or others");
  app.add_option("--session", options.session, "Number of a blind reading")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--blind-first", options.blind_first,
                 "Per cent of the studies that the reader reads blind, as session 1, before the "
                 "machine's landmarks are shown (5 to 10 tell whether the reader yields to them)")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str()
      ->excludes("--blind");
  app.add_flag("--read-only", options.review.read_only,
               "Show the results without storing anything");
  app.add_option("--port", options.server.port, "Port on 127.0.0.1; 0: any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--allow-host", options.server.hosts,
                 "Further host:port by which a tunnel reaches the page")
      ->type_name("HOST:PORT");
  auto* exports =
      app.add_option("--export", options.export_table,
                     "Write the tables with the readers' corrections to this CSV, without a page")
          ->type_name(kPath);
  app.add_flag(
         "--dicom-sr", options.exporting.dicom_sr,
         "With --export: also RESULTS/<study>/measurements_reviewed.dcm, a DICOM SR document, "
         "verified by the reader where approved")
      ->needs(exports);
  app.add_option("--organization", options.exporting.organization,
                 "Organization of the readers, in --dicom-sr")
      ->capture_default_str();
  app.add_option("--html", options.html,
                 "Write a report of the cohort as one HTML file, without a page")
      ->type_name(kPath);
  app.add_option("--thumbnails", options.report.thumbnails,
                 "Overlays in the report, at most; worst first")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  app.add_option("--language", options.report.language, "Language of the report: en, ko")
      ->check(CLI::IsMember({"en", "ko"}))
      ->capture_default_str();
  app.add_flag("--open", options.open, "Open the page in the default browser");
  app.add_option("--web-root", options.review.web_root,
                 "Folder with the page's files, for work on them")
      ->type_name(kPath)
      ->group("");
  declare_names(app, options.films);
}

/// Writes what was asked for instead of a page.
class Output {
 public:
  /// @param names  placeholders for the paths of the command line
  Output(const spine::review::Cohort& cohort, const Options& options,
         const spine::DisplayNames& names)
      : cohort_(cohort), options_(options), names_(names) {}

  int write() {
    if (!options_.export_table.empty()) write_tables();
    if (!options_.html.empty()) write_report();
    return problems_.empty() ? spine::cli::kExitDone : spine::cli::kExitSomeFailed;
  }

 private:
  /// The first problem of each study is told.
  void tell(const std::string& problem) {
    if (problems_.insert(problem.substr(0, problem.find(": "))).second) {
      say("study " + names_(problem));
    }
  }
  static void say(const std::string& text) { std::cerr << kInfo.name << ": " << text << "\n"; }

  static std::string counted(const spine::review::ReviewCounts& counts, std::size_t studies) {
    return std::to_string(studies) + " studies: " + std::to_string(counts.approved) +
           " approved, " + std::to_string(counts.rejected) + " rejected, " +
           std::to_string(counts.edited) + " edited, " + std::to_string(counts.stale) +
           " read before the machine's landmarks changed";
  }

  void write_tables() {
    const auto& given = options_.films.run.input;
    std::optional<spine::review::FilmLibrary> films;
    if (!given.inputs.empty() || given.manifest) films.emplace(given);
    const spine::review::DroppedFilms dropped(cohort_.folder());
    if (!dropped.ids().empty()) {
      if (!films) films.emplace();
      films->add(dropped);
    }
    auto exporting = options_.exporting;
    exporting.version = spine::cli::version();
    if (films) exporting.films = &*films;
    const auto counts = spine::review::export_reviewed(
        cohort_, options_.export_table, [this](const std::string& problem) { tell(problem); },
        exporting);
    say(counted(counts, counts.studies));
    if (!exporting.dicom_sr) return;
    say(std::to_string(counts.reports) + " DICOM SR documents; " +
        std::to_string(counts.not_dicom) + " studies without a DICOM film (--films) or report.dcm");
  }

  void write_report() {
    auto report = options_.report;
    report.version = spine::cli::version();
    report.time = spine::batch::utc_now();
    const auto counts = spine::review::write_report(
        cohort_, options_.html, report, [this](const std::string& problem) { tell(problem); });
    say("report of " + counted(counts, counts.studies) + "; " + std::to_string(counts.thumbnails) +
        " thumbnails");
  }

  const spine::review::Cohort& cohort_;
  const Options& options_;
  const spine::DisplayNames& names_;
  std::set<std::string> problems_;  ///< studies that could not be read
};

/// Locks the results, or turns to read-only if the folder cannot be written to.
std::unique_ptr<spine::review::ReviewLock> lock_unless_read_only(
    const spine::review::Cohort& cohort, const spine::review::HttpServer& server,
    const spine::DisplayNames& names, spine::review::ReviewOptions& review) {
  if (review.read_only) return nullptr;
  const std::string address = "http://127.0.0.1:" + std::to_string(server.port());
  try {
    return std::make_unique<spine::review::ReviewLock>(cohort.folder(), address);
  } catch (const spine::Error& error) {
    if (error.kind() != spine::ErrorKind::output) throw;
    if (cohort.studies()->empty()) throw;
    std::cerr << kInfo.name << ": read only: " << names(error.what()) << "\n";
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
    std::cerr << kInfo.name << ": expected xdg-open, found none; open the address yourself\n";
  }
}

/// RESULTS, created if it was given by -o.
review::Cohort open_results(const Options& options) {
  if (options.output.empty() && options.results.empty()) {
    throw spine::Error(spine::ErrorKind::usage, "usage: expected RESULTS or --output, got neither");
  }
  const bool may_be_new =
      !options.output.empty() && options.export_table.empty() && options.html.empty();
  if (!may_be_new || options.review.read_only) {
    return review::Cohort(options.output.empty() ? options.results : options.output);
  }
  const auto shards = spine::batch::shards_in(options.output);
  if (!shards.empty() && shards.front() != spine::batch::Shard{}) {
    throw spine::Error(spine::ErrorKind::usage,
                       "--output: expected no results of shards; merge them first: spine-pipeline "
                       "merge RESULTS");
  }
  spine::make_folders(options.output);
  return review::Cohort::or_empty(options.output);
}

/// @throws Error(not_found) if films that were given are not there
void require_films(const spine::batch::InputOptions& films) {
  auto given = films.inputs;
  if (films.manifest) given.push_back(*films.manifest);
  for (const auto& path : given) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) continue;
    throw spine::Error(spine::ErrorKind::not_found,
                       "films: " + path.string() + ": expected a file or folder, found nothing");
  }
}

/// How spine-pipeline measures the films.
review::MeasuringOptions measuring_options(const Options& options,
                                           const spine::DisplayNames& names) {
  review::MeasuringOptions measuring;
  measuring.names = names;
  measuring.program = options.program.empty() ? review::find_program("spine-pipeline")
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
    std::cerr << kInfo.name << ": " << line << std::endl;
  };
  return measuring;
}

std::unique_ptr<review::ReviewService> service_of(const Options& options,
                                                  const review::Cohort& cohort) {
  auto films = options.films.run.input;
  films.output = cohort.folder();
  if (films.inputs.empty() && !films.manifest) {
    return std::make_unique<review::ReviewService>(cohort, options.review);
  }
  return std::make_unique<review::ReviewService>(cohort, films, options.review);
}

/// Measures films in the background.
std::unique_ptr<review::Measuring> start_measuring(const review::MeasuringOptions& how,
                                                   const review::Cohort& cohort,
                                                   const review::DroppedFilms& dropped,
                                                   review::ReviewService& service,
                                                   review::HttpServer& server) {
  dropped.prepare();
  auto measuring = std::make_unique<review::Measuring>(how, cohort, dropped, service.films());
  service.show(*measuring);
  if (service.takes_films()) server.take_uploads(dropped.folder());
  return measuring;
}

int run(Options options, const spine::DisplayNames& names) {
  const bool exports = !options.export_table.empty() || !options.html.empty();
  bool measures = !options.output.empty() && !options.review.read_only && !exports;
  if (measures) require_films(options.films.run.input);
  const auto how = measures ? measuring_options(options, names) : review::MeasuringOptions{};
  const review::Cohort cohort = open_results(options);
  if (exports) return Output(cohort, options, names).write();
  if (options.blind) options.review.blind.session = options.session;
  options.review.blind.first = options.blind_first / 100;
  if (!options.table.empty()) options.review.groups = review::read_groups(options.table);
  options.review.version = spine::cli::version();
  // The port is bound before the folder is locked, so that the lock tells the address.
  std::unique_ptr<review::ReviewService> service;
  review::HttpServer server(options.server, [&service](const review::HttpRequest& request) {
    return service->answer(request);
  });
  const auto lock = lock_unless_read_only(cohort, server, names, options.review);
  measures = measures && !options.review.read_only;
  service = service_of(options, cohort);
  const review::DroppedFilms dropped(cohort.folder());
  if (measures || !dropped.ids().empty()) service->films().add(dropped);
  const auto measuring =
      measures ? start_measuring(how, cohort, dropped, *service, server) : nullptr;
  std::cout << server.address() << std::endl;
  if (options.open) open_in_browser(server.address());
  server.run(spine::cli::interrupted);
  if (measuring && measuring->is_busy()) {
    std::cerr << kInfo.name << ": stopping spine-pipeline; the rest is measured next time"
              << std::endl;
  }
  return spine::cli::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed.names); });
}
