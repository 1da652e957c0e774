#include "spine/cli/shared_options.h"

#include <cmath>
#include <functional>

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

/// Declares an option with fixed values. `use` is called with the given one.
CLI::Option* add_choice(CLI::App& app, const std::string& name,
                        const std::vector<std::string>& choices, const std::string& by_default,
                        const std::function<void(const std::string&)>& use,
                        const std::string& description) {
  return app.add_option_function<std::string>(name, use, description)
      ->check(CLI::IsMember(choices))
      ->default_str(by_default);
}

std::vector<std::string> upper(std::vector<std::string> codes) {
  for (auto& code : codes) code = upper_case(code);
  return codes;
}

}  // namespace

void declare_films(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are) {
  batch::InputOptions& input = options.run.input;
  app.add_option("INPUT", input.inputs, what_inputs_are)->type_name(kPath);
  app.add_option_function<std::string>(
         "--manifest",
         [&input](const std::string& file) {
           if (!file.empty()) input.manifest = file;
         },
         "CSV of studies: study_id,path[,spacing_mm][,anterior]")
      ->type_name(kPath);
  app.add_flag("--recursive", input.recursive, "Search input folders recursively");
}

void declare_inputs(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are) {
  declare_films(app, options, what_inputs_are);
  app.add_option("-o,--output", options.run.output, "Output folder; created if missing")
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

void declare_restore(CLI::App& app, RestoreArguments& restore, const std::string& weights_option) {
  RestoreOptions& options = restore.options;
  const auto network = [&app](const std::string& name, std::string& value,
                              const std::string& description) {
    app.add_option(name, value, description)->type_name(kNameOrPath)->capture_default_str();
  };
  network(weights_option, restore.weights,
          "Autoencoder of implant-free films: a name in the manifest, or a .safetensors file");
  network("--implant-model", restore.implant_model,
          "Implant detection network: a name or file; default: that of the autoencoder");
  network("--implant-roi", restore.implant_roi_model,
          "ROI network that refines implant masks: a name or file, or none; default: that of "
          "the implant detection network");
  add_choice(
      app, "--method", names(kRestoreMethods), "standard",
      [&options](const std::string& given) {
        for (const auto& [name, method] : kRestoreMethods) {
          if (name == given) options.method = method;
        }
      },
      "Implant detection: standard, baseline (the prototype's steps) or brightness (threshold)");
  add_choice(
      app, "--inpainting", names(kInpaintings, {"default"}), "default",
      [&options](const std::string& given) {
        for (const auto& [name, inpainting] : kInpaintings) {
          if (name == given) options.inpainting = inpainting;
        }
      },
      "Inpainting: telea, navier-stokes or texture (autoencoder output); default: that of "
      "the method");
  app.add_option("--radius", options.radius_mm, "Inpainting radius, mm")
      ->check(CLI::Range(0.1, 20.0))
      ->capture_default_str();
}

void restore_always(RestoreOptions& options) { options.mask.seed = options.mask.threshold; }

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
  options.run.workers = 0;
  app.add_option("--threads", options.run.workers,
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
  batch::BatchOptions& run = options.run;
  app.add_flag("--force", run.force,
               "Overwrite existing results of other settings; studies outside this run keep their "
               "rows as long as their folders exist");
  app.add_flag("--add", run.add,
               "Add to the output folder: studies outside this run keep their results and rows");
  app.add_flag("--fail-fast", run.fail_fast, "Stop at the first failed study");
  app.add_flag("--dry-run", run.dry_run,
               "Print the planned action for each study without writing anything");
  app.add_flag("--wait", run.wait,
               "Wait for another run in the output folder to finish instead of failing");
  app.add_option(
         "--shard", options.shard,
         "Process shard I of N (I/N): every N-th study from the I-th; tables carry its name")
      ->capture_default_str();
  app.add_option_function<double>(
         "--spacing",
         [&run](double mm) {
           run.input.spacing = Spacing{mm, mm};
         },
         "Pixel spacing in mm; overrides the files' values")
      ->check(CLI::Validator(check_spacing, "MM"));
  add_choice(
      app, "--anterior", {"auto", "left", "right"}, "auto",
      [&run](const std::string& side) {
        if (side != "auto") run.input.anterior = side == "left" ? Side::left : Side::right;
      },
      "Anterior side of the film: auto, left or right");
  app.add_option("--log", run.log, "Append events as JSON lines to this file")->type_name(kPath);
  app.add_flag("-q,--quiet", run.quiet, "Print errors only");
  app.add_flag("-v,--verbose", run.verbosity, "Print one line per study");
  app.add_flag_callback(
      "--no-progress", [&run] { run.progress = false; }, "Disable the progress line");
}

void declare_identifiers(CLI::App& app, SharedOptions& options) {
  app.add_flag("--keep-identifiers", options.run.input.keep_identifiers,
               "Keep paths, names and burned-in text in the results; noted in the run record");
}

void declare_names(CLI::App& app, SharedOptions& options) {
  declare_identifiers(app, options);
  app.add_option("--pseudonym-key", options.run.input.pseudonym_key,
                 "File with the secret key for pseudonyms; created if missing "
                 "(default: ~/.config/spine/study.key)")
      ->type_name(kPath);
  app.add_option("--frame", options.run.input.frame,
                 "Frame of multi-frame films, from 1; required for such films")
      ->check(CLI::Range(1, 100000));
}

void declare_archive(CLI::App& app, SharedOptions& options) {
  declare_names(app, options);
  SelectionOptions& selection = options.run.input.selection;
  add_choice(
      app, "--select", {"tags", "all"}, "tags",
      [&selection](const std::string& which) { selection.by_tags = which == "tags"; },
      "Selection of DICOM files in folders: tags (exclude those that are not lateral lumbar "
      "films by their tags) or all (try every image)");
  const auto list = [&app](const char* name, std::vector<std::string>& codes, const char* what) {
    app.add_option_function<std::vector<std::string>>(
           name, [&codes](const std::vector<std::string>& given) { codes = upper(given); }, what)
        ->delimiter(',')
        ->allow_extra_args(false);
  };
  list("--modality", selection.modalities, "Restrict to these modalities, e.g. CR,DX");
  list("--body-part", selection.body_parts, "Restrict to these body parts, e.g. LSPINE,SPINE");
  list("--view", selection.views, "Restrict to these view positions, e.g. LL,RL");
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
  batch::InputOptions input = options.run.input;
  input.kind = kind;
  input.shard = batch::Shard::parse(options.shard);
  input.output = options.run.output;
  return input;
}

batch::BatchOptions batch_options(const SharedOptions& options, const AppInfo& info,
                                  const ParsedOptions& parsed, StudyKind kind) {
  if (options.run.output.empty()) {
    throw Error(ErrorKind::usage, "usage: --output: expected a folder, got an empty name");
  }
  batch::BatchOptions run = options.run;
  run.command = info.name;
  run.version = version();
  run.command_line = parsed.command_line;
  run.options_given = parsed.given;
  run.input = input_options(options, kind);
  run.input.names = parsed.names;
  run.workers = thread_count(run.workers);
  run.stop_requested = interrupted;
  return run;
}

batch::BatchOptions begin_run(const SharedOptions& options, const AppInfo& info,
                              const ParsedOptions& parsed, StudyKind kind) {
  batch::BatchOptions run = batch_options(options, info, parsed, kind);
  cv::setNumThreads(1);
  wait_for_turn(run);
  return run;
}

batch::Deidentification deidentification(const SharedOptions& options,
                                         const batch::StudyList& studies, bool needs_key) {
  const batch::InputOptions& input = options.run.input;
  batch::Deidentification result{input.keep_identifiers, studies.key};
  if (needs_key && !input.keep_identifiers && !result.key) {
    result.key = PseudonymKey::existing_or_new(input.pseudonym_key);
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

void declare_measure(CLI::App& app, MeasureArguments& measure) {
  batch::MeasureSettings& settings = measure.settings;
  add_choice(
      app, "--landmarks", {"auto", "fit", "baseline"}, "auto",
      [&settings](const std::string& method) {
        settings.method = method == "baseline" ? LandmarkMethod::baseline : LandmarkMethod::fit;
        settings.predicted = method == "auto";
      },
      "Landmark method: auto (endplates of the endplate network where available), fit (robust "
      "lines and circles on contours) or baseline (the prototype's algorithms)");
  app.add_option(
         "--angle", measure.angles,
         "Also measure the angle between two endplates, e.g. L2.sup:L4.inf; may be repeated")
      ->allow_extra_args(false);  // an INPUT may follow
}

batch::MeasureSettings measure_settings(const MeasureArguments& measure) {
  batch::MeasureSettings settings = measure.settings;
  for (const auto& angle : measure.angles) settings.angles.push_back(AnglePair::parse(angle));
  return settings;
}

}  // namespace spine::cli
