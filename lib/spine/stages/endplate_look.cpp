#include "spine/stages/endplate_look.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/stages/endplate_window.h"

namespace spine {
namespace {

constexpr int kPasses = 2;
// S1 as it mostly lies under L5: in lengths of L5's inferior endplate, and against its direction.
constexpr double kL5ToS1 = 0.3, kL5ToS1Deg = 12;
constexpr double kSureDeg = 3;      // of a direction, standard deviation
constexpr double kShortest = 0.1;   // endplate, of the window's side
constexpr double kUnclearDeg = 10;  // standard deviation
// Of what the network does not draw.
constexpr EndplateSpread kUnseen{20, 0.3, 0.3};

/// An endplate of one of the films.
struct Place {
  std::size_t film;
  bool superior;
  std::function<Endplate&(Landmarks&)> endplate;
  std::function<EndplateSpread&(LandmarkSpreads&)> spread;
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

bool has_length(const Endplate& endplate) { return cv::norm(endplate.ant - endplate.post) > 0; }

/// The endplates of a film that can be drawn.
void add_places(std::size_t film, const Landmarks& landmarks, std::vector<Place>& places) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& body = landmarks.vertebrae[i];
    if (body && has_length(body->sup)) {
      places.push_back(
          {film, true, [i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->sup; },
           [i](LandmarkSpreads& s) -> EndplateSpread& { return s.vertebrae[i]->sup; }});
    }
    if (body && has_length(body->inf)) {
      places.push_back(
          {film, false, [i](Landmarks& l) -> Endplate& { return l.vertebrae[i]->inf; },
           [i](LandmarkSpreads& s) -> EndplateSpread& { return s.vertebrae[i]->inf; }});
    }
  }
}

void add_s1(std::size_t film, const Landmarks& landmarks, std::vector<Place>& places) {
  if (!landmarks.s1 || !has_length(*landmarks.s1)) return;
  places.push_back({film, true, [](Landmarks& l) -> Endplate& { return *l.s1; },
                    [](LandmarkSpreads& s) -> EndplateSpread& { return *s.s1; }});
}

/// Where each of a sight's numbers is among the model's outputs.
class Answers {
 public:
  explicit Answers(const ModelInfo& info)
      : front_(find(info, "front")),
        back_(find(info, "back")),
        height_(find(info, "height")),
        slope_(find(info, "slope")),
        ends_spread_(find(info, "log_spread_ends")),
        height_spread_(find(info, "log_spread_height")),
        slope_spread_(find(info, "log_spread_slope")) {}

  [[nodiscard]] EndplateSight operator()(const std::vector<cv::Mat>& planes) const {
    const auto value = [&](std::size_t i) {
      return static_cast<double>(planes[i].at<float>(0, 0));
    };
    // Of a Laplace distribution.
    const auto deviation = [&](std::size_t i) { return std::sqrt(2.0) * std::exp(value(i)); };
    return {value(front_),           value(back_),
            value(height_),          value(slope_),
            deviation(ends_spread_), deviation(height_spread_),
            deviation(slope_spread_)};
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

  std::size_t front_, back_, height_, slope_, ends_spread_, height_spread_, slope_spread_;
};

/// Two sights of one window, weighted by what each is worth.
EndplateSight averaged(const EndplateSight& a, const EndplateSight& b) {
  EndplateSight result;
  const auto average = [&](std::initializer_list<double EndplateSight::*> values,
                           double EndplateSight::*spread) {
    const double wa = 1 / (a.*spread * (a.*spread)), wb = 1 / (b.*spread * (b.*spread));
    for (const auto value : values) {
      result.*value = (wa * (a.*value) + wb * (b.*value)) / (wa + wb);
    }
    // Both see the same bone: their errors are much alike.
    result.*spread = std::min(a.*spread, b.*spread);
  };
  average({&EndplateSight::front, &EndplateSight::back}, &EndplateSight::ends_spread);
  average({&EndplateSight::height}, &EndplateSight::height_spread);
  average({&EndplateSight::slope}, &EndplateSight::slope_spread);
  return result;
}

/// Draws endplates of films.
class Drawing {
 public:
  Drawing(std::span<const Image* const> films, std::span<const Image* const> restored, Model& model)
      : films_(films), restored_(restored), model_(model), answers_(model.info()) {}

