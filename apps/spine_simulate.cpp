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
  OUT/raters.csv                with --raters: case,rater,session,parameter,value
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

using spine::sim::AnatomyKind;

const std::map<std::string, AnatomyKind> kAnatomyKinds{{"parametric", AnatomyKind::parametric},
                                                       {"meshes", AnatomyKind::meshes},
                                                       {"mixed", AnatomyKind::mixed}};

/// The command line.
struct Arguments {
  spine::sim::FilmSetOptions options;
  std::string implants = "none";
  std::string anatomy_kind;  ///< empty: meshes with --anatomy, else parametric
  int height = 0;            ///< px; 0: random
};

void declare_set(CLI::App& app, Arguments& a) {
  app.add_option("-o,--output", a.options.output, "Output folder")
      ->type_name(spine::cli::kPath)
      ->required();
  app.add_option("--count", a.options.count, "Number of seeds")
      ->check(CLI::Range(1, 10000000))
      ->capture_default_str();
  app.add_option("--seed", a.options.first_seed, "First seed")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

void declare_patient(CLI::App& app, Arguments& a) {
  auto& simulate = a.options.simulate;
  app.add_option("--anatomy", simulate.anatomy_dir, "Folder of mean bone meshes")
      ->type_name(spine::cli::kPath);
  app.add_option("--anatomy-kind", a.anatomy_kind,
                 "Bone models: parametric, meshes or mixed (default: meshes with --anatomy)")
      ->check(CLI::IsMember({"parametric", "meshes", "mixed"}));
  app.add_option("--height", a.height, "Film height in pixels (default: random, 1,000 to 3,000)")
      ->check(CLI::Range(64, 6000));
  app.add_option(
         "--implants", a.implants,
         "Implants: none, always, twins (each seed without and with), or a fraction of films")
      ->capture_default_str();
  app.add_option("--lumbar-bodies", simulate.patient.lumbar_bodies,
                 "Number of lumbar bodies (4 to 6); level labels count from the sacrum")
      ->check(CLI::Range(4, 6))
      ->capture_default_str();
  app.add_option("--junctions", simulate.patient.junction_share,
                 "Fraction of patients with a varied lumbosacral junction: slips, collapsed discs, "
                 "trapezoid L5, square, domed or rounded S1, S1-S2 disc")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--variation", simulate.exposure.variation, "Variation of exposures; 0: none")
      ->check(CLI::Range(0.0, 2.0))
      ->capture_default_str();
}

void declare_files(CLI::App& app, Arguments& a) {
  app.add_option("--threads", a.options.threads, "Films rendered concurrently")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--raters", a.options.raters, "Number of simulated raters, with human-like errors")
      ->check(CLI::Range(0, 26));
  app.add_option("--sessions", a.options.sessions, "Sessions per rater")
      ->check(CLI::Range(1, 9))
      ->capture_default_str();
  app.add_flag("--dicom", a.options.dicom, "Write films as DICOM");
  app.add_option("--contact-sheet", a.options.contact_sheet,
                 "Contact sheet of all films (image file)")
      ->type_name(spine::cli::kPath);
  app.add_flag("--force", a.options.force, "Overwrite existing files");
}

/// Completes the options by what follows from the arguments together.
/// @throws Error(usage)
void complete_options(Arguments& a) {
  auto& simulate = a.options.simulate;
  choose_implants(a.implants, a.options);
  if (a.height > 0) simulate.height_px = a.height;
  if (a.anatomy_kind.empty()) {
    a.anatomy_kind = simulate.anatomy_dir.empty() ? "parametric" : "meshes";
  }
  simulate.anatomy = kAnatomyKinds.at(a.anatomy_kind);
  if (simulate.anatomy != AnatomyKind::parametric && simulate.anatomy_dir.empty()) {
    throw spine::Error(spine::ErrorKind::usage, "usage: --anatomy-kind " + a.anatomy_kind +
                                                    ": expected --anatomy DIR, got none");
  }
}

int run(Arguments& a, const spine::cli::ParsedOptions& parsed) {
  complete_options(a);
  spine::batch::Console console({kInfo.name, true, false, 0});
  a.options.stopped = [] { return spine::cli::interrupted(); };
  a.options.progress = [&](int done, int total) {
    spine::batch::Counts counts;
    counts.studies = static_cast<std::size_t>(total);
    counts.done = static_cast<std::size_t>(done);
    console.progress(counts);
  };
  const int written = write_film_set(a.options);
  console.end_progress();
  const bool interrupted = spine::cli::interrupted();
  console.info(std::string(interrupted ? "interrupted: " : "") + std::to_string(written) +
               (written == 1 ? " film" : " films") + " with ground truth in " +
               parsed.names(a.options.output.string()));
  return interrupted ? spine::cli::kExitInterrupted : spine::cli::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  const auto declare = [&](CLI::App& app) {
    declare_set(app, arguments);
    declare_patient(app, arguments);
    declare_files(app, arguments);
  };
  return spine::cli::run_app(argc, argv, kInfo, declare,
                             [&](const auto& parsed) { return run(arguments, parsed); });
}
