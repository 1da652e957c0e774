#include "spine/stages/restore/restore.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/restore/implant_roi.h"
#include "spine/stages/restore/intensity_matching.h"

namespace spine {
namespace {

constexpr int kWindows = 8;                 // of match_greys along a square's side
constexpr double kSeedBesideImplant = 0.6;  // ImplantMaskOptions::seed of the ROI prediction

/// A film as a network sees it.
struct Seen {
  Letterbox box;
  cv::Mat square;   ///< in [0,1]
  GreyRange greys;  ///< of the film, that became 0 and 1
};

Seen see(const Image& film, const Model& model) {
  Seen seen;
  seen.box = letterbox(film.size(), film.info().spacing, model.info().input.size);
  seen.square = to_square(film, seen.box);
  seen.greys = stretch_range(seen.square, seen.box.content());
  return seen;
}

std::vector<std::vector<cv::Mat>> run(const Model& model, const std::vector<cv::Mat>& squares) {
  std::vector<std::vector<cv::Mat>> batch;
  batch.reserve(squares.size());
  for (const cv::Mat& square : squares) {
    batch.push_back(make_views(square, model.info().input.views));
  }
  return model.run(batch);
}

/// What the autoencoder makes of a film, in [0,1].
cv::Mat draw(const Model& autoencoder, const Seen& film) {
  const InputSpec& input = autoencoder.info().input;
  const std::vector<cv::Mat> planes = run(autoencoder, {film.square}).front();
  cv::Mat sum = planes.front().clone();  // as many channels as the film was repeated in
  for (std::size_t i = 1; i < planes.size(); ++i) sum += planes[i];
  sum = sum * (input.std / static_cast<double>(planes.size())) + input.mean;
  return cv::min(cv::max(sum, 0), 1);
}

std::vector<cv::Mat> metal_probabilities(const Model& implant_model,
                                         const std::vector<cv::Mat>& squares) {
  std::vector<cv::Mat> probabilities;
  for (const auto& planes : run(implant_model, squares)) {
    cv::Mat odds;
    cv::exp(-planes.front(), odds);
    probabilities.emplace_back(1.0 / (1.0 + odds));
  }
  return probabilities;
}

void require_output(const Model& model, const std::string& output) {
  const ModelInfo& info = model.info();
  if (!info.outputs.empty() && info.outputs.front() == output) return;
  throw Error(ErrorKind::weights, "restore: " + info.file.string() + ": expected an output \"" +
                                      output + "\"; these weights are for something else");
}

double pixel_mm(const Image& film) {
  constexpr double kUsualHeightMm = 450;
  const auto spacing = spacing_in_mm(film.info().spacing);
  return spacing ? 0.5 * (spacing->row_mm + spacing->col_mm) : kUsualHeightMm / film.size().height;
}

InpaintOptions inpaint_options(const Image& film, const RestoreOptions& options) {
  const bool baseline = options.method == RestoreMethod::baseline;
  InpaintOptions inpaint;
  inpaint.method = options.inpainting.value_or(
      options.method == RestoreMethod::standard ? Inpainting::texture : Inpainting::telea);
  inpaint.radius_px = std::clamp(options.radius_mm / pixel_mm(film), 1.0, 30.0);
  inpaint.rim_px = baseline ? 0 : std::min(options.rim_mm / pixel_mm(film), 30.0);
  return inpaint;
}

std::vector<ImplantPart> parts_of(const cv::Mat& mask) {
  std::vector<ImplantPart> parts;
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids);
  for (int i = 1; i < count; ++i) {
    parts.push_back({{stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                      stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT)},
                     static_cast<double>(stats.at<int>(i, cv::CC_STAT_AREA)),
                     1});
  }
  std::sort(parts.begin(), parts.end(),
            [](const ImplantPart& a, const ImplantPart& b) { return a.area_px > b.area_px; });
  return parts;
}

/// What the autoencoder makes of a film whose metal is roughly gone, in the film's greys and size.
cv::Mat reconstructed_without_implant(const Image& filled, const Model& autoencoder) {
  const Seen seen = see(filled, autoencoder);
  const cv::Mat drawn = draw(autoencoder, seen);
  const cv::Rect content = seen.box.content();
  // Greys beyond the square's, which are clipped, count as well.
  const cv::Mat whole = seen.greys.to_unit(to_square(filled, seen.box));
  const cv::Mat matched = match_greys(drawn, whole, content, seen.box.net / kWindows);
  cv::Mat large;
  cv::resize(matched(content), large, filled.size(), 0, 0, cv::INTER_CUBIC);
  return seen.greys.to_greys(large);
}

Image fill(const Image& film, const cv::Mat& mask, InpaintOptions options,
           const Model& autoencoder) {
  if (options.method != Inpainting::texture) return inpaint(film, mask, options);
  options.method = Inpainting::telea;
  const Image rough = inpaint(film, mask, options);
  options.method = Inpainting::texture;
  return inpaint(film, mask, options, reconstructed_without_implant(rough, autoencoder));
}

