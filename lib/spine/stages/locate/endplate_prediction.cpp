#include "spine/stages/locate/endplate_prediction.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/stages/locate/endplate_window.h"

namespace spine {
namespace {

constexpr int kPasses = 2;
// S1 as it mostly lies under L5: in lengths of L5's inferior endplate, and against its direction.
constexpr double kL5ToS1 = 0.3, kL5ToS1Deg = 12;
constexpr double kSureDeg = 3;      // of a direction, standard deviation
constexpr double kShortest = 0.1;   // endplate, of the window's side
constexpr double kUnclearDeg = 10;  // standard deviation
// Of what the network does not draw.
constexpr EndplateUncertainty kUnseen{20, 0.3, 0.3};

/// An endplate of the film.
struct Place {
  bool superior;
  std::function<Endplate&(Landmarks&)> endplate;
  std::function<EndplateUncertainty&(LandmarkUncertainty&)> deviation;
};

/// Where S1 is mostly to be found under L5.
Endplate s1_under(const Endplate& l5, Side anterior) {
  const cv::Point2d forwards = l5.ant - l5.post;
  const double side = anterior == Side::left ? -1 : 1;
  const cv::Point2d down(-side * forwards.y, side * forwards.x);
  const double turn = rad_from_deg(kL5ToS1Deg);
  const cv::Point2d along = std::cos(turn) * forwards + std::sin(turn) * down;
  const cv::Point2d middle = 0.5 * (l5.ant + l5.post) + kL5ToS1 * down;
  return {middle - 0.5 * along, middle + 0.5 * along};
}

/// An endplate moved to the nearest of a grid of places, directions and lengths, so that windows
/// around it do not follow every rounding of what came before: only then is what the network draws
/// the same for networks of another precision.
Endplate on_grid(const Endplate& endplate) {
  constexpr double kLengths = 0.05;     // step, relative
  constexpr double kTurns = 2;          // degrees
  constexpr double kPlaces = 1.0 / 16;  // of a length
  const auto nearest = [](double value, double step) { return std::round(value / step) * step; };
  const cv::Point2d along = endplate.ant - endplate.post;
  const double length = std::exp(nearest(std::log(cv::norm(along)), kLengths));
  const double turn = nearest(std::atan2(along.y, along.x), rad_from_deg(kTurns));
  const cv::Point2d middle = 0.5 * (endplate.ant + endplate.post);
  const cv::Point2d at(nearest(middle.x, kPlaces * length), nearest(middle.y, kPlaces * length));
  const cv::Point2d half = 0.5 * length * cv::Point2d(std::cos(turn), std::sin(turn));
  return {at - half, at + half};
}

bool has_length(const Endplate& endplate) { return cv::norm(endplate.ant - endplate.post) > 0; }

/// The endplates of bodies that can be drawn.
void add_places(const Landmarks& landmarks, std::vector<Place>& places) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& body = landmarks.vertebrae[i];
    if (body && has_length(body->sup)) {
      places.push_back(
          {true, [i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->sup; },
           [i](LandmarkUncertainty& s) -> EndplateUncertainty& { return s.vertebrae[i]->sup; }});
    }
    if (body && has_length(body->inf)) {
      places.push_back(
          {false, [i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->inf; },
           [i](LandmarkUncertainty& s) -> EndplateUncertainty& { return s.vertebrae[i]->inf; }});
    }
  }
}

void add_s1(const Landmarks& landmarks, std::vector<Place>& places) {
  if (!landmarks.s1 || !has_length(*landmarks.s1)) return;
  places.push_back({true, [](Landmarks& l) -> Endplate& { return *l.s1; },
                    [](LandmarkUncertainty& s) -> EndplateUncertainty& { return *s.s1; }});
}

/// Where each of a sight's numbers is among the model's outputs.
class Answers {
 public:
  explicit Answers(const ModelInfo& info)
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
    // Of a Laplace distribution.
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
      throw Error(ErrorKind::weights, "look at endplates: " + info.file.string() +
                                          ": expected an output \"" + name + "\" among the " +
                                          std::to_string(info.outputs.size()) + " there are");
    }
    return static_cast<std::size_t>(at - info.outputs.begin());
  }

  std::size_t front_, back_, height_, slope_, ends_deviation_, height_deviation_, slope_deviation_;
};

/// Two sights of one window, weighted by what each is worth.
EndplateEstimate averaged(const EndplateEstimate& a, const EndplateEstimate& b) {
  EndplateEstimate result;
  const auto average = [&](std::initializer_list<double EndplateEstimate::*> values,
                           double EndplateEstimate::*deviation) {
    const double wa = 1 / (a.*deviation * (a.*deviation)), wb = 1 / (b.*deviation * (b.*deviation));
    for (const auto value : values) {
      result.*value = (wa * (a.*value) + wb * (b.*value)) / (wa + wb);
    }
    // Both see the same bone: their errors are much alike.
    result.*deviation = std::min(a.*deviation, b.*deviation);
  };
  average({&EndplateEstimate::front, &EndplateEstimate::back}, &EndplateEstimate::ends_deviation);
  average({&EndplateEstimate::height}, &EndplateEstimate::height_deviation);
  average({&EndplateEstimate::slope}, &EndplateEstimate::slope_deviation);
  return result;
}

