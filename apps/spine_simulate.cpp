// spine-simulate: simulated lateral lumbar films with exact ground truth.
#include <map>
#include <string>

#include "spine/batch/console.h"
#include "spine/cli/app.h"
#include "spine/sim/film_set.h"

namespace {

const spine::cli::AppInfo kInfo{"spine-simulate",
                                "Simulate lateral lumbar radiographs with exact ground truth.",
                                R"(Files:
  OUT/<id>.png                   the film, 16 bit (with --dicom: <id>.dcm)
  OUT/studies.csv                manifest: study_id,path,spacing_mm,anterior
  OUT/readers.csv                with --raters: case,rater,session,parameter,value
  OUT/truth/<id>/masks.tif       8 pages, 0/255: L1 L2 L3 L4 L5 S F1 F2
  OUT/truth/<id>/labels.png, landmarks.json, measurements.json, implant_mask.png

A seed gives the same film regardless of the number of threads.

Examples:
  spine-simulate -o films --count 20 --seed 1
  spine-simulate -o films --count 6 --height 1500 --implants twins --contact-sheet sheet.png
  spine-simulate -o films --anatomy meshes/ --anatomy-kind mixed
  spine-pipeline films -o results

--anatomy DIR holds lumbar_mean/L2.ply ... L5.ply and myo_sim/*.stl.

Exit codes: 0 done, 1 failed, 2 bad usage, 3 no meshes in --anatomy, 130 interrupted.)"};

}  // namespace

int main(int argc, char** argv) {
  using spine::sim::AnatomyKind;
  spine::sim::FilmSetOptions options;
  auto& simulate = options.simulate;
  std::string implants = "none", kind;
  int height = 0;
  const std::map<std::string, AnatomyKind> kinds{{"parametric", AnatomyKind::parametric},
                                                 {"meshes", AnatomyKind::meshes},
                                                 {"mixed", AnatomyKind::mixed}};
  const auto declare = [&](CLI::App& app) {
    app.add_option("-o,--output", options.output, "Output folder")
        ->type_name(spine::cli::kPath)
        ->required();
    app.add_option("--count", options.count, "Number of seeds")
        ->check(CLI::Range(1, 10000000))
        ->capture_default_str();
    app.add_option("--seed", options.first_seed, "First seed")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--anatomy", simulate.anatomy_dir, "Folder of mean bone meshes")
        ->type_name(spine::cli::kPath);
    app.add_option("--anatomy-kind", kind,
                   "Bone models: parametric, meshes or mixed (default: meshes with --anatomy)")
        ->check(CLI::IsMember({"parametric", "meshes", "mixed"}));
    app.add_option("--height", height, "Film height in pixels (default: random, 1,000 to 3,000)")
        ->check(CLI::Range(64, 6000));
    app.add_option(
           "--implants", implants,
           "Implants: none, always, twins (each seed without and with), or a fraction of films")
        ->capture_default_str();
    app.add_option("--lumbar-bodies", simulate.patient.lumbar_bodies,
                   "Number of lumbar bodies (4 to 6); level labels count from the sacrum")
        ->check(CLI::Range(4, 6))
        ->capture_default_str();
    app.add_option("--variation", simulate.exposure.variation, "Variation of exposures; 0: none")
        ->check(CLI::Range(0.0, 2.0))
        ->capture_default_str();
    app.add_option("--threads", options.threads, "Films rendered concurrently")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--raters", options.readers,
                   "Number of simulated raters, with human-like errors")
        ->check(CLI::Range(0, 26));
    app.add_option("--sessions", options.sessions, "Sessions per rater")
        ->check(CLI::Range(1, 9))
        ->capture_default_str();
    app.add_flag("--dicom", options.dicom, "Write films as DICOM");
    app.add_option("--contact-sheet", options.contact_sheet,
                   "Contact sheet of all films (image file)")
        ->type_name(spine::cli::kPath);
    app.add_flag("--force", options.force, "Overwrite existing files");
  };
  const auto run = [&](const spine::cli::ParsedOptions& parsed) {
    choose_implants(implants, options);
    if (height > 0) simulate.height_px = height;
    if (kind.empty()) kind = simulate.anatomy_dir.empty() ? "parametric" : "meshes";
    simulate.anatomy = kinds.at(kind);
    if (simulate.anatomy != AnatomyKind::parametric && simulate.anatomy_dir.empty()) {
      throw spine::Error(spine::ErrorKind::usage,
                         "usage: --anatomy-kind " + kind + ": expected --anatomy DIR, got none");
    }
    spine::batch::Console console({kInfo.name, true, false, 0});
    options.stopped = [] { return spine::cli::interrupted(); };
    options.progress = [&](int done, int total) {
      spine::batch::Counts counts;
      counts.studies = static_cast<std::size_t>(total);
      counts.done = static_cast<std::size_t>(done);
      console.progress(counts);
    };
    const int written = write_film_set(options);
    console.end_progress();
    const bool interrupted = spine::cli::interrupted();
    console.info(std::string(interrupted ? "interrupted: " : "") + std::to_string(written) +
                 (written == 1 ? " film" : " films") + " with ground truth in " +
                 parsed.names(options.output.string()));
    return interrupted ? spine::cli::kExitInterrupted : spine::cli::kExitDone;
  };
  return spine::cli::run_app(argc, argv, kInfo, declare, run);
}
