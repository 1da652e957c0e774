#include "spine/stages/measure/standard_errors.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/stages/locate/contour_profile.h"

namespace spine {
namespace {

constexpr EndplateUncertainty kProbe{0.1, 1e-3, 1e-3};  // finds what depends on an endplate
constexpr double kProbeRadii = 1e-3;                    // and on a head
// Offset of a head from the midpoint of both, root mean square in radii along x and y: 287 films of
// spine-simulate --seed 2100000 --count 300 --anatomy-kind mixed.
constexpr double kHalfApartX = 0.18, kHalfApartY = 0.51;
// Additional standard deviation of endplates' directions on real radiographs.
constexpr double kRealS1Deg = 7, kRealBodyDeg = 2;

bool is_continuous(const Measurement& m) { return m.unit != "grade" && m.unit != "type"; }

Endplate moved(const Endplate& plate, const cv::Point2d& step) {
  return {plate.post + step, plate.ant + step};
}

/// Accumulates the variance of each measurement over the degrees of freedom of the landmarks.
class Propagation {
 public:
  /// @param values  measurements of the unperturbed landmarks
  Propagation(const Landmarks& landmarks, const MeasureOptions& options,
              const std::vector<Measurement>& values)
      : landmarks_(landmarks), options_(options), values_(values), variances_(values.size(), 0) {}

  /// Adds the contribution of an endplate.
  /// @param place  accessor of the endplate in landmarks
  void endplate(const std::function<Endplate&(Landmarks&)>& place,
                const std::optional<EndplateUncertainty>& deviation) {
    const EndplateUncertainty sd = deviation.value_or(kProbe);
    const bool known = deviation.has_value();
    const auto perturbed = [&](const std::function<Endplate(const Endplate&)>& how) {
      Landmarks changed = landmarks_;
      Endplate& plate = place(changed);
      plate = how(plate);
      return changed;
    };
    const auto both_signs = [&](double size, auto&& how) {
      if (size <= 0) return;
      add(perturbed([&](const Endplate& p) { return how(p, size); }),
          perturbed([&](const Endplate& p) { return how(p, -size); }), known);
    };
    both_signs(sd.turn_deg, [](const Endplate& p, double deg) { return rotated(p, deg); });
    both_signs(sd.along,
               [](const Endplate& p, double share) { return moved(p, share * (p.ant - p.post)); });
    both_signs(sd.across, [](const Endplate& p, double share) {
      const cv::Point2d along = p.ant - p.post;
      return moved(p, share * cv::Point2d(-along.y, along.x));
    });
  }

  /// Adds the contribution of a femoral head.
  void head(std::size_t i, const std::optional<double>& deviation) {
    const bool is_single = landmarks_.femoral_heads.size() == 1;
    const double own = deviation.value_or(kProbeRadii);
    const double radius = landmarks_.femoral_heads[i].radius;
    const double rows = AnatomicalFrame(landmarks_.anterior, options_.spacing).rows_per_column();
    const cv::Point2d x(std::hypot(own, is_single ? kHalfApartX : 0) * radius, 0);
    const cv::Point2d y(0, std::hypot(own, is_single ? kHalfApartY : 0) * radius * rows);
    for (const cv::Point2d& step : {x, y}) {
      if (step == cv::Point2d()) continue;
      Landmarks plus = landmarks_;
      Landmarks minus = landmarks_;
      plus.femoral_heads[i].center += step;
      minus.femoral_heads[i].center -= step;
      add(plus, minus, deviation.has_value());
    }
  }

  /// The variance of each measurement; infinite where it is not known.
  [[nodiscard]] const std::vector<double>& variances() const { return variances_; }

 private:
  void add(const Landmarks& plus, const Landmarks& minus, bool known) {
    constexpr double kUnchanged = 1e-9;
    const Measurements high = measure(plus, options_);
    const Measurements low = measure(minus, options_);
    for (std::size_t i = 0; i < variances_.size(); ++i) {
      if (!values_[i].value) continue;
      const auto& a = high.values[i].value;
      const auto& b = low.values[i].value;
      if (!a || !b) {  // the value is undefined within the error
        variances_[i] = std::numeric_limits<double>::infinity();
        continue;
      }
      const double half = 0.5 * (high.values[i].unit == "deg" ? wrap_deg(*a - *b) : *a - *b);
      if (known) {
        variances_[i] += half * half;
      } else if (std::abs(half) > kUnchanged) {
        variances_[i] = std::numeric_limits<double>::infinity();
      }
    }
  }

  const Landmarks& landmarks_;
  const MeasureOptions& options_;
  const std::vector<Measurement>& values_;
  std::vector<double> variances_;
};

}  // namespace

LandmarkUncertainty on_real_radiographs(LandmarkUncertainty predicted) {
  const auto widen = [](EndplateUncertainty& plate, double deg) {
    plate.turn_deg = std::hypot(plate.turn_deg, deg);
  };
  for (auto& body : predicted.vertebrae) {
    if (!body) continue;
    widen(body->sup, kRealBodyDeg);
    widen(body->inf, kRealBodyDeg);
  }
  if (predicted.s1) widen(*predicted.s1, kRealS1Deg);
  return predicted;
}

void add_standard_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                         const MeasureOptions& options, Measurements& measurements) {
  Propagation propagation(landmarks, options, measurements.values);
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!landmarks.vertebrae[i]) continue;
    const auto& body = uncertainty.vertebrae[i];
    propagation.endplate([i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->sup; },
                         body ? std::optional(body->sup) : std::nullopt);
    propagation.endplate([i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->inf; },
                         body ? std::optional(body->inf) : std::nullopt);
  }
  if (landmarks.s1) {
    propagation.endplate([](Landmarks& l) -> Endplate& { return *l.s1; }, uncertainty.s1);
  }
  for (std::size_t i = 0; i < landmarks.femoral_heads.size(); ++i) {
    propagation.head(
        i, i < uncertainty.femoral_heads.size() ? uncertainty.femoral_heads[i] : std::nullopt);
  }
  for (std::size_t i = 0; i < measurements.values.size(); ++i) {
    Measurement& m = measurements.values[i];
    const double variance = propagation.variances()[i];
    if (m.value && is_continuous(m) && std::isfinite(variance)) {
      m.standard_error = std::sqrt(variance);
    }
  }
}

}  // namespace spine
