// spine-pipeline: masks, landmarks, angles and lengths of films.
#include "spine/batch/film_job.h"
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

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = spine::cli::run_maintenance(argc, argv)) return *code;
  spine::cli::SharedOptions shared;
  spine::cli::ParsedMeasureOptions parsed_measure;
  spine::SegmentOptions segment;
  spine::cli::ParsedRestoreOptions parsed_restore;
  spine::RestoreOptions restore;
  std::string restore_when = "never";
  spine::batch::DicomOutput dicom;

  const auto declare = [&](CLI::App& app) {
    declare_inputs(app, shared, "Films (PNG, JPEG, TIFF, DICOM) or folders of films");
    declare_measure(app, parsed_measure);
    app.add_option(
           "--restore", restore_when,
           "Inpaint implants and also segment the restored film: auto (only films with confident "
           "detections), always (including weak detections) or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    declare_restore(app, parsed_restore, restore, "--restore-weights");
    spine::cli::declare_segment(app, segment);
    declare_compute(app, shared, true);
    declare_run(app, shared);
    declare_archive(app, shared);
    spine::cli::declare_dicom_output(app, dicom);
  };
  const auto run = [&](const spine::cli::ParsedOptions& parsed) {
    const auto settings = measure_settings(parsed_measure);
    const auto options = batch_options(shared, kInfo, parsed, spine::StudyKind::films);
    wait_for_turn(options);
    const auto studies = collect_studies(options.input);
    const spine::DeviceOptions device{shared.device, shared.batch, shared.precision};
    spine::Segmenter segmenter = spine::batch::load_segmenter(
        shared.weights, shared.roi, settings.takes_drawn() ? shared.endplates : "none", device);
    std::optional<spine::Restorer> restorer;
    spine::batch::RestoreStep restore_step;
    if (restore_when != "never") {
      restorer = spine::batch::load_restorer(parsed_restore.weights, parsed_restore.implant_model,
                                             parsed_restore.implant_roi_model, device);
      restore.only_implanted = restore_when == "auto";
      parsed_restore.always = restore_when == "always";
      restore_step = {&*restorer, spine::cli::restore_options(parsed_restore, restore)};
    }
    spine::batch::StageClock clock;
    const auto job =
        spine::batch::pipeline_job(segmenter, segment, restore_step, settings, clock,
                                   deidentification(shared, studies, dicom.any()), dicom);
    return spine::cli::exit_code(run_batch(options, studies, job, clock));
  };
  spine::cli::leave(spine::cli::run_app(argc, argv, kInfo, declare, run));
}