  void draw(const std::vector<Place>& places, std::vector<EndplateLook>& looks) {
    for (int pass = 0; pass < kPasses; ++pass) {
      std::vector<EndplateWindow> windows;
      std::vector<std::vector<cv::Mat>> squares;
      for (const Place& place : places) {
        Landmarks& landmarks = looks[place.film].landmarks;
        windows.push_back(endplate_window(place.endplate(landmarks), landmarks.anterior,
                                          place.superior, model_.info().input.size));
        squares.push_back({cut(films_[place.film]->pixels(), windows.back())});
        if (const Image* other = restored(place.film)) {
          squares.push_back({cut(other->pixels(), windows.back())});
        }
      }
      const auto planes = model_.run(squares);
      auto next = planes.begin();
      for (std::size_t k = 0; k < places.size(); ++k) {
        const Place& place = places[k];
        EndplateSight sight = answers_(*next++);
        if (restored(place.film) != nullptr) sight = averaged(sight, answers_(*next++));
        if (sight.back - sight.front < kShortest) continue;
        place.endplate(looks[place.film].landmarks) = endplate_of(sight, windows[k]);
        place.spread(looks[place.film].spreads) = spread_of(sight);
      }
    }
  }

 private:
  [[nodiscard]] const Image* restored(std::size_t film) const {
    return restored_.empty() ? nullptr : restored_[film];
  }

  std::span<const Image*const> films_, restored_;
  Model& model_;
  Answers answers_;
};

EndplateLook look_to_be(const Landmarks& landmarks) {
  EndplateLook look{landmarks, {}, {}};
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (landmarks.vertebrae[i]) look.spreads.vertebrae[i] = {kUnseen, kUnseen};
  }
  if (landmarks.s1) look.spreads.s1 = kUnseen;
  look.spreads.femoral_heads.resize(landmarks.femoral_heads.size());
  return look;
}

/// Looks for S1 where the sacrum's outline did not show it.
void look_under_l5(Drawing& drawing, std::vector<EndplateLook>& looks) {
  std::vector<Place> places;
  for (std::size_t f = 0; f < looks.size(); ++f) {
    Landmarks& landmarks = looks[f].landmarks;
    const auto& l5 = landmarks.vertebrae.back();
    if (landmarks.s1 || !l5 || !has_length(l5->inf)) continue;
    landmarks.s1 = s1_under(l5->inf, landmarks.anterior);
    looks[f].spreads.s1 = kUnseen;
    add_s1(f, landmarks, places);
  }
  drawing.draw(places, looks);
  for (const Place& place : places) {
    EndplateLook& look = looks[place.film];
    if (look.spreads.s1->turn_deg < kSureDeg) continue;
    look.landmarks.s1.reset();
    look.spreads.s1.reset();
  }
}

/// Leaves out what has an endplate that might as well be turned by tens of degrees.
void drop_unclear(EndplateLook& look) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    auto& spread = look.spreads.vertebrae[i];
    if (!spread || std::max(spread->sup.turn_deg, spread->inf.turn_deg) < kUnclearDeg) continue;
    look.landmarks.vertebrae[i].reset();
    spread.reset();
    look.qc.push_back("unclear_" + std::string(to_string(kStructures[i])));
  }
  if (!look.spreads.s1 || look.spreads.s1->turn_deg < kUnclearDeg) return;
  look.landmarks.s1.reset();
  look.spreads.s1.reset();
  look.qc.emplace_back("unclear_S1");
}

}  // namespace

void require_endplates(const ModelInfo& info) { const Answers all(info); }

std::vector<EndplateLook> look_at_endplates(std::span<const Image* const> films,
                                            std::span<const Landmarks> found, Model& model,
                                            std::span<const Image* const> restored) {
  Drawing drawing(films, restored, model);
  std::vector<EndplateLook> looks;
  std::vector<Place> places;
  for (std::size_t f = 0; f < found.size(); ++f) {
    looks.push_back(look_to_be(found[f]));
    add_places(f, found[f], places);
    add_s1(f, found[f], places);
  }
  drawing.draw(places, looks);
  look_under_l5(drawing, looks);
  for (EndplateLook& look : looks) drop_unclear(look);
  return looks;
}

}  // namespace spine
