#include "spine/cli/shared_options.h"

#include <cctype>
#include <cmath>

#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/util/processors.h"
#include "spine/util/text.h"

namespace spine::cli {
namespace {

/// Hides an option from --help by an empty group.
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
    // Reported below.
  }
  return "expected millimetres between pixels, over 0 and under 100, got " + text;
}

/// The names in a table, preceded by `first`.
template <typename Table>
std::vector<std::string> names(const Table& table, std::vector<std::string> first = {}) {
  for (const auto& entry : table) first.emplace_back(entry.first);
  return first;
}

std::vector<std::string> upper(std::vector<std::string> codes) {
  for (auto& code : codes) code = upper_case(code);
  return codes;
}

}  // namespace

void declare_films(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are) {
  app.add_option("INPUT", options.inputs, what_inputs_are)->type_name(kPath);
  app.add_option("--manifest", options.manifest,
                 "CSV of studies: study_id,path[,spacing_mm][,anterior]")
      ->type_name(kPath);
  app.add_flag("--recursive", options.recursive, "Search input folders recursively");
}

void declare_inputs(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are) {
  declare_films(app, options, what_inputs_are);
  app.add_option("-o,--output", options.output, "Output folder; created if missing")
      ->type_name(kPath)
      ->required();
}

void declare_segment(CLI::App& app, SegmentOptions& segment) {
  app.add_option("--threshold", segment.threshold, "Mask probability threshold")
      ->check(fraction())
      ->capture_default_str();
  app.add_flag(
      "--mirror-average,!--no-mirror-average", segment.mirror_average,
      "Average predictions with the mirrored film; doubles the network time (default: yes)");
}

void declare_plain(CLI::App& app, SegmentOptions& segment) {
  app.add_flag("--plain", segment.raw_output,
               "Raw whole-film prediction per channel, as in published code: no ROI refinement, "
               "component filtering, level labelling or circle fitting");
}

void declare_restore(CLI::App& app, ParsedRestoreOptions& parsed, RestoreOptions& options,
                     const std::string& weights_option) {
  app.add_option(
         weights_option, parsed.weights,
         "Autoencoder of implant-free films: a name in the manifest, or a .safetensors file")
      ->type_name(kNameOrPath)
      ->capture_default_str();
  app.add_option("--finder", parsed.implant_model,
                 "Implant detection network: a name or file; default: that of the autoencoder")
      ->type_name(kNameOrPath)
      ->capture_default_str();
  app.add_option(
         "--implant-roi", parsed.implant_roi_model,
         "ROI network that refines implant masks: a name or file, or none; default: that of "
         "the implant detection network")
      ->type_name(kNameOrPath)
      ->capture_default_str();
  app.add_option(
         "--method", parsed.method,
         "Implant detection: standard, baseline (the prototype's steps) or brightness (threshold)")
      ->check(CLI::IsMember(names(kRestoreMethods)))
      ->capture_default_str();
  app.add_option(
         "--inpainting", parsed.inpainting,
         "Inpainting: telea, navier-stokes or texture (autoencoder output); default: that of "
         "the method")
      ->check(CLI::IsMember(names(kInpaintings, {"default"})))
      ->capture_default_str();
  app.add_option("--radius", options.radius_mm, "Inpainting radius, mm")
      ->check(CLI::Range(0.1, 20.0))
      ->capture_default_str();
}

RestoreOptions restore_options(const ParsedRestoreOptions& parsed, RestoreOptions options) {
  for (const auto& [name, method] : kRestoreMethods) {
    if (name == parsed.method) options.method = method;
  }
  for (const auto& [name, inpainting] : kInpaintings) {
    if (name == parsed.inpainting) options.inpainting = inpainting;
  }
  if (parsed.always) options.mask.seed = options.mask.threshold;
  return options;
}

void declare_device(CLI::App& app, SharedOptions& options, bool uses_network) {
  hide_if(!uses_network,
          app.add_option("--device", options.device, "Compute device: auto, cpu, cuda or cuda:N")
              ->check(CLI::Validator(check_device, "DEVICE"))
              ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--precision", options.precision,
                         "Precision of matrix products: fp32, bf16 (faster where supported by the "
                         "processor; angles of ambiguous films may differ), or auto: bf16 on GPUs, "
                         "fp32 on CPUs; endplates are always predicted in fp32")
              ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
              ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--batch", options.batch, "Batch size on GPUs; ignored on CPUs")
              ->check(CLI::Range(1, 256))
              ->capture_default_str());
  app.add_option("--threads", options.threads,
                 "Studies processed concurrently, one thread each; 0: number of usable processors")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

void declare_compute(CLI::App& app, SharedOptions& options, bool uses_network) {
  hide_if(!uses_network, app.add_option("--weights", options.weights,
                                        "Segmentation weights: a .safetensors file, or a name in "
                                        "manifest.json of $SPINE_WEIGHTS_DIR or of the installed "
                                        "weights")
                             ->type_name(kNameOrPath)
                             ->capture_default_str());
  hide_if(!uses_network, app.add_option("--roi", options.roi,
                                        "Weights of the ROI network that refines masks, or none")
                             ->type_name(kNameOrPath)
                             ->capture_default_str());
  hide_if(!uses_network,
          app.add_option("--endplates", options.endplates,
                         "Weights of the endplate network, or none: derive endplates from contours")
              ->type_name(kNameOrPath)
              ->capture_default_str());
  declare_device(app, options, uses_network);
}

