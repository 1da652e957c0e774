#include "spine/cli/shared_options.h"

#include <cctype>
#include <cmath>

#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/util/processors.h"

namespace spine::cli {
namespace {

/// An empty group leaves an option out of --help.
void hide_if(bool hidden, CLI::Option* option) {
  if (hidden) option->group("");
}

std::string check_device(const std::string& device) {
  static const std::string cuda_number = "cuda:";
  const bool numbered =
      device.rfind(cuda_number, 0) == 0 && device.size() > cuda_number.size() &&
      device.find_first_not_of("0123456789", cuda_number.size()) == std::string::npos;
  if (device == "auto" || device == "cpu" || device == "cuda" || numbered) return {};
  return "expected auto, cpu, cuda or cuda:N, got " + device;
}

std::string check_spacing(const std::string& text) {
  try {
    const double value = std::stod(text);
    if (std::isfinite(value) && value > 0 && value < 100) return {};
  } catch (const std::exception&) {
    // Said below.
  }
  return "expected millimetres between pixels, over 0 and under 100, got " + text;
}

/// The names of a table, after those given.
template <typename Table>
std::vector<std::string> names(const Table& table, std::vector<std::string> before = {}) {
  for (const auto& entry : table) before.emplace_back(entry.first);
  return before;
}

std::vector<std::string> upper(std::vector<std::string> words) {
  for (auto& word : words) {
    for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return words;
}

}  // namespace

void declare_films(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are) {
  app.add_option("INPUT", options.inputs, what_inputs_are)->type_name(kPath);
  app.add_option("--manifest", options.manifest,
                 "CSV of studies: study_id,path[,spacing_mm][,anterior]")
      ->type_name(kPath);
  app.add_flag("--recursive", options.recursive, "Search folders below the input folders too");
}

void declare_inputs(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are) {
  declare_films(app, options, what_inputs_are);
  app.add_option("-o,--output", options.output, "Folder for the results; made when missing")
      ->type_name(kPath)
      ->required();
}

void declare_segment(CLI::App& app, SegmentOptions& segment) {
  app.add_option("--threshold", segment.threshold, "Probability from which a pixel belongs")
      ->check(fraction())
      ->capture_default_str();
  app.add_flag(
      "--mirror-average,!--no-mirror-average", segment.mirror_average,
      "Average with the mirrored film: more exact, twice the network's time (default: yes)");
}

void declare_plain(CLI::App& app, SegmentOptions& segment) {
  app.add_flag("--plain", segment.plain,
               "Each channel as it is after one look, as published code shows them: no part "
               "dropped, renamed, drawn anew or rounded");
}

void declare_restore(CLI::App& app, ParsedRestoreOptions& words, RestoreOptions& options,
                     const std::string& weights_option) {
  app.add_option(
         weights_option, words.weights,
         "Autoencoder of films without metal: a name in the manifest, or a .safetensors file")
      ->type_name(kNameOrPath)
      ->capture_default_str();
  app.add_option("--finder", words.implant_model,
                 "Network that sees metal: a name or file; default: the autoencoder's own")
      ->type_name(kNameOrPath)
      ->capture_default_str();
  app.add_option("--implant-roi", words.implant_roi_model,
                 "The same for its second look, at magnified windows; none: leave it out; default: "
                 "the finder's own")
      ->type_name(kNameOrPath)
      ->capture_default_str();
  app.add_option("--method", words.method,
                 "standard; baseline: the prototype's steps; brightness: what is bright is metal")
      ->check(CLI::IsMember(names(kRestoreMethods)))
      ->capture_default_str();
  app.add_option("--inpainting", words.inpainting,
                 "telea, navier-stokes or texture (what the autoencoder draws); default: the "
                 "method's own")
      ->check(CLI::IsMember(names(kInpaintings, {"default"})))
      ->capture_default_str();
  app.add_option("--radius", options.radius_mm, "What a filled pixel is made from, mm around it")
      ->check(CLI::Range(0.1, 20.0))
      ->capture_default_str();
}

RestoreOptions restore_options(const ParsedRestoreOptions& words, RestoreOptions options) {
  for (const auto& [name, method] : kRestoreMethods) {
    if (name == words.method) options.method = method;
  }
  for (const auto& [name, inpainting] : kInpaintings) {
    if (name == words.inpainting) options.inpainting = inpainting;
  }
  if (words.always) options.mask.seed = options.mask.threshold;
  return options;
}

void declare_device(CLI::App& app, SharedOptions& options, bool uses_network) {
  hide_if(!uses_network, app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
                             ->check(CLI::Validator(check_device, "DEVICE"))
                             ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--precision", options.precision,
                         "Of the networks' products: fp32, bf16 (less time on processors that have "
                         "it; angles of films that leave much open may differ), or auto: bf16 on "
                         "GPUs, fp32 on processors; endplates are always drawn in fp32")
              ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
              ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--batch", options.batch,
                         "Windows of films that a GPU computes together; without one, no "
                         "matter")
              ->check(CLI::Range(1, 256))
              ->capture_default_str());
  app.add_option("--threads", options.threads,
                 "Studies worked on at once, each by one thread; 0: as many as this process may "
                 "use processors")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

void declare_compute(CLI::App& app, SharedOptions& options, bool uses_network) {
  hide_if(!uses_network, app.add_option("--weights", options.weights,
                                        "A .safetensors file, or a name in the manifest.json of "
                                        "$SPINE_WEIGHTS_DIR, else of the weights that came along")
                             ->type_name(kNameOrPath)
                             ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--roi", options.roi,
                         "The same for the second, magnified look that draws outlines; none: leave "
                         "it out")
              ->type_name(kNameOrPath)
              ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--endplates", options.endplates,
                         "The same for the network that draws endplates; none: they are taken from "
                         "the outlines")
              ->type_name(kNameOrPath)
              ->capture_default_str());
  declare_device(app, options, uses_network);
}

