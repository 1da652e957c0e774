#include "spine/stages/segment/segment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/statistics.h"
#include "spine/stages/segment/head_circles.h"
#include "spine/stages/segment/level_labelling.h"
#include "spine/stages/segment/refine.h"

namespace spine {

namespace {

/// For each structure, the index of its output channel.
std::array<std::size_t, kStructureCount> channel_order(const ModelInfo& info) {
  std::array<std::size_t, kStructureCount> order{};
  for (const Structure s : kStructures) {
    std::size_t channel = 0;
    while (channel < info.outputs.size() && info.outputs[channel] != to_string(s)) ++channel;
    if (channel == info.outputs.size()) {
      throw Error(ErrorKind::weights, "segment: " + info.file.string() +
                                          ": expected an output channel " +
                                          std::string(to_string(s)) + ", not found among " +
                                          std::to_string(info.outputs.size()) + " channels");
    }
    order[index(s)] = channel;
  }
  return order;
}

cv::Mat mirrored(const cv::Mat& plane) {
  cv::Mat result;
  cv::flip(plane, result, 1);
  return result;
}

/// A film and, optionally, the same film with its implants inpainted.
struct Film {
  const Image* film;
  const Image* restored;
  [[nodiscard]] const FilmInfo& info() const { return film->info(); }
};

/// One network input of a region.
struct Pass {
  cv::Mat square;
  bool mirrored = false;
};
using Passes = std::vector<Pass>;

/// The passes of a region: of the film and of the restored film, if there is one, each with its
/// mirrored copy if the options ask for it.
/// @param make  from an image to the square of the region
/// @param change  from a square to what is mirrored
template <typename Make, typename Change>
Passes passes_of(const Film& film, const SegmentOptions& options, Make&& make, Change&& change) {
  Passes passes;
  for (const Image* image : {film.film, film.restored}) {
    if (image == nullptr) continue;
    const cv::Mat square = make(*image);
    passes.push_back({square});
    if (options.mirror_average && !options.raw_output) {
      passes.push_back({mirrored(change(square)), true});
    }
  }
  return passes;
}

/// The square with its histogram equalised in tiles, for films whose pelvis is much brighter or
/// darker than the spine. With 16 bits a tile's histogram is flat, so that CLAHE does not clip it.
cv::Mat equalized(const cv::Mat& square) {
  constexpr double kMax = 65535;
  cv::Mat grey;
  square.convertTo(grey, CV_16U, kMax);
  cv::createCLAHE(1, {8, 8})->apply(grey, grey);
  cv::Mat result;
  grey.convertTo(result, CV_32F, 1 / kMax);
  return result;
}

/// One plane per structure, in kStructures' order.
using Probabilities = std::vector<cv::Mat>;

/// Probabilities of several regions of a film by each of their passes.
std::vector<std::vector<Probabilities>> probabilities_of(const std::vector<Passes>& regions,
                                                         const Model& model) {
  const ModelInfo& info = model.info();
  const auto order = channel_order(info);
  std::vector<std::vector<cv::Mat>> batch;
  for (const Passes& passes : regions) {
    for (const Pass& pass : passes) batch.push_back(make_views(pass.square, info.input.views));
  }
  const auto logits = model.run(batch);
  std::vector<std::vector<Probabilities>> result;
  auto output = logits.begin();
  for (const Passes& passes : regions) {
    auto& region = result.emplace_back();
    for (const Pass& pass : passes) {
      auto& planes = region.emplace_back();
      for (const std::size_t channel : order) {
        const cv::Mat p = sigmoid((*output)[channel]);
        planes.push_back(pass.mirrored ? mirrored(p) : p);
      }
      ++output;
    }
  }
  return result;
}

Probabilities average(std::span<const Probabilities> passes) {
  Probabilities result;
  for (const cv::Mat& plane : passes.front()) result.push_back(plane.clone());
  for (std::size_t k = 1; k < passes.size(); ++k) {
    for (std::size_t s = 0; s < result.size(); ++s) result[s] += passes[k][s];
  }
  for (cv::Mat& sum : result) sum /= static_cast<double>(passes.size());
  return result;
}

/// Sum of p (1 - p) over the sum of p: 0 where every pixel is sure, 1 where nothing is seen.
double uncertainty(const cv::Mat& probability) {
  constexpr double kNone = 1e-6;
  const double sum = cv::sum(probability)[0];
  return sum > kNone ? 1 - probability.dot(probability) / sum : 1;
}

/// The mean over the passes of a region, those of the film before those of the restored film. Film
/// and restored film are weighted, structure by structure, inversely to their uncertainty: implants
/// hide structures, restoration blurs others.
Probabilities combined(std::span<const Probabilities> passes, bool restored) {
  if (!restored) return average(passes);
  constexpr double kSure = 0.01;  // below it differences mean nothing
  const std::size_t half = passes.size() / 2;
  const Probabilities film = average(passes.first(half)), other = average(passes.last(half));
  Probabilities result;
  for (std::size_t s = 0; s < film.size(); ++s) {
    const double ours = 1 / (uncertainty(film[s]) + kSure);
    const double others = 1 / (uncertainty(other[s]) + kSure);
    result.push_back((ours * film[s] + others * other[s]) / (ours + others));
  }
  return result;
}

/// Result of the whole-film prediction.
struct WholeFilmPrediction {
  Segmentation segmentation;
  /// Estimated width over height of a pixel, relative to the film's spacing.
  double aspect = 1;
  /// The greatest labelling ambiguity of a pass by itself.
  double ambiguity_of_a_pass = 0;

