#include "spine/stages/locate/endplate_prediction.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/stages/locate/endplate_window.h"
#include "spine/stages/locate/expected_position.h"

namespace spine {
namespace {

constexpr int kPasses = 2, kSeekingPasses = 4;
// An endplate that was sought where it should lie is accepted when the standard deviation of its
// direction is smaller.
constexpr double kMaxSoughtDeviationDeg = 3;
// More is accepted in place of what was found too far away.
constexpr double kMaxReplacingDeviationDeg = 6;
constexpr double kMinLength = 0.1;  // of an endplate, in sides of the window
constexpr double kUnclearDeg = 10;  // standard deviation of a direction
// Uncertainty of endplates without a prediction.
constexpr EndplateUncertainty kUnpredicted{20, 0.3, 0.3};

/// Accessors of one endplate and of its uncertainty.
struct EndplateRef {
  bool superior;
  std::function<Endplate&(Landmarks&)> endplate;
  std::function<EndplateUncertainty&(LandmarkUncertainty&)> deviation;
};

/// Quantizes position, direction and length of an endplate, so that the window around it does not
/// depend on rounding errors of earlier steps. Predictions are then reproducible across numeric
/// precisions of the networks.
Endplate quantized(const Endplate& endplate) {
  constexpr double kLengthStep = 0.05;        // relative
  constexpr double kAngleStep = 2;            // degrees
  constexpr double kPositionStep = 1.0 / 16;  // in lengths
  const auto nearest = [](double value, double step) { return std::round(value / step) * step; };
  const cv::Point2d along = endplate.ant - endplate.post;
  const double length = std::exp(nearest(std::log(cv::norm(along)), kLengthStep));
  const double angle = nearest(std::atan2(along.y, along.x), rad_from_deg(kAngleStep));
  const cv::Point2d middle = midpoint(endplate);
  const cv::Point2d at(nearest(middle.x, kPositionStep * length),
                       nearest(middle.y, kPositionStep * length));
  const cv::Point2d half = 0.5 * length * cv::Point2d(std::cos(angle), std::sin(angle));
  return {at - half, at + half};
}

bool has_length(const Endplate& endplate) { return cv::norm(endplate.ant - endplate.post) > 0; }

/// Endplates of the vertebral bodies that have a length, hence a window.
void add_bodies(const Landmarks& landmarks, std::vector<EndplateRef>& endplates) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& body = landmarks.vertebrae[i];
    if (body && has_length(body->sup)) {
      endplates.push_back(
          {true, [i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->sup; },
           [i](LandmarkUncertainty& s) -> EndplateUncertainty& { return s.vertebrae[i]->sup; }});
    }
    if (body && has_length(body->inf)) {
      endplates.push_back(
          {false, [i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->inf; },
           [i](LandmarkUncertainty& s) -> EndplateUncertainty& { return s.vertebrae[i]->inf; }});
    }
  }
}

void add_s1(const Landmarks& landmarks, std::vector<EndplateRef>& endplates) {
  if (!landmarks.s1 || !has_length(*landmarks.s1)) return;
  endplates.push_back({true, [](Landmarks& l) -> Endplate& { return *l.s1; },
                       [](LandmarkUncertainty& s) -> EndplateUncertainty& { return *s.s1; }});
}

/// Reads an EndplateEstimate from the output planes of a model.
class EstimateReader {
 public:
  explicit EstimateReader(const ModelInfo& info)
      : front_(find(info, "front")),
        back_(find(info, "back")),
        height_(find(info, "height")),
        slope_(find(info, "slope")),
        ends_deviation_(find(info, "log_spread_ends")),
        height_deviation_(find(info, "log_spread_height")),
        slope_deviation_(find(info, "log_spread_slope")) {}

  [[nodiscard]] EndplateEstimate operator()(const std::vector<cv::Mat>& planes) const {
    const auto value = [&](std::size_t i) {
      return static_cast<double>(planes[i].at<float>(0, 0));
    };
    // Standard deviation of a Laplace distribution from the logarithm of its scale.
    const auto deviation = [&](std::size_t i) { return std::sqrt(2.0) * std::exp(value(i)); };
    return {value(front_),
            value(back_),
            value(height_),
            value(slope_),
            deviation(ends_deviation_),
            deviation(height_deviation_),
            deviation(slope_deviation_)};
  }

 private:
  static std::size_t find(const ModelInfo& info, const std::string& name) {
    const auto at = std::find(info.outputs.begin(), info.outputs.end(), name);
    if (at == info.outputs.end()) {
      throw Error(ErrorKind::weights, "predict endplates: " + info.file.string() +
                                          ": missing output \"" + name + "\" (" +
                                          std::to_string(info.outputs.size()) + " outputs found)");
    }
    return static_cast<std::size_t>(at - info.outputs.begin());
  }

