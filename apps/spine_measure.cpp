// spine-measure: angles and lengths of masks or landmarks. Does not link LibTorch.
#include "spine/batch/batch_run.h"
#include "spine/batch/measure_job.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-measure",
    "Locate landmarks in masks of lateral lumbar radiographs and measure angles and lengths.",
    R"(INPUT is masks.tif (8 pages), a label image (0-9), a folder of L1.png ... F2.png, landmarks.json,
or a folder of studies as written by spine-seg. A study's folder is measured by its masks.tif and the
endplates that spine-seg predicted for these masks; pass landmarks.json itself to measure manually
corrected landmarks.

Files, for every study:
  OUT/<study>/landmarks.json     corners, S1 endplate, femoral heads
  OUT/<study>/measurements.json  PT, SS, PI, LL, ... with unit, status and provenance
  OUT/<study>/overlay.png        with --film
and OUT/run.json, OUT/measurements.csv, OUT/measurements_long.csv.

Examples:
  spine-measure masks/ -o values/
  spine-measure masks/ -o values/ --angle L2.sup:L4.inf --film films/
  spine-measure masks/case7/landmarks.json -o corrected/

Exit codes: 0 all done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies failed,
130 interrupted.

References:
  Definitions: Legaye et al. 1998 (PI, PT, SS), Cobb (LL), Yilgor et al. 2017 (L4-S1, LDI).)"};

struct Options {
  spine::cli::SharedOptions shared;
  spine::cli::MeasureArguments measure;
  std::string films;
};

void declare(CLI::App& app, Options& options) {
  declare_inputs(app, options.shared, "Masks, landmarks, or folders of them");
  declare_measure(app, options.measure);
  app.add_option("--film", options.films, "Folder of the films, to draw overlays")
      ->type_name(spine::cli::kPath);
  declare_compute(app, options.shared, false);
  declare_run(app, options.shared);
  declare_names(app, options.shared);
}

int run(const Options& options, const spine::cli::ParsedOptions& parsed) {
  const auto settings = measure_settings(options.measure);
  const auto batch = begin_run(options.shared, kInfo, parsed, spine::StudyKind::masks);
  const auto studies = collect_studies(batch.input);
  const spine::batch::MeasureJob job(settings, options.films, batch.input);
  return spine::cli::exit_code(run_batch(batch, studies, job));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed); });
}