  /// The spacing corrected by `aspect`, mm; without spacing tags only its ratio is meaningful.
  [[nodiscard]] Spacing spacing(const FilmInfo& film) const {
    Spacing result = film.spacing.value_or(Spacing{1, 1});
    result.col_mm *= aspect;
    return result;
  }
};

/// Sum of the structures' confidences: rises with the number of structures and their confidence.
double score(const Segmentation& segmentation) {
  double sum = 0;
  if (!segmentation.spine_found) return sum;
  for (const double confidence : segmentation.confidence) sum += confidence;
  return sum;
}

/// Whether L1-L5 and S are all found.
bool levels_complete(const Segmentation& segmentation) {
  for (std::size_t i = 0; i <= index(Structure::S); ++i) {
    if (segmentation.confidence[i] <= 0) return false;
  }
  return true;
}

/// Whole-film prediction. Where a level is missing, also predicts a horizontally compressed and
/// two smaller versions and takes the best, as some films are stored too wide or show little more
/// than the lumbar spine.
WholeFilmPrediction predict_film(const Film& film, const Model& model,
                                 const SegmentOptions& options) {
  struct Change {
    double x, y;
  };
  static constexpr Change kChanges[] = {{0.78, 1}, {0.75, 0.75}, {0.6, 0.77}};
  constexpr double kBetter = 0.25;  // of score()

  const auto predict_in = [&](const Letterbox& box, double aspect) {
    const auto passes =
        probabilities_of(
            {passes_of(
                film, options, [&](const Image& image) { return to_net_square(image, box); },
                equalized)},
            model)
            .front();
    WholeFilmPrediction result{
        masks_from_probabilities(combined(passes, film.restored != nullptr), box, options), aspect};
    if (passes.size() == 1) return result;
    for (const Probabilities& pass : passes) {
      result.ambiguity_of_a_pass =
          std::max(result.ambiguity_of_a_pass, labelling_ambiguity(pass, box, options));
    }
    return result;
  };
  const Letterbox box = letterbox(film.film->size(), film.info().spacing, model.info().input.size);
  WholeFilmPrediction result = predict_in(box, 1);
  if (options.raw_output || !options.enforce_order || levels_complete(result.segmentation)) {
    return result;
  }
  double best = score(result.segmentation) + kBetter;
  for (const Change& change : kChanges) {
    WholeFilmPrediction other = predict_in(shrunk(box, change.x, change.y), change.x / change.y);
    if (score(other.segmentation) <= best) continue;
    best = score(other.segmentation);
    result = std::move(other);
  }
  return result;
}

constexpr int kRoiRounds = 2;

/// The windows of a film and their predicted probabilities.
struct Windows {
  std::vector<Roi> rois;
  std::vector<Probabilities> probabilities;
};

/// The images of a window. Restoration removes the head of a hip prosthesis, which counts as a
/// femoral head.
Film seen_in(const Roi& roi, const Film& film) {
  return {film.film, roi.part == RoiPart::hips ? nullptr : film.restored};
}

/// Predicts the windows planned for the current masks, except those that an earlier window covers.
/// @returns whether there were new windows
bool predict_rois(const Film& film, const WholeFilmPrediction& prediction, const Model& model,
                  const SegmentOptions& options, Windows& windows) {
  auto planned = plan_rois(prediction.segmentation.masks, prediction.spacing(film.info()),
                           model.info().input.size);
  std::erase_if(planned, [&windows](const Roi& c) {
    return std::any_of(windows.rois.begin(), windows.rois.end(),
                       [&c](const Roi& earlier) { return nearly_coincide(earlier, c); });
  });
  std::vector<Passes> passes;
  for (const Roi& c : planned) {
    passes.push_back(passes_of(
        seen_in(c, film), options, [&](const Image& image) { return to_roi_square(image, c.box); },
        std::identity{}));
  }
  auto probabilities = probabilities_of(passes, model);
  for (std::size_t i = 0; i < planned.size(); ++i) {
    windows.rois.push_back(planned[i]);
    const bool restored = seen_in(planned[i], film).restored != nullptr;
    windows.probabilities.push_back(combined(probabilities[i], restored));
  }
  return !planned.empty();
}

/// ROI prediction in windows around the whole-film masks, then in new windows around the refined
/// masks; each round refines all structures from all windows so far.
void refine_by_rois(const Film& film, const Model& model, const SegmentOptions& options,
                    WholeFilmPrediction& prediction) {
  Windows windows;
  for (int round = 0; round < kRoiRounds && prediction.segmentation.spine_found; ++round) {
    if (!predict_rois(film, prediction, model, options, windows)) return;
    refine_from_rois(windows.rois, windows.probabilities, options, prediction.segmentation);
  }
}

Segmentation predict_structures(const Film& film, const Segmenter& segmenter,
                                const SegmentOptions& options) {
  WholeFilmPrediction prediction = predict_film(film, segmenter.model, options);
  if (options.raw_output) return std::move(prediction.segmentation);
  if (segmenter.roi) refine_by_rois(film, *segmenter.roi, options, prediction);
  draw_head_circles(prediction.spacing(film.info()), prediction.segmentation);
  if (prediction.ambiguity_of_a_pass > kMaxAmbiguityOfAPass) {
    double& ambiguity = prediction.segmentation.labelling_ambiguity;
    ambiguity = std::max(ambiguity, prediction.ambiguity_of_a_pass);
  }
  return std::move(prediction.segmentation);
}

}  // namespace

Segmentation segment(const Image& film, const Segmenter& segmenter, const SegmentOptions& options,
                     const Image* restored) {
  Segmentation result = predict_structures({&film, restored}, segmenter, options);
  if (result.spine_found || restored == nullptr) return result;
  return predict_structures({&film, nullptr}, segmenter, options);
}

}  // namespace spine
