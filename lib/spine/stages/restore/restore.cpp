#include "spine/stages/restore/restore.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/statistics.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/restore/implant_roi.h"
#include "spine/stages/restore/intensity_matching.h"

namespace spine {
namespace {

constexpr int kWindows = 8;  // of match_intensity along a square's side
// Greatest ImplantMaskOptions::seed of the ROI prediction.
constexpr double kSeedBesideImplant = 0.6;

/// A film prepared for a network.
struct NetworkInput {
  Letterbox box;
  cv::Mat square;   ///< in [0,1]
  GreyRange greys;  ///< the film's greys that became 0 and 1
};

NetworkInput network_input(const Image& film, const Model& model) {
  NetworkInput input;
  input.box = letterbox(film.size(), film.info().spacing, model.info().input.size);
  input.square = to_square(film, input.box);
  input.greys = stretch_range(input.square, input.box.content());
  return input;
}

std::vector<std::vector<cv::Mat>> run(const Model& model, const std::vector<cv::Mat>& squares) {
  std::vector<std::vector<cv::Mat>> batch;
  batch.reserve(squares.size());
  for (const cv::Mat& square : squares) {
    batch.push_back(make_views(square, model.info().input.views));
  }
  return model.run(batch);
}

/// The autoencoder's reconstruction of a film, in [0,1].
cv::Mat reconstruct(const Model& autoencoder, const NetworkInput& film) {
  const InputSpec& input = autoencoder.info().input;
  const std::vector<cv::Mat> planes = run(autoencoder, {film.square}).front();
  cv::Mat sum = planes.front().clone();  // one plane per repeated input channel
  for (std::size_t i = 1; i < planes.size(); ++i) sum += planes[i];
  sum = sum * (input.std / static_cast<double>(planes.size())) + input.mean;
  return cv::min(cv::max(sum, 0), 1);
}

std::vector<cv::Mat> implant_probabilities(const Model& implant_model,
                                           const std::vector<cv::Mat>& squares) {
  std::vector<cv::Mat> probabilities;
  for (const auto& planes : run(implant_model, squares)) {
    probabilities.push_back(sigmoid(planes.front()));
  }
  return probabilities;
}

void require_output(const Model& model, const std::string& output) {
  const ModelInfo& info = model.info();
  if (!info.outputs.empty() && info.outputs.front() == output) return;
  throw Error(ErrorKind::weights, "restore: " + info.file.string() + ": expected an output \"" +
                                      output + "\"; these weights are for another task");
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

/// The autoencoder's reconstruction of a roughly inpainted film, in the film's greys and size.
cv::Mat reconstructed_without_implant(const Image& filled, const Model& autoencoder) {
  const NetworkInput input = network_input(filled, autoencoder);
  const cv::Mat reconstruction = reconstruct(autoencoder, input);
  const cv::Rect content = input.box.content();
  // Matched to the film before clipping.
  const cv::Mat whole = input.greys.to_unit(to_square(filled, input.box));
  const cv::Mat matched = match_intensity(reconstruction, whole, content, input.box.net / kWindows);
  cv::Mat large;
  cv::resize(matched(content), large, filled.size(), 0, 0, cv::INTER_CUBIC);
  return input.greys.to_greys(large);
}

Image fill(const Image& film, const cv::Mat& mask, InpaintOptions options,
           const Model& autoencoder) {
  if (options.method != Inpainting::texture) return inpaint(film, mask, options);
  options.method = Inpainting::telea;
  const Image rough = inpaint(film, mask, options);
  options.method = Inpainting::texture;
  return inpaint(film, mask, options, reconstructed_without_implant(rough, autoencoder));
}

/// The implant mask of a film, by any method.
class ImplantDetector {
 public:
  ImplantDetector(const Image& film, const Restorer& restorer, const RestoreOptions& options)
      : film_(film), restorer_(restorer), options_(options) {
    if (needs_implant_model(options)) {
      implant_input_ = network_input(film, *restorer.implant_model);
      implant_probability_ =
          implant_probabilities(*restorer.implant_model, {implant_input_.square}).front();
    }
    if (options.draw || options.method == RestoreMethod::baseline) {
      autoencoder_input_ = network_input(film, restorer.autoencoder);
      reconstruction_ = reconstruct(restorer.autoencoder, autoencoder_input_);
    }
  }

  [[nodiscard]] static bool needs_implant_model(const RestoreOptions& options) {
    return options.method == RestoreMethod::standard || options.only_implanted;
  }

  /// The implant mask at film resolution.
  [[nodiscard]] ImplantMask detect() const {
    ImplantMask predicted;
    if (needs_implant_model(options_)) {
      predicted = implant_mask(film_, implant_probability_, implant_input_.box,
                               implant_input_.greys, options_.mask);
      if (!predicted.parts.empty() && restorer_.implant_roi_model) {
        predicted = predict_rois(predicted);
      }
      if (options_.method == RestoreMethod::standard || predicted.parts.empty()) return predicted;
    }
    ImplantMask found;
    found.mask = options_.method == RestoreMethod::baseline
                     ? implant_mask_by_baseline(autoencoder_input_.square, reconstruction_,
                                                autoencoder_input_.box)
                     : implant_mask_by_brightness(film_, options_.brightness);
    found.parts = parts_of(found.mask);
    found.confidence = found.parts.empty() ? 0 : 1;
    return found;
  }

  /// Sets Restoration::reconstruction and difference.
  void add_pictures(Restoration& result) const {
    if (reconstruction_.empty()) return;
    const cv::Rect content = autoencoder_input_.box.content();
    result.reconstruction = reconstruction_(content);
    if (options_.method != RestoreMethod::baseline) {
      result.reconstruction = match_intensity(reconstruction_, autoencoder_input_.square, content,
                                              autoencoder_input_.box.net / kWindows)(content);
    }
    result.difference = cv::max(autoencoder_input_.square(content) - result.reconstruction, 0);
  }

 private:
  /// ROI prediction around the implants of the whole-film prediction, which is returned where the
  /// ROIs show none.
  [[nodiscard]] ImplantMask predict_rois(const ImplantMask& whole_film) const {
    const Model& model = *restorer_.implant_roi_model;
    const Letterbox& first = implant_input_.box;
    const ImplantRoi roi =
        plan_implant_roi(first, film_.info().spacing,
                         implant_probability_ >= options_.mask.threshold, model.info().input.size);
    const auto windows = implant_probabilities(model, implant_squares(film_, roi));
    const cv::Mat merged = merge_implant(roi, first, implant_probability_, windows);
    ImplantMaskOptions mask = options_.mask;
    // The whole-film prediction has decided that there is an implant; thin components may have
    // lower probabilities.
    mask.seed = std::min(mask.seed, kSeedBesideImplant);
    mask.margin *= static_cast<double>(roi.box.net) / first.net;  // the same width on the film
    ImplantMask refined = implant_mask(film_, merged, roi.box, implant_input_.greys, mask);
    if (refined.parts.empty()) return whole_film;
    refined.confidence = std::max(refined.confidence, whole_film.confidence);
    return refined;
  }

  const Image& film_;
  const Restorer& restorer_;
  const RestoreOptions& options_;
  NetworkInput implant_input_, autoencoder_input_;
  cv::Mat implant_probability_;  ///< of the whole-film prediction, in the network's square
  cv::Mat reconstruction_;       ///< the autoencoder's reconstruction, in its square
};

/// Whether the implant mask covers more than options.largest_share of the film; adds a note then.
bool exceeds_largest_share(Restoration& result, const RestoreOptions& options) {
  if (options.method == RestoreMethod::baseline) return false;
  const double share = static_cast<double>(cv::countNonZero(result.implant_mask)) /
                       static_cast<double>(result.implant_mask.total());
  if (share <= options.largest_share) return false;
  result.notes.push_back("not restored: the implant mask covers " +
                         std::to_string(std::lround(100 * share)) + " % of the film");
  return true;
}

}  // namespace

void require_networks(const Restorer& restorer, const RestoreOptions& options) {
  require_output(restorer.autoencoder, "film");
  if (!ImplantDetector::needs_implant_model(options)) return;
  if (!restorer.implant_model) {
    throw Error(ErrorKind::weights, "restore: " + restorer.autoencoder.info().file.string() +
                                        ": no implant segmentation network given, which the "
                                        "standard method requires (--implant-model)");
  }
  require_output(*restorer.implant_model, "implant");
  if (restorer.implant_roi_model) require_output(*restorer.implant_roi_model, "implant");
}

Restoration restore(const Image& film, const Restorer& restorer, const RestoreOptions& options) {
  require_networks(restorer, options);
  const ImplantDetector detector(film, restorer, options);
  ImplantMask found = detector.detect();
  Restoration result{.film = film,
                     .implant_mask = found.mask,
                     .parts = std::move(found.parts),
                     .filled_in = false,
                     .confidence = found.confidence,
                     .notes = {},
                     .reconstruction = {},
                     .difference = {}};
  if (result.found() && !exceeds_largest_share(result, options)) {
    result.film =
        fill(film, result.implant_mask, inpaint_options(film, options), restorer.autoencoder);
    result.filled_in = true;
  }
  if (options.draw) detector.add_pictures(result);
  return result;
}

}  // namespace spine
