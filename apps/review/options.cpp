#include "review/options.h"

#include <cstdlib>

namespace spine::review {
namespace {

using cli::kPath;

std::string user_name() {
  const char* user = std::getenv("USER");
  return user != nullptr && *user != '\0' ? user : "reader";
}

void declare_results(CLI::App& app, CommandOptions& options) {
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
}

void declare_reading(CLI::App& app, CommandOptions& options) {
  options.review.reader = user_name();
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
}

void declare_server(CLI::App& app, CommandOptions& options) {
  app.add_flag("--read-only", options.review.read_only,
               "Show the results without storing anything");
  app.add_option("--port", options.server.port, "Port on 127.0.0.1; 0: any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--allow-host", options.server.hosts,
                 "Further host:port by which a tunnel reaches the page")
      ->type_name("HOST:PORT");
  app.add_flag("--open", options.open, "Open the page in the default browser");
  app.add_option("--web-root", options.review.web_root,
                 "Folder with the page's files, for work on them")
      ->type_name(kPath)
      ->group("");
}

void declare_outputs(CLI::App& app, CommandOptions& options) {
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
}

}  // namespace

void declare(CLI::App& app, CommandOptions& options) {
  declare_results(app, options);
  declare_reading(app, options);
  declare_server(app, options);
  declare_outputs(app, options);
  declare_names(app, options.films);
}

}  // namespace spine::review
