// spine-pipeline: masks, landmarks, angles and lengths of films.
#include "spine/batch/batch_run.h"
#include "spine/batch/pipeline_job.h"
#include "spine/batch/restore_job.h"
#include "spine/cli/app.h"
#include "spine/cli/maintenance.h"
#include "spine/cli/shared_options.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-pipeline", "Measure spinopelvic parameters on folders of lateral lumbar radiographs.",
    R"(Files, for every study:
  OUT/<study>/masks.tif          8 pages, 0/255: L1 L2 L3 L4 L5 S F1 F2, film resolution
  OUT/<study>/labels.png         indexed colours, for viewing
  OUT/<study>/overlay.png        the film with contours, endplates and angles
  OUT/<study>/landmarks.json     corners, S1 endplate, femoral heads
  OUT/<study>/restored.png, implant_mask.png   with --restore, if implants were detected
  OUT/<study>/segmentation.dcm, report.dcm, overlay.dcm   with --dicom-seg, --dicom-sr, --dicom-sc
  OUT/<study>/measurements.json  PT, SS, PI, LL, ... with unit, status and provenance
and OUT/run.json, OUT/measurements.csv (one row per study, including failures) and
OUT/measurements_long.csv.

A repeated run skips studies whose film, options and weights are unchanged.

Examples:
  spine-pipeline films/ -o results/
  spine-pipeline films/ -o results/ --recursive --angle L2.sup:L4.inf --log results.jsonl
  spine-pipeline archive/ -o results/ --recursive --dry-run
  spine-pipeline archive/ -o results/ --recursive --shard 1/4
  spine-pipeline merge results/ ; spine-pipeline verify results/

Further commands, each with --help: merge combines the tables of shards, verify checks results
against their records, keys lists the file behind each pseudonym.

Exit codes: 0 all done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies failed,
130 interrupted.

References:
  Chen et al. 2021, TransUNet (arXiv 2102.04306); Park et al. 2024, PECI-Net (preprocessing);
  Legaye et al. 1998 (PI, PT, SS); Yilgor et al. 2017 (L4-S1, LDI).)"};

struct Options {
  spine::cli::SharedOptions shared;
  spine::cli::MeasureArguments measure;
  spine::SegmentOptions segment;
  bool restores = false;
  spine::cli::RestoreArguments restore;
  spine::batch::DicomOutput dicom;
};

void choose_restoration(const std::string& when, Options& options) {
  options.restores = when != "never";
  options.restore.options.only_implanted = when == "auto";
  if (when == "always") spine::cli::restore_always(options.restore.options);
}

void declare(CLI::App& app, Options& options) {
  declare_inputs(app, options.shared, "Films (PNG, JPEG, TIFF, DICOM) or folders of films");
  declare_measure(app, options.measure);
  app.add_option_function<std::string>(
         "--restore", [&options](const std::string& when) { choose_restoration(when, options); },
         "Inpaint implants and also segment the restored film: auto (only films with confident "
         "detections), always (including weak detections) or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->default_str("never");
  declare_restore(app, options.restore, "--restore-weights");
  spine::cli::declare_segment(app, options.segment);
  declare_compute(app, options.shared, true);
  declare_run(app, options.shared);
  declare_archive(app, options.shared);
  spine::cli::declare_dicom_output(app, options.dicom);
}

int run(const Options& options, const spine::cli::ParsedOptions& parsed) {
  const auto& shared = options.shared;
  const auto settings = measure_settings(options.measure);
  const auto batch = begin_run(shared, kInfo, parsed, spine::StudyKind::films);
  const auto studies = collect_studies(batch.input);
  const spine::DeviceOptions device{shared.device, shared.batch, shared.precision};
  const spine::Segmenter segmenter = spine::batch::load_segmenter(
      shared.weights, shared.roi, settings.takes_predicted() ? shared.endplates : "none", device);
  std::optional<spine::Restorer> restorer;
  spine::batch::RestoreStep restore_step;
  if (options.restores) {
    const auto& restore = options.restore;
    restorer = spine::batch::load_restorer(restore.weights, restore.implant_model,
                                           restore.implant_roi_model, device);
    restore_step = {&*restorer, restore.options};
  }
  const spine::batch::PipelineJob job(segmenter, options.segment, restore_step, settings,
                                      deidentification(shared, studies, options.dicom.any()),
                                      options.dicom);
  return spine::cli::exit_code(run_batch(batch, studies, job));
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = spine::cli::run_maintenance(argc, argv)) return *code;
  Options options;
  spine::cli::leave(spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed); }));
}
