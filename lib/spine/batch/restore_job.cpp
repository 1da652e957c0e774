#include "spine/batch/restore_job.h"

#include <cmath>

#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/infer/manifest.h"
#include "spine/io/image_io.h"
#include "spine/io/report_io.h"
#include "spine/render/restoration_preview.h"
#include "spine/util/schema.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

double area_px(const Restoration& restoration) {
  return cv::countNonZero(restoration.implant_mask);
}

/// Number and area of implants, for the tables, and the flags so far.
Measurements values_of(const Restoration& restoration, const FilmInfo& film) {
  const double area = area_px(restoration);
  Measurements values;
  values.values.push_back(
      {"implant_count", static_cast<double>(restoration.parts.size()), "1", "ok"});
  if (const auto spacing = spacing_in_mm(film.spacing)) {
    values.values.push_back(
        {"implant_area", area * spacing->row_mm * spacing->col_mm, "mm2", "ok"});
  } else {
    values.values.push_back({"implant_area", area, "px2", "ok"});
  }
  values.qc = film.flags;
  for (auto& flag : flags_of(restoration)) values.qc.push_back(std::move(flag));
  sort_flags(values.qc);
  return values;
}

cv::Mat preview(const Image& film, const Restoration& restoration, const TextRedaction& cover) {
  // Large text may remain legible in the output of the autoencoder.
  return draw_restoration_preview(cover.on(film), cover.on(restoration.reconstruction),
                                  cover.on(restoration.difference), restoration.implant_mask,
                                  cover.on(restoration.film));
}

}  // namespace

Restorer load_restorer(const std::string& weights, const std::string& implant_model,
                       const std::string& implant_roi_model, const DeviceOptions& options) {
  std::string first = weights;
  std::string second = implant_model == "default" ? "none" : implant_model;
  if (!is_weights_file(weights)) {
    const Manifest manifest = read_weights_manifest(default_manifest());
    if (weights == "default") first = manifest.default_restoration;
    if (first.empty()) {
      throw Error(ErrorKind::weights,
                  "weights: no restoration weights in " + default_manifest().string());
    }
    const WeightsEntry* entry = manifest.find(first);
    if (implant_model == "default" && entry != nullptr && !entry->implant_model.empty())
      second = entry->implant_model;
  }
  Restorer restorer{load_model(first, options), std::nullopt};
  if (second == "none") return restorer;
  restorer.implant_model = load_model(second, options);
  const std::string third =
      implant_roi_model == "default" ? default_roi_model(second) : implant_roi_model;
  if (third != "none") restorer.implant_roi_model = load_model(third, options);
  return restorer;
}

json to_json(const RestoreOptions& options) {
  json result{{"method", name_of(options.method, kRestoreMethods)},
              {"inpainting",
               options.inpainting ? json(name_of(*options.inpainting, kInpaintings)) : json()},
              {"only_implanted", options.only_implanted},
              {"radius_mm", options.radius_mm},
              {"rim_mm", options.rim_mm},
              {"threshold", options.mask.threshold},
              {"seed", options.mask.seed}};
  if (options.method == RestoreMethod::brightness) result["brightness"] = options.brightness;
  return result;
}

json options_record(const RestoreOptions& options, const Restorer& restorer) {
  json record = to_json(options);
  record["precision"] = restorer.autoencoder.info().precision;
  record["sha256"] = restorer.autoencoder.info().sha256;
  if (restorer.implant_model) record["implant_sha256"] = restorer.implant_model->info().sha256;
  if (restorer.implant_roi_model) {
    record["implant_roi_sha256"] = restorer.implant_roi_model->info().sha256;
  }
  return record;
}

json weights_record(const Restorer& restorer) {
  json record = weights_record(restorer.autoencoder.info());
  if (restorer.implant_model) record["implant"] = weights_record(restorer.implant_model->info());
  if (restorer.implant_roi_model) {
    record["implant_roi"] = weights_record(restorer.implant_roi_model->info());
  }
  return record;
}

json to_json(const Restoration& restoration) {
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  json boxes = json::array();
  json sure = json::array();
  for (const ImplantPart& part : restoration.parts) {
    boxes.push_back({part.box.x, part.box.y, part.box.width, part.box.height});
    sure.push_back(rounded(part.confidence));
  }
  return {{"implant_found", restoration.found()},
          {"filled_in", restoration.filled_in},
          {"confidence", rounded(restoration.confidence)},
          {"count", restoration.parts.size()},
          {"area_px", area_px(restoration)},
          {"boxes", boxes},
          {"box_confidence", sure},
          {"notes", restoration.notes}};
}

std::vector<std::string> flags_of(const Restoration& restoration) {
  if (!restoration.found()) return {};
  return {restoration.filled_in ? "implant" : "implant_not_restored"};
}

void write_restoration(const Restoration& restoration, const TextRedaction& cover,
                       const fs::path& folder) {
  write_image(folder / "restored.png", cover.on(restoration.film).pixels());
  write_image(folder / "implant_mask.png", restoration.implant_mask);
}

RestoreJob::RestoreJob(const Restorer& restorer, const RestoreOptions& options,
                       const Deidentification& deidentification)
    : restorer_(restorer), options_(options), deidentification_(deidentification) {
  require_networks(restorer, options);
  options_.draw = true;
  description_.files = {"restoration.json", {"restored.png", "implant_mask.png", "preview.png"}};
  description_.options = {{"restore", options_record(options, restorer)}};
  deidentification.add_to_fingerprint(description_.options);
  description_.weights = weights_record(restorer);
  description_.device = restorer.autoencoder.info().device;
}

Restoration RestoreJob::process(const StudyFilm& film) const {
  const auto timer = clock().time("restore");
  return restore(film.image, restorer_, options_);
}

json RestoreJob::write(const Study& study, const StudyFilm& film, const Restoration& restoration,
                       const fs::path& folder, json provenance) const {
  const auto timer = clock().time("write");
  const FilmInfo& info = film.image.info();
  const TextRedaction cover = deidentification_.cover(film.image);
  write_restoration(restoration, cover, folder);
  write_image(folder / "preview.png", preview(film.image, restoration, cover));
  json record = to_json(study.id, values_of(restoration, info), info, provenance);
  record["schema"] = kRestorationSchema;
  const json notes = record["notes"];  // on reading the film
  record["restoration"] = to_json(restoration);
  record.update(record["restoration"]);
  record["notes"].insert(record["notes"].begin(), notes.begin(), notes.end());
  return record;
}

}  // namespace spine::batch
