// spine-seg: segmentation of films.
#include "spine/batch/batch_run.h"
#include "spine/batch/segment_job.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"

namespace {

const spine::cli::AppInfo kInfo{
    "spine-seg", "Segment L1-L5, the sacrum and the femoral heads on lateral lumbar radiographs.",
    R"(Files, for every study:
  OUT/<study>/masks.tif          8 pages, 0/255: L1 L2 L3 L4 L5 S F1 F2, film resolution
  OUT/<study>/labels.png         indexed colours, for viewing
  OUT/<study>/overlay.png        the film with contours
  OUT/<study>/landmarks.json     unless --endplates none: corners, S1 endplate, femoral heads
  OUT/<study>/segmentation.json  spacing, confidence, provenance
and OUT/run.json, OUT/measurements.csv and measurements_long.csv (one row per study: status and
error; spine-measure adds values).

Examples:
  spine-seg films/ -o masks/
  spine-seg a.dcm b.png -o masks/ --device cpu --threads 2
  spine-seg films/ -o masks/ && spine-measure masks/ -o values/

Exit codes: 0 all done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies failed,
130 interrupted.

References:
  Chen et al. 2021, TransUNet (arXiv 2102.04306); Park et al. 2024, PECI-Net (preprocessing).)"};

struct Options {
  spine::cli::SharedOptions shared;
  spine::SegmentOptions segment;
};

void declare(CLI::App& app, Options& options) {
  declare_inputs(app, options.shared, "Films (PNG, JPEG, TIFF, DICOM) or folders of films");
  spine::cli::declare_segment(app, options.segment);
  spine::cli::declare_plain(app, options.segment);
  declare_compute(app, options.shared, true);
  declare_run(app, options.shared);
  declare_archive(app, options.shared);
}

int run(const Options& options, const spine::cli::ParsedOptions& parsed) {
  const auto& shared = options.shared;
  const auto batch = begin_run(shared, kInfo, parsed, spine::StudyKind::films);
  const auto studies = collect_studies(batch.input);
  const spine::Segmenter segmenter =
      spine::batch::load_segmenter(shared.weights, shared.roi, shared.endplates,
                                   {shared.device, shared.batch, shared.precision});
  const spine::batch::SegmentJob job(segmenter, options.segment, deidentification(shared, studies));
  return spine::cli::exit_code(run_batch(batch, studies, job));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  spine::cli::leave(spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) { return run(options, parsed); }));
}
