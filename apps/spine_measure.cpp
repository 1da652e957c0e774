// spine-measure: angles and lengths of masks or landmarks. Does not link LibTorch.
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

}  // namespace

int main(int argc, char** argv) {
  spine::cli::SharedOptions shared;
  spine::cli::ParsedMeasureOptions parsed_measure;
  std::string films;

  const auto declare = [&](CLI::App& app) {
    declare_inputs(app, shared, "Masks, landmarks, or folders of them");
    declare_measure(app, parsed_measure);
    app.add_option("--film", films, "Folder of the films, to draw overlays")
        ->type_name(spine::cli::kPath);
    declare_compute(app, shared, false);
    declare_run(app, shared);
    declare_names(app, shared);
  };
  const auto run = [&](const spine::cli::ParsedOptions& parsed) {
    const auto settings = measure_settings(parsed_measure);
    const auto options = batch_options(shared, kInfo, parsed, spine::StudyKind::masks);
    wait_for_turn(options);
    const auto studies = collect_studies(options.input);
    spine::batch::StageClock clock;
    const auto job = spine::batch::measure_job(settings, films, clock, options.input);
    return spine::cli::exit_code(run_batch(options, studies, job, clock));
  };
  return spine::cli::run_app(argc, argv, kInfo, declare, run);
}