/// A film's mask of metal, by whatever method.
class ImplantDetector {
 public:
  ImplantDetector(const Image& film, const Restorer& restorer, const RestoreOptions& options)
      : film_(film), restorer_(restorer), options_(options) {
    if (needs_implant_model(options)) {
      searched_ = see(film, *restorer.implant_model);
      metal_ = metal_probabilities(*restorer.implant_model, {searched_.square}).front();
    }
    if (options.draw || options.method == RestoreMethod::baseline) {
      seen_ = see(film, restorer.autoencoder);
      drawn_ = draw(restorer.autoencoder, seen_);
    }
  }

  [[nodiscard]] static bool needs_implant_model(const RestoreOptions& options) {
    return options.method == RestoreMethod::standard || options.only_implanted;
  }

  /// What is metal on the film.
  [[nodiscard]] ImplantMask find() const {
    ImplantMask seen;
    if (needs_implant_model(options_)) {
      seen = implant_mask(film_, metal_, searched_.box, searched_.greys, options_.mask);
      if (!seen.parts.empty() && restorer_.implant_roi_model) seen = look_closer(seen);
      if (options_.method == RestoreMethod::standard || seen.parts.empty()) return seen;
    }
    ImplantMask found;
    found.mask = options_.method == RestoreMethod::baseline
                     ? implant_mask_by_baseline(seen_.square, drawn_, seen_.box)
                     : implant_mask_by_brightness(film_, options_.brightness);
    found.parts = parts_of(found.mask);
    found.confidence = found.parts.empty() ? 0 : 1;
    return found;
  }

  /// Restoration::drawn and difference.
  void add_pictures(Restoration& result) const {
    if (drawn_.empty()) return;
    const cv::Rect content = seen_.box.content();
    result.drawn = drawn_(content);
    if (options_.method != RestoreMethod::baseline) {
      result.drawn = match_greys(drawn_, seen_.square, content, seen_.box.net / kWindows)(content);
    }
    result.difference = cv::max(seen_.square(content) - result.drawn, 0);
  }

 private:
  /// The same metal, as it looks in magnified windows; as it was where they show none.
  [[nodiscard]] ImplantMask look_closer(const ImplantMask& seen) const {
    const Model& model = *restorer_.implant_roi_model;
    const Letterbox& first = searched_.box;
    const ImplantRoi roi = plan_implant_roi(
        first, film_.info().spacing, metal_ >= options_.mask.threshold, model.info().input.size);
    const auto windows = metal_probabilities(model, implant_squares(film_, roi));
    const cv::Mat merged = merge_implant(roi, first, metal_, windows);
    ImplantMaskOptions mask = options_.mask;
    // That the film shows metal is known; pieces of it may be thin.
    mask.seed = std::min(mask.seed, kSeedBesideImplant);
    mask.margin *= static_cast<double>(roi.box.net) / first.net;  // as wide on the film
    ImplantMask closer = implant_mask(film_, merged, roi.box, searched_.greys, mask);
    if (closer.parts.empty()) return seen;
    closer.confidence =
        std::max(closer.confidence, seen.confidence);  // the whole-film prediction decided
    return closer;
  }

  const Image& film_;
  const Restorer& restorer_;
  const RestoreOptions& options_;
  Seen searched_, seen_;  // by the finder, by the autoencoder
  cv::Mat metal_, drawn_;
};

/// Whether the implant mask covers more of the film than can be inpainted; adds a note then.
bool too_much(Restoration& result, const RestoreOptions& options) {
  if (options.method == RestoreMethod::baseline) return false;
  const double share = static_cast<double>(cv::countNonZero(result.implant_mask)) /
                       static_cast<double>(result.implant_mask.total());
  if (share <= options.largest_share) return false;
  result.notes.push_back("not restored: metal seems to cover " +
                         std::to_string(std::lround(100 * share)) + " % of the film");
  return true;
}

}  // namespace

void require_networks(const Restorer& restorer, const RestoreOptions& options) {
  require_output(restorer.autoencoder, "film");
  if (!ImplantDetector::needs_implant_model(options)) return;
  if (!restorer.implant_model) {
    throw Error(ErrorKind::weights, "restore: " + restorer.autoencoder.info().file.string() +
                                        ": comes without a network that sees metal, which the "
                                        "standard method needs (--finder)");
  }
  require_output(*restorer.implant_model, "implant");
  if (restorer.implant_roi_model) require_output(*restorer.implant_roi_model, "implant");
}

Restoration restore(const Image& film, const Restorer& restorer, const RestoreOptions& options) {
  require_networks(restorer, options);
  const ImplantDetector implant_model(film, restorer, options);
  ImplantMask found = implant_model.find();
  Restoration result{.film = film,
                     .implant_mask = found.mask,
                     .parts = std::move(found.parts),
                     .filled_in = false,
                     .confidence = found.confidence,
                     .notes = {},
                     .drawn = {},
                     .difference = {}};
  if (result.found() && !too_much(result, options)) {
    result.film =
        fill(film, result.implant_mask, inpaint_options(film, options), restorer.autoencoder);
    result.filled_in = true;
  }
  if (options.draw) implant_model.add_pictures(result);
  return result;
}

}  // namespace spine
