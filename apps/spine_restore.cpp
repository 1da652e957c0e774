// spine-restore: removal of implants from films by inpainting.
#include "spine/batch/batch_run.h"
#include "spine/batch/restore_job.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-restore", "Detect metal implants on lateral lumbar radiographs and inpaint them.",
    R"(Files, for every study:
  OUT/<study>/restored.png      the film without implants, as read (bone bright; window and
                                polarity of its tags applied), in its own depth; pixels outside
                                the mask and films without implants are unchanged
  OUT/<study>/implant_mask.png  0/255: implants, inpainted where filled_in is true
  OUT/<study>/preview.png       film | reconstruction | difference | mask | restored
  OUT/<study>/restoration.json  implant_found, filled_in, confidence, count, area, boxes, spacing,
                                provenance
and OUT/run.json, OUT/measurements.csv and measurements_long.csv (one row per study: implant_count,
implant_area, status and error). spine-seg and spine-pipeline accept OUT as input.

Inpainted pixels are plausible, not observed: review landmarks located there.

Examples:
  spine-restore films/ -o restored/
  spine-restore films/ -o restored/ --method baseline
  spine-restore films/ -o restored/ && spine-seg restored/ -o masks/

Exit codes: 0 all done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies failed,
130 interrupted.

References:
  Esser et al. 2021, Taming Transformers (arXiv 2012.09841); Telea 2004 (inpainting);
  Bertalmio et al. 2001 (Navier-Stokes inpainting).)"};

struct Options {
  spine::cli::SharedOptions shared;
  spine::cli::RestoreArguments restore;
};

void declare(CLI::App& app, Options& options) {
  declare_inputs(app, options.shared, "Films (PNG, JPEG, TIFF, DICOM) or folders of films");
  declare_restore(app, options.restore, "--weights");
  app.add_flag_callback(
      "--always", [&options] { spine::cli::restore_always(options.restore.options); },
      "Also inpaint weak implant detections");
  declare_device(app, options.shared, true);
  declare_run(app, options.shared);
  declare_archive(app, options.shared);
}

int run(const Options& options, const spine::cli::ParsedOptions& parsed) {
  const auto& [shared, restore] = options;
  const auto batch = begin_run(shared, kInfo, parsed, spine::StudyKind::films);
  const auto studies = collect_studies(batch.input);
  const spine::Restorer restorer =
      spine::batch::load_restorer(restore.weights, restore.implant_model, restore.implant_roi_model,
                                  {shared.device, shared.batch, shared.precision});
  const spine::batch::RestoreJob job(restorer, restore.options, deidentification(shared, studies));
  return spine::cli::exit_code(run_batch(batch, studies, job));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  spine::cli::leave(spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed); }));
}