void declare_run(CLI::App& app, SharedOptions& options) {
  app.add_flag("--force", options.force,
               "Overwrite existing results of other settings; studies outside this run keep their "
               "rows as long as their folders exist");
  app.add_flag("--fail-fast", options.fail_fast, "Stop at the first failed study");
  app.add_flag("--dry-run", options.dry_run,
               "Print the planned action for each study without writing anything");
  app.add_flag("--wait", options.wait,
               "Wait for another run in the output folder to finish instead of failing");
  app.add_option(
         "--shard", options.shard,
         "Process shard I of N (I/N): every N-th study from the I-th; tables carry its name")
      ->capture_default_str();
  app.add_option("--spacing", options.spacing_mm,
                 "Pixel spacing in mm; overrides the files' values")
      ->check(CLI::Validator(check_spacing, "MM"));
  app.add_option("--anterior", options.anterior, "Anterior side of the film: auto, left or right")
      ->check(CLI::IsMember({"auto", "left", "right"}))
      ->capture_default_str();
  app.add_option("--log", options.log, "Append events as JSON lines to this file")
      ->type_name(kPath);
  app.add_flag("-q,--quiet", options.quiet, "Print errors only");
  app.add_flag("-v,--verbose", options.verbosity, "Print one line per study");
  app.add_flag("--no-progress", options.no_progress, "Disable the progress line");
}

void declare_identifiers(CLI::App& app, SharedOptions& options) {
  app.add_flag("--keep-identifiers", options.keep_identifiers,
               "Keep paths, names and burned-in text in the results; noted in the run record");
}

void declare_names(CLI::App& app, SharedOptions& options) {
  declare_identifiers(app, options);
  app.add_option("--pseudonym-key", options.pseudonym_key,
                 "File with the secret key for pseudonyms; created if missing "
                 "(default: ~/.config/spine/study.key)")
      ->type_name(kPath);
  app.add_option("--frame", options.frame,
                 "Frame of multi-frame films, from 1; required for such films")
      ->check(CLI::Range(1, 100000));
}

void declare_archive(CLI::App& app, SharedOptions& options) {
  declare_names(app, options);
  app.add_option(
         "--select", options.select,
         "Selection of DICOM files in folders: tags (exclude those that are not lateral lumbar "
         "films by their tags) or all (try every image)")
      ->check(CLI::IsMember({"tags", "all"}))
      ->capture_default_str();
  const auto list = [&app](const char* name, std::vector<std::string>& values, const char* what) {
    app.add_option(name, values, what)->delimiter(',')->allow_extra_args(false);
  };
  list("--modality", options.modalities, "Restrict to these modalities, e.g. CR,DX");
  list("--body-part", options.body_parts, "Restrict to these body parts, e.g. LSPINE,SPINE");
  list("--view", options.views, "Restrict to these view positions, e.g. LL,RL");
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
  input.pseudonym_key = options.pseudonym_key;
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
  cv::setNumThreads(1);  // one thread per study
  return run;
}

batch::Deidentification deidentification(const SharedOptions& options,
                                         const batch::StudyList& studies, bool needs_key) {
  batch::Deidentification result{options.keep_identifiers, studies.key};
  if (needs_key && !options.keep_identifiers && !result.key) {
    result.key = PseudonymKey::existing_or_new(options.pseudonym_key);
  }
  return result;
}

void declare_dicom_output(CLI::App& app, batch::DicomOutput& output) {
  output.version = version();
  app.add_flag("--dicom-seg", output.segmentation,
               "Write OUT/<study>/segmentation.dcm: masks of DICOM films as a DICOM Segmentation");
  app.add_flag("--dicom-sr", output.report,
               "Write OUT/<study>/report.dcm: values as a DICOM Structured Report (TID 1500)");
  app.add_flag("--dicom-sc", output.capture,
               "Write OUT/<study>/overlay.dcm: the overlay as a DICOM Secondary Capture");
}

int exit_code(batch::BatchStatus status) {
  switch (status) {
    case batch::BatchStatus::all_done:
      return kExitDone;
    case batch::BatchStatus::some_failed:
      return kExitSomeFailed;
    case batch::BatchStatus::interrupted:
      return kExitInterrupted;
  }
  return kExitFailed;
}

void declare_measure(CLI::App& app, ParsedMeasureOptions& parsed) {
  app.add_option(
         "--landmarks", parsed.landmarks,
         "Landmark method: auto (endplates of the endplate network where available), fit (robust "
         "lines and circles on contours) or baseline (the prototype's algorithms)")
      ->check(CLI::IsMember({"auto", "fit", "baseline"}))
      ->capture_default_str();
  app.add_option(
         "--angle", parsed.angles,
         "Also measure the angle between two endplates, e.g. L2.sup:L4.inf; may be repeated")
      ->allow_extra_args(false);  // an INPUT may follow
}

batch::MeasureSettings measure_settings(const ParsedMeasureOptions& parsed) {
  batch::MeasureSettings settings;
  settings.method = parsed.landmarks == "baseline" ? LandmarkMethod::baseline : LandmarkMethod::fit;
  settings.drawn = parsed.landmarks == "auto";
  for (const auto& angle : parsed.angles) settings.angles.push_back(AnglePair::parse(angle));
  return settings;
}

}  // namespace spine::cli