void declare_run(CLI::App& app, SharedOptions& options) {
  app.add_flag("--force", options.force,
               "Replace existing results of other settings; studies that are not in this run keep "
               "their rows as long as their folders are there");
  app.add_flag("--fail-fast", options.fail_fast, "Stop at the first study that fails");
  app.add_flag("--dry-run", options.dry_run,
               "Print what would be done with each study, and write nothing");
  app.add_flag(
      "--wait", options.wait,
      "Where another run is at work in the output folder, wait for its end instead of being "
      "refused");
  app.add_option("--shard", options.shard,
                 "I/N: only every N-th study, beginning with the I-th; tables get the shard's name")
      ->capture_default_str();
  app.add_option("--spacing", options.spacing_mm,
                 "Millimetres between pixels, instead of what the films say")
      ->check(CLI::Validator(check_spacing, "MM"));
  app.add_option("--anterior", options.anterior, "Side of the patient's front: auto, left or right")
      ->check(CLI::IsMember({"auto", "left", "right"}))
      ->capture_default_str();
  app.add_option("--log", options.log, "Append one JSON line an event to this file")
      ->type_name(kPath);
  app.add_flag("-q,--quiet", options.quiet, "Print errors only");
  app.add_flag("-v,--verbose", options.verbosity, "Print a line for each study");
  app.add_flag("--no-progress", options.no_progress, "Draw no progress line");
}

void declare_identifiers(CLI::App& app, SharedOptions& options) {
  app.add_flag("--keep-identifiers", options.keep_identifiers,
               "Write paths, names and burned-in text as they are; the run record says so");
}

void declare_names(CLI::App& app, SharedOptions& options) {
  declare_identifiers(app, options);
  app.add_option("--pseudonym-key", options.study_key,
                 "File of the secret that films get their names by; made when missing "
                 "(default: ~/.config/spine/study.key)")
      ->type_name(kPath);
  app.add_option("--frame", options.frame,
                 "Frame of films with several, counted from 1; without it they are refused")
      ->check(CLI::Range(1, 100000));
}

void declare_archive(CLI::App& app, SharedOptions& options) {
  declare_names(app, options);
  app.add_option("--select", options.select,
                 "DICOM files in folders: tags leaves out what is no lateral film of the lumbar "
                 "spine by its tags, all tries every picture")
      ->check(CLI::IsMember({"tags", "all"}))
      ->capture_default_str();
  const auto list = [&app](const char* name, std::vector<std::string>& values, const char* what) {
    app.add_option(name, values, what)->delimiter(',')->allow_extra_args(false);
  };
  list("--modality", options.modalities, "Of them, only these modalities, as CR,DX");
  list("--body-part", options.body_parts, "Of them, only these body parts, as LSPINE,SPINE");
  list("--view", options.views, "Of them, only these view positions, as LL,RL");
}