/// Whether a window is of one grey, of which the network would draw what is usual.
bool shows_nothing(const cv::Mat& square) {
  double least = 0, most = 0;
  cv::minMaxLoc(square, &least, &most);
  return most <= least;
}

/// Draws endplates of a film.
class Drawing {
 public:
  Drawing(const Image& film, const Image* restored, const Model& model)
      : film_(film), restored_(restored), model_(model), answers_(model.info()) {}

  /// A window of a later pass that is the one of the pass before would show nothing new.
  void draw(const std::vector<Place>& places, EndplatePrediction& look) const {
    std::vector<EndplateWindow> windows(places.size());
    for (int pass = 0; pass < kPasses; ++pass) {
      std::vector<std::size_t> moved;
      Windows squares;
      for (std::size_t k = 0; k < places.size(); ++k) {
        const EndplateWindow window = window_of(places[k], look.landmarks);
        if (pass > 0 && window.to_window == windows[k].to_window) continue;
        windows[k] = window;
        const cv::Mat square = cut(film_.pixels(), window);
        if (shows_nothing(square)) {
          places[k].deviation(look.uncertainty) = kUnseen;
          continue;
        }
        moved.push_back(k);
        squares.push_back({square});
        if (restored_ != nullptr) squares.push_back({cut(restored_->pixels(), window)});
      }
      const Windows planes = model_.run(squares);
      auto next = planes.begin();
      for (const std::size_t k : moved) {
        EndplateEstimate estimate = answers_(*next++);
        if (restored_ != nullptr) estimate = averaged(estimate, answers_(*next++));
        if (estimate.back - estimate.front < kShortest) continue;
        places[k].endplate(look.landmarks) = endplate_of(estimate, windows[k]);
        places[k].deviation(look.uncertainty) = deviation_of(estimate);
      }
    }
  }

 private:
  [[nodiscard]] EndplateWindow window_of(const Place& place, Landmarks& landmarks) const {
    return endplate_window(on_grid(place.endplate(landmarks)), landmarks.anterior, place.superior,
                           model_.info().input.size);
  }

  const Image& film_;
  const Image* restored_;
  const Model& model_;
  Answers answers_;
};

EndplatePrediction look_to_be(const Landmarks& landmarks) {
  EndplatePrediction look{landmarks, {}, {}};
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (landmarks.vertebrae[i]) look.uncertainty.vertebrae[i] = {kUnseen, kUnseen};
  }
  if (landmarks.s1) look.uncertainty.s1 = kUnseen;
  look.uncertainty.femoral_heads.resize(landmarks.femoral_heads.size());
  return look;
}

/// Looks for S1 where the sacrum's outline did not show it.
void look_under_l5(const Drawing& drawing, EndplatePrediction& look) {
  Landmarks& landmarks = look.landmarks;
  const auto& l5 = landmarks.vertebrae.back();
  if (landmarks.s1 || !l5 || !has_length(l5->inf)) return;
  landmarks.s1 = s1_under(l5->inf, landmarks.anterior);
  look.uncertainty.s1 = kUnseen;
  std::vector<Place> places;
  add_s1(landmarks, places);
  drawing.draw(places, look);
  if (look.uncertainty.s1->turn_deg < kSureDeg) return;
  landmarks.s1.reset();
  look.uncertainty.s1.reset();
}

/// Leaves out what has an endplate that might as well be turned by tens of degrees.
void drop_unclear(EndplatePrediction& look) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    auto& deviation = look.uncertainty.vertebrae[i];
    if (!deviation || std::max(deviation->sup.turn_deg, deviation->inf.turn_deg) < kUnclearDeg)
      continue;
    look.landmarks.vertebrae[i].reset();
    deviation.reset();
    look.qc.push_back("unclear_" + std::string(to_string(kStructures[i])));
  }
  if (!look.uncertainty.s1 || look.uncertainty.s1->turn_deg < kUnclearDeg) return;
  look.landmarks.s1.reset();
  look.uncertainty.s1.reset();
  look.qc.emplace_back("unclear_S1");
}

}  // namespace

void require_endplates(const ModelInfo& info) { const Answers all(info); }

EndplatePrediction predict_endplates(const Image& film, const Landmarks& found, const Model& model,
                                     const Image* restored) {
  const Drawing drawing(film, restored, model);
  EndplatePrediction look = look_to_be(found);
  std::vector<Place> places;
  add_places(found, places);
  add_s1(found, places);
  drawing.draw(places, look);
  look_under_l5(drawing, look);
  drop_unclear(look);
  return look;
}

}  // namespace spine
