// spine-review: a local page to look at results and correct them. Does not link LibTorch.
#include "review/options.h"
#include "review/serve.h"

#include "spine/cli/app.h"

namespace {

const spine::cli::AppInfo kInfo{
    spine::review::kProgram,
    "Look at the results of a cohort in the browser and correct landmarks.",
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
some studies could not be read.)",
    false};

}  // namespace

int main(int argc, char** argv) {
  spine::review::CommandOptions options;
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed.names); });
}