  std::size_t front_, back_, height_, slope_, ends_deviation_, height_deviation_, slope_deviation_;
};

/// Inverse-variance weighted average of two estimates of one window.
EndplateEstimate averaged(const EndplateEstimate& a, const EndplateEstimate& b) {
  EndplateEstimate result;
  const auto average = [&](std::initializer_list<double EndplateEstimate::*> values,
                           double EndplateEstimate::*deviation) {
    const double wa = 1 / (a.*deviation * (a.*deviation)), wb = 1 / (b.*deviation * (b.*deviation));
    for (const auto value : values) {
      result.*value = (wa * (a.*value) + wb * (b.*value)) / (wa + wb);
    }
    // Both images show the same bone, so the errors are correlated and do not average out.
    result.*deviation = std::min(a.*deviation, b.*deviation);
  };
  average({&EndplateEstimate::front, &EndplateEstimate::back}, &EndplateEstimate::ends_deviation);
  average({&EndplateEstimate::height}, &EndplateEstimate::height_deviation);
  average({&EndplateEstimate::slope}, &EndplateEstimate::slope_deviation);
  return result;
}

/// Whether a window has one grey value throughout; the network would predict the mean pose there.
bool is_uniform(const cv::Mat& square) {
  double least = 0, most = 0;
  cv::minMaxLoc(square, &least, &most);
  return most <= least;
}

/// Predicts endplates of one radiograph.
class Predictor {
 public:
  Predictor(const Image& film, const Image* restored, const Model& model)
      : film_(film), restored_(restored), model_(model), read_estimate_(model.info()) {}

  /// Runs all passes and updates landmarks and uncertainty. A window that did not move since the
  /// previous pass is not evaluated again.
  void refine(const std::vector<EndplateRef>& endplates, EndplatePrediction& prediction,
              int passes) const {
    std::vector<EndplateWindow> windows(endplates.size());
    for (int pass = 0; pass < passes; ++pass) {
      std::vector<std::size_t> moved;
      Windows squares;
      for (std::size_t k = 0; k < endplates.size(); ++k) {
        const EndplateWindow window = window_of(endplates[k], prediction.landmarks);
        if (pass > 0 && window.to_window == windows[k].to_window) continue;
        windows[k] = window;
        const cv::Mat square = cut(film_.pixels(), window);
        if (is_uniform(square)) {
          endplates[k].deviation(prediction.uncertainty) = kUnpredicted;
          continue;
        }
        moved.push_back(k);
        squares.push_back({square});
        if (restored_ != nullptr) squares.push_back({cut(restored_->pixels(), window)});
      }
      const Windows planes = model_.run(squares);
      auto next = planes.begin();
      for (const std::size_t k : moved) {
        EndplateEstimate estimate = read_estimate_(*next++);
        if (restored_ != nullptr) estimate = averaged(estimate, read_estimate_(*next++));
        if (estimate.back - estimate.front < kMinLength) continue;
        endplates[k].endplate(prediction.landmarks) = endplate_of(estimate, windows[k]);
        endplates[k].deviation(prediction.uncertainty) = deviation_of(estimate);
      }
    }
  }

 private:
  [[nodiscard]] EndplateWindow window_of(const EndplateRef& endplate, Landmarks& landmarks) const {
    return endplate_window(quantized(endplate.endplate(landmarks)), landmarks.anterior,
                           endplate.superior, model_.info().input.size);
  }

  const Image& film_;
  const Image* restored_;
  const Model& model_;
  EstimateReader read_estimate_;
};

EndplatePrediction unpredicted(const Landmarks& landmarks) {
  EndplatePrediction prediction{landmarks, {}, {}};
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (landmarks.vertebrae[i]) prediction.uncertainty.vertebrae[i] = {kUnpredicted, kUnpredicted};
  }
  if (landmarks.s1) prediction.uncertainty.s1 = kUnpredicted;
  prediction.uncertainty.femoral_heads.resize(landmarks.femoral_heads.size());
  return prediction;
}

/// Refines all endplates of landmarks that have a length.
EndplatePrediction predicted(const Predictor& predictor, const Landmarks& landmarks, int passes) {
  EndplatePrediction prediction = unpredicted(landmarks);
  std::vector<EndplateRef> endplates;
  add_bodies(landmarks, endplates);
  add_s1(landmarks, endplates);
  predictor.refine(endplates, prediction, passes);
  return prediction;
}

