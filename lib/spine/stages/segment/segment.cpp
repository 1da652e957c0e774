#include "spine/stages/segment/segment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "spine/core/error.h"
#include "spine/stages/segment/head_circles.h"
#include "spine/stages/segment/refine.h"

namespace spine {

namespace {

/// For each structure, the network's output that shows it.
std::array<std::size_t, kStructureCount> channel_order(const ModelInfo& info) {
  std::array<std::size_t, kStructureCount> order{};
  for (const Structure s : kStructures) {
    std::size_t channel = 0;
    while (channel < info.outputs.size() && info.outputs[channel] != to_string(s)) ++channel;
    if (channel == info.outputs.size()) {
      throw Error(ErrorKind::weights, "segment: " + info.file.string() +
                                          ": expected an output channel " +
                                          std::string(to_string(s)) + " among the " +
                                          std::to_string(info.outputs.size()) + " there are");
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

cv::Mat sigmoid(const cv::Mat& logits) {
  cv::Mat probability;
  cv::exp(-logits, probability);
  probability += 1.0;
  cv::divide(1.0, probability, probability);
  return probability;
}

/// A film, and maybe the same without its metal.
struct Film {
  const Image* film;
  const Image* restored;
  [[nodiscard]] const FilmInfo& info() const { return film->info(); }
};

/// Squares that show the same, as a network sees them.
using Squares = std::vector<cv::Mat>;

/// A film's squares, made by `make` of each of its pictures.
template <typename Make>
Squares squares_of(const Film& film, Make&& make) {
  Squares squares{make(*film.film)};
  if (film.restored != nullptr) squares.push_back(make(*film.restored));
  return squares;
}

/// Probabilities of places on a film in kStructures' order, averaged over squares that show the
/// same.
std::vector<std::vector<cv::Mat>> probabilities_of(const std::vector<Squares>& places,
                                                   const Model& model, bool mirror_average) {
  const ModelInfo& info = model.info();
  const auto order = channel_order(info);
  std::vector<std::vector<cv::Mat>> batch;
  for (const Squares& squares : places) {
    for (const cv::Mat& square : squares) {
      batch.push_back(make_views(square, info.input.views));
      if (mirror_average) batch.push_back(make_views(mirrored(square), info.input.views));
    }
  }
  const auto logits = model.run(batch);
  std::vector<std::vector<cv::Mat>> result;
  auto pass = logits.begin();
  for (const Squares& squares : places) {
    std::vector<cv::Mat> sums;
    for (std::size_t k = 0; k < squares.size() * (mirror_average ? 2 : 1); ++k, ++pass) {
      const bool turned = mirror_average && k % 2 == 1;
      for (std::size_t s = 0; s < order.size(); ++s) {
        const cv::Mat p = sigmoid((*pass)[order[s]]);
        if (k == 0) {
          sums.push_back(p);
        } else {
          sums[s] += turned ? mirrored(p) : p;
        }
      }
    }
    const double passes = static_cast<double>(squares.size()) * (mirror_average ? 2 : 1);
    for (cv::Mat& sum : sums) sum /= passes;
    result.push_back(std::move(sums));
  }
  return result;
}

/// What the whole-film prediction gave.
struct WholeFilmPrediction {
  Segmentation segmentation;
  /// Width over height that a pixel seems to have, beyond what its spacing tells.
  double aspect = 1;

  /// A pixel's size as it seems to be; without tags only its width over height is true.
  [[nodiscard]] Spacing spacing(const FilmInfo& film) const {
    Spacing result = film.spacing.value_or(Spacing{1, 1});
    result.col_mm *= aspect;
    return result;
  }
};

/// Sum of the structures' confidences: more for more structures, and for surer ones.
double score(const Segmentation& segmentation) {
  double sum = 0;
  if (!segmentation.spine_found) return sum;
  for (const double confidence : segmentation.confidence) sum += confidence;
  return sum;
}

bool column_complete(const Segmentation& segmentation) {
  for (std::size_t i = 0; i <= index(Structure::S); ++i) {
    if (segmentation.confidence[i] <= 0) return false;
  }
  return true;
}

/// Looks at the whole film; where the column is not complete, also at a narrower and at smaller
/// ones, as films exist that are stored too wide or show little more than the column.
WholeFilmPrediction predict_film(const Film& film, const Model& model,
                                 const SegmentOptions& options) {
  struct Change {
    double x, y;
  };
  static constexpr Change kChanges[] = {{0.78, 1}, {0.75, 0.75}, {0.6, 0.77}};
  constexpr double kBetter = 0.25;  // of score()

  const auto predict_in = [&](const Letterbox& box, double aspect) {
    const Squares squares =
        squares_of(film, [&](const Image& image) { return to_net_square(image, box); });
    const auto probabilities =
        probabilities_of({squares}, model, options.mirror_average && !options.plain);
    return WholeFilmPrediction{masks_from_probabilities(probabilities.front(), box, options),
                               aspect};
  };
  const Letterbox box = letterbox(film.film->size(), film.info().spacing, model.info().input.size);
  WholeFilmPrediction result = predict_in(box, 1);
  if (options.plain || !options.enforce_order || column_complete(result.segmentation)) {
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

/// The windows of a film and what a network says of them.
struct Windows {
  std::vector<Roi> rois;
  std::vector<std::vector<cv::Mat>> probabilities;
};

/// Adds the windows that the masks ask for now, but those that show what one shows already.
/// @returns whether there were any
bool predict_rois(const Film& film, const WholeFilmPrediction& prediction, const Model& model,
                  const SegmentOptions& options, Windows& windows) {
  auto planned = plan_rois(prediction.segmentation.masks, prediction.spacing(film.info()),
                           model.info().input.size);
  std::erase_if(planned, [&windows](const Roi& c) {
    return std::any_of(windows.rois.begin(), windows.rois.end(),
                       [&c](const Roi& seen) { return show_the_same(seen, c); });
  });
  std::vector<Squares> squares;
  for (const Roi& c : planned) {
    // The head of a prosthesis is the hip's, and on the restored film it is gone.
    const Film shown{film.film, c.part == RoiPart::hips ? nullptr : film.restored};
    squares.push_back(
        squares_of(shown, [&](const Image& image) { return to_roi_square(image, c.box); }));
  }
  auto probabilities = probabilities_of(squares, model, options.mirror_average);
  for (std::size_t i = 0; i < planned.size(); ++i) {
    windows.rois.push_back(planned[i]);
    windows.probabilities.push_back(std::move(probabilities[i]));
  }
  return !planned.empty();
}

/// Predicts the windows that the whole-film prediction asks for, then at those that what was seen
/// there asks for, where they are others; each time everything is refined from all windows so far.
void refine_by_rois(const Film& film, const Model& model, const SegmentOptions& options,
                    WholeFilmPrediction& prediction) {
  Windows windows;
  for (int round = 0; round < kRoiRounds && prediction.segmentation.spine_found; ++round) {
    if (!predict_rois(film, prediction, model, options, windows)) return;
    refine_from_rois(windows.rois, windows.probabilities, options, prediction.segmentation);
  }
}

}  // namespace

Segmentation segment(const Image& film, const Segmenter& segmenter, const SegmentOptions& options,
                     const Image* restored) {
  const Film pictures{&film, restored};
  WholeFilmPrediction seen = predict_film(pictures, segmenter.model, options);
  if (options.plain) return std::move(seen.segmentation);
  if (segmenter.roi) refine_by_rois(pictures, *segmenter.roi, options, seen);
  draw_head_circles(seen.spacing(film.info()), seen.segmentation);
  return std::move(seen.segmentation);
}

}  // namespace spine
