// spine-restore: films with metal to films without.
#include "spine/batch/restore_job.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-restore",
    "Find metal implants on lateral lumbar radiographs and fill in what they hide.",
    R"(Files, for every study:
  OUT/<study>/restored.png      the film without metal, as it was read (bone bright; window and
                                polarity of its tags applied), in its own depth; every pixel
                                outside the mask is the film's, a film without metal is unchanged
  OUT/<study>/implant_mask.png  0/255: metal, whose pixels were filled in (filled_in tells)
  OUT/<study>/preview.png       film | reconstruction | difference | mask | restored
  OUT/<study>/restoration.json  implant_found, filled_in, confidence, count, area, boxes, spacing,
                                provenance
and OUT/run.json, OUT/measurements.csv and measurements_long.csv (one row a study: implant_count,
implant_area, status and error). spine-seg and spine-pipeline take OUT as input.

Filled-in pixels are plausible, not seen. Look at them before you believe a landmark there.

Examples:
  spine-restore films/ -o restored/
  spine-restore films/ -o restored/ --method baseline
  spine-restore films/ -o restored/ && spine-seg restored/ -o masks/

Exit codes: 0 all done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies failed,
130 interrupted.

References:
  Esser et al. 2021, Taming Transformers (arXiv 2012.09841); Telea 2004 (inpainting);
  Bertalmio et al. 2001 (Navier-Stokes inpainting).)"};

}  // namespace

int main(int argc, char** argv) {
  spine::cli::SharedOptions shared;
  spine::cli::ParsedRestoreOptions words;
  spine::RestoreOptions restore;

  const auto declare = [&](CLI::App& app) {
    declare_inputs(app, shared, "Films (PNG, JPEG, TIFF, DICOM) and folders of films");
    declare_restore(app, words, restore, "--weights");
    app.add_flag("--always", words.always, "Fill in also what is hardly sure to be metal");
    declare_device(app, shared, true);
    declare_run(app, shared);
    declare_archive(app, shared);
  };
  const auto run = [&](const spine::cli::ParsedOptions& parsed) {
    const auto options = batch_options(shared, kInfo, parsed, spine::StudyKind::films);
    wait_for_turn(options);
    const auto studies = collect_studies(options.input);
    spine::Restorer restorer =
        spine::batch::load_restorer(words.weights, words.implant_model, words.implant_roi_model,
                                    {shared.device, shared.batch, shared.precision});
    spine::batch::StageClock clock;
    const auto job =
        spine::batch::restore_job(restorer, spine::cli::restore_options(words, restore), clock,
                                  deidentification(shared, studies));
    return spine::cli::exit_code(run_batch(options, studies, job, clock));
  };
  spine::cli::leave(spine::cli::run_app(argc, argv, kInfo, declare, run));
}