/// Removes structures with an endplate of uncertain direction, and flags them.
void drop_unclear(EndplatePrediction& prediction) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    auto& deviation = prediction.uncertainty.vertebrae[i];
    if (!deviation || std::max(deviation->sup.turn_deg, deviation->inf.turn_deg) < kUnclearDeg)
      continue;
    prediction.landmarks.vertebrae[i].reset();
    deviation.reset();
    prediction.qc.push_back("unclear_" + std::string(to_string(kStructures[i])));
  }
  if (!prediction.uncertainty.s1 || prediction.uncertainty.s1->turn_deg < kUnclearDeg) return;
  prediction.landmarks.s1.reset();
  prediction.uncertainty.s1.reset();
  prediction.qc.emplace_back("unclear_S1");
}

double accepted_deviation_deg(bool replaces) {
  return replaces ? kMaxReplacingDeviationDeg : kMaxSoughtDeviationDeg;
}

/// Flags a level that was found where it should lie instead of by its outline.
void flag_sought(const std::string& level, std::vector<std::string>& qc) {
  std::erase(qc, "unclear_" + level);
  qc.push_back("uncertain_" + level);
}

bool is_inside(const Endplate& plate, cv::Size film) {
  const cv::Rect2d area({0, 0}, cv::Size2d(film));
  return area.contains(plate.post) && area.contains(plate.ant);
}

/// Seeks a body where it should lie between or beyond its neighbours.
void seek_body(const Predictor& predictor, std::size_t level, EndplatePrediction& prediction) {
  Landmarks others = prediction.landmarks;
  others.vertebrae[level].reset();
  const auto usual = expected_body(others, level);
  if (!usual || !has_length(usual->sup)) return;
  const cv::Size film = others.size;
  if (!is_inside(usual->sup, film) || !is_inside(usual->inf, film)) return;
  Landmarks start;
  start.anterior = others.anterior;
  start.vertebrae[level] = usual;
  const EndplatePrediction sought = predicted(predictor, start, kSeekingPasses);
  const auto& deviation = *sought.uncertainty.vertebrae[level];
  const auto& body = *sought.landmarks.vertebrae[level];
  const bool replaces = prediction.landmarks.vertebrae[level].has_value();
  if (std::max(deviation.sup.turn_deg, deviation.inf.turn_deg) > accepted_deviation_deg(replaces) ||
      !is_near(body, *usual)) {
    return;
  }
  prediction.landmarks.vertebrae[level] = body;
  prediction.uncertainty.vertebrae[level] = deviation;
  flag_sought(level_name(level), prediction.qc);
}

/// Seeks bodies that were not found, those with an endplate that converged to another one's, and L5
/// where what was found is so far from L4 that it may be S1.
void seek_bodies(const Predictor& predictor, EndplatePrediction& prediction) {
  const auto& bodies = prediction.landmarks.vertebrae;
  const auto& l4 = bodies[kLumbarCount - 2];
  for (std::size_t level = 0; level < kLumbarCount; ++level) {
    const bool distant = level + 1 == kLumbarCount && l4 && bodies[level] &&
                         is_distant(prediction.landmarks, *l4, bodies[level]->sup);
    const bool misplaced = bodies[level] && is_misplaced(prediction.landmarks, level);
    if (!bodies[level] || distant || misplaced) seek_body(predictor, level, prediction);
  }
}

/// Seeks S1 below L5 where the outline of the sacrum does not give it, gives an endplate that is so
/// far from L5 that it may be that of S2, or where it converged to an endplate of L5.
void seek_s1(const Predictor& predictor, EndplatePrediction& prediction) {
  const Landmarks& found = prediction.landmarks;
  const auto& l5 = found.vertebrae.back();
  if (!l5 || !has_length(l5->inf)) return;
  const bool l5_is_sound = !is_misplaced(found, kLumbarCount - 1);
  const auto is_unusual = [&](const Endplate& s1) {
    return is_distant(found, *l5, s1) || (l5_is_sound && is_s1_misplaced(found, *l5, s1));
  };
  if (found.s1 && !is_unusual(*found.s1)) return;
  Landmarks start;
  start.anterior = found.anterior;
  start.s1 = expected_s1(l5->inf, found.anterior);
  const EndplatePrediction sought = predicted(predictor, start, kSeekingPasses);
  if (sought.uncertainty.s1->turn_deg > accepted_deviation_deg(found.s1.has_value()) ||
      is_unusual(*sought.landmarks.s1)) {
    return;
  }
  prediction.landmarks.s1 = sought.landmarks.s1;
  prediction.uncertainty.s1 = sought.uncertainty.s1;
  flag_sought("S1", prediction.qc);
}

}  // namespace

void require_endplates(const ModelInfo& info) { const EstimateReader reader(info); }

EndplatePrediction predict_endplates(const Image& film, const Landmarks& found, const Model& model,
                                     const Image* restored) {
  const Predictor predictor(film, restored, model);
  EndplatePrediction prediction = predicted(predictor, found, kPasses);
  drop_unclear(prediction);
  seek_bodies(predictor, prediction);
  seek_s1(predictor, prediction);
  return prediction;
}

}  // namespace spine
