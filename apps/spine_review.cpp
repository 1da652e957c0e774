// spine-review: a local page to look at results and correct them. Does not link LibTorch.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <spawn.h>
#include <unistd.h>

#include "spine/batch/event_log.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"
#include "spine/core/error.h"
#include "spine/review/export.h"
#include "spine/review/http_server.h"
#include "spine/review/report.h"
#include "spine/review/review_lock.h"
#include "spine/review/service.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-review", "Look at the results of a cohort in the browser and correct landmarks.",
    R"(RESULTS is a folder written by spine-pipeline or spine-measure. The page is served on this
machine alone (127.0.0.1); open the printed address, or use --open. For a remote machine, forward
the port: ssh -L PORT:127.0.0.1:PORT MACHINE, with --port PORT.

Files, for every study that a reader touched:
  RESULTS/<study>/review.json    what readers did, in order; results of the machine are unchanged
and with --export CSV: CSV, <name>_long.csv, <name>_raters.csv (blind readings, for spine-eval
--raters), RESULTS/<study>/landmarks_reviewed.json (for spine-measure and spine-train cohort
--reviewed), with --dicom-sr RESULTS/<study>/measurements_reviewed.dcm; with --html FILE, one file to
send to a colleague: counts, distributions, a table, thumbnails.

Examples:
  spine-review results/ --films films/ --open
  spine-review results/ --films films/ --reader AB --blind --session 2
  spine-review results/ --export reviewed.csv
  spine-review results/ --html report.html --thumbnails 120

Exit codes: 0 stopped by Ctrl-C or exported, 1 failed, 2 bad usage, 3 nothing found, 4 exported, but
some studies could not be read.)"};

struct Options {
  spine::cli::SharedOptions films;  ///< which films, and how they are named
  std::string results;
  std::string table;  ///< of groups; empty: none
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
  app.add_option("RESULTS", options.results, "Folder of results")->required()->type_name(kPath);
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
    spine::review::ReviewOptions& review) {
  if (review.read_only) return nullptr;
  const std::string address = "http://127.0.0.1:" + std::to_string(server.port());
  try {
    return std::make_unique<spine::review::ReviewLock>(cohort.folder(), address);
  } catch (const spine::Error& error) {
    if (error.kind() != spine::ErrorKind::output) throw;
    std::cerr << kInfo.name << ": read only: " << error.what() << "\n";
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

int run(Options options, const spine::DisplayNames& names) {
  namespace review = spine::review;
  review::Cohort cohort(options.results);
  if (!options.export_table.empty() || !options.html.empty()) {
    return Output(cohort, options, names).write();
  }
  if (options.blind) options.review.blind.session = options.session;
  options.review.blind.first = options.blind_first / 100;
  if (!options.table.empty()) options.review.groups = review::read_groups(options.table);
  options.review.version = spine::cli::version();
  // The port is bound before the folder is locked, so that the lock tells the address.
  std::unique_ptr<review::ReviewService> service;
  review::HttpServer server(options.server, [&service](const review::HttpRequest& request) {
    return service->answer(request);
  });
  const auto lock = lock_unless_read_only(cohort, server, options.review);
  const auto& films = options.films.run.input;
  service = films.inputs.empty() && !films.manifest
                ? std::make_unique<review::ReviewService>(std::move(cohort), options.review)
                : std::make_unique<review::ReviewService>(std::move(cohort), films, options.review);
  std::cout << server.address() << std::endl;
  if (options.open) open_in_browser(server.address());
  server.run(spine::cli::interrupted);
  return spine::cli::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed.names); });
}