CLI::Validator fraction() {
  const auto check = [](const std::string& text) -> std::string {
    double value = 0;
    const bool number = CLI::detail::lexical_cast(text, value);
    return number && value >= 0 && value <= 1 ? "" : "expected a number from 0 to 1, got " + text;
  };
  return {check, "FLOAT in [0 - 1]"};
}

batch::InputOptions input_options(const SharedOptions& options, StudyKind kind) {
  batch::InputOptions input;
  input.inputs = options.inputs;
  if (!options.manifest.empty()) input.manifest = options.manifest;
  input.recursive = options.recursive;
  input.kind = kind;
  if (options.spacing_mm > 0) input.spacing = Spacing{options.spacing_mm, options.spacing_mm};
  if (options.anterior != "auto") {
    input.anterior = options.anterior == "left" ? Side::left : Side::right;
  }
  input.shard = batch::Shard::parse(options.shard);
  input.output = options.output;
  input.selection = {options.select == "tags", upper(options.modalities), upper(options.body_parts),
                     upper(options.views)};
  if (options.frame > 0) input.frame = options.frame;
  input.keep_identifiers = options.keep_identifiers;
  input.study_key = options.study_key;
  return input;
}

batch::BatchOptions batch_options(const SharedOptions& options, const AppInfo& info,
                                  const ParsedOptions& parsed, StudyKind kind) {
  if (options.output.empty()) {
    throw Error(ErrorKind::usage, "usage: --output: expected a folder, got an empty name");
  }
  batch::BatchOptions run;
  run.command = info.name;
  run.version = version();
  run.command_line = parsed.command_line;
  run.options_given = parsed.given;
  run.input = input_options(options, kind);
  run.input.names = parsed.names;
  run.output = options.output;
  run.workers = thread_count(options.threads);
  run.force = options.force;
  run.fail_fast = options.fail_fast;
  run.dry_run = options.dry_run;
  run.wait = options.wait;
  run.log = options.log;
  run.progress = !options.no_progress;
  run.quiet = options.quiet;
  run.verbosity = options.verbosity;
  run.stop_requested = interrupted;
  cv::setNumThreads(1);  // one thread a study
  return run;
}

batch::Deidentification deidentification(const SharedOptions& options,
                                         const batch::StudyList& studies, bool needs_key) {
  batch::Deidentification result{options.keep_identifiers, studies.key};
  if (needs_key && !options.keep_identifiers && !result.key) {
    result.key = PseudonymKey::existing_or_new(options.study_key);
  }
  return result;
}

void declare_dicom_output(CLI::App& app, batch::DicomOutput& output) {
  output.version = version();
  app.add_flag(
      "--dicom-seg", output.segmentation,
      "Also OUT/<study>/segmentation.dcm, the masks as a DICOM segmentation, of DICOM films");
  app.add_flag("--dicom-sr", output.report,
               "Also OUT/<study>/report.dcm, the values as a DICOM structured report (TID 1500)");
  app.add_flag("--dicom-sc", output.capture,
               "Also OUT/<study>/overlay.dcm, the overlay as a DICOM secondary capture");
}

int exit_code(batch::BatchStatus ending) {
  switch (ending) {
    case batch::BatchStatus::all_done:
      return kExitDone;
    case batch::BatchStatus::some_failed:
      return kExitSomeFailed;
    case batch::BatchStatus::interrupted:
      return kExitInterrupted;
  }
  return kExitFailed;
}

void declare_measure(CLI::App& app, ParsedMeasureOptions& words) {
  app.add_option(
         "--landmarks", words.landmarks,
         "auto: endplates as the network for them drew them, where it did; fit: robust lines and "
         "circles on the outlines alone; baseline: the prototype's algorithms")
      ->check(CLI::IsMember({"auto", "fit", "baseline"}))
      ->capture_default_str();
  app.add_option("--angle", words.angles,
                 "Also the angle of two endplates, as L2.sup:L4.inf; may be repeated")
      ->allow_extra_args(false);  // an INPUT may follow
}

batch::MeasureSettings measure_settings(const ParsedMeasureOptions& words) {
  batch::MeasureSettings settings;
  settings.method = words.landmarks == "baseline" ? LandmarkMethod::baseline : LandmarkMethod::fit;
  settings.drawn = words.landmarks == "auto";
  for (const auto& angle : words.angles) settings.angles.push_back(AnglePair::parse(angle));
  return settings;
}

}  // namespace spine::cli
