#include "spine/sim/simulated_raters.h"

#include <array>
#include <cmath>
#include <locale>
#include <sstream>

#include "spine/core/geometry.h"
#include "spine/stages/measure/measure.h"

namespace spine::sim {
namespace {

constexpr std::array<const char*, 8> kParameters{
    "PT", "SS", "PI", "LL", "PI_LL", "L4_S1", "segmental_L4_L5", "disc_height_L4_L5_mean"};

std::uint64_t number_of(const std::string& study) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : study) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

/// A rater in one session of one film.
class Rater {
 public:
  Rater(const Spacing& spacing, const std::string& study, int rater, int session,
        const RaterNoise& noise)
      : spacing_(spacing),
        noise_(noise),
        habit_(Rng(0x5EAD).split("reader", static_cast<std::uint64_t>(rater))),
        film_(habit_.split("film", number_of(study))
                  .split("session", static_cast<std::uint64_t>(session))) {}

  /// @param what  identifies the landmark, for the systematic part
  void move(Endplate& endplate, double turn_deg, const std::string& what) {
    const double turn = rad_from_deg(draw(turn_deg, what + " turn"));
    const cv::Point2d shift = shift_px(noise_.shift_mm, what);
    const cv::Point2d middle = midpoint(endplate);
    for (cv::Point2d* end : {&endplate.post, &endplate.ant}) {
      const cv::Point2d from((end->x - middle.x) * spacing_.col_mm,
                             (end->y - middle.y) * spacing_.row_mm);
      const cv::Point2d turned(from.x * std::cos(turn) - from.y * std::sin(turn),
                               from.x * std::sin(turn) + from.y * std::cos(turn));
      *end = middle + shift + cv::Point2d(turned.x / spacing_.col_mm, turned.y / spacing_.row_mm);
    }
  }
  void move(FemoralHead& head) { head.center += shift_px(noise_.head_mm, "head"); }

 private:
  /// A fraction of the deviation is systematic for the rater, the rest random per film and session.
  double draw(double deviation, const std::string& what) {
    const double kept = noise_.habit * habit_.split(what).normal();
    return deviation * (kept + std::sqrt(1 - noise_.habit * noise_.habit) * film_.normal());
  }
  cv::Point2d shift_px(double deviation_mm, const std::string& what) {
    const double x = draw(deviation_mm, what + " x") / spacing_.col_mm;
    const double y = draw(deviation_mm, what + " y") / spacing_.row_mm;
    return {x, y};
  }

  Spacing spacing_;
  RaterNoise noise_;
  Rng habit_, film_;
};

}  // namespace

Landmarks read_landmarks_as(const Landmarks& truth, const Spacing& spacing,
                            const std::string& study, int rater, int session,
                            const RaterNoise& noise) {
  Rater drawn(spacing, study, rater, session, noise);
  Landmarks read = truth;
  for (auto& vertebra : read.vertebrae) {
    if (!vertebra) continue;
    drawn.move(vertebra->sup, noise.endplate_turn_deg, "sup");
    drawn.move(vertebra->inf, noise.endplate_turn_deg, "inf");
  }
  if (read.s1) drawn.move(*read.s1, noise.s1_turn_deg, "s1");
  for (auto& head : read.femoral_heads) drawn.move(head);
  return read;
}

std::string readings_of(const Landmarks& truth, const Spacing& spacing, const std::string& study,
                        int raters, int sessions, const RaterNoise& noise) {
  std::ostringstream rows;
  rows.imbue(std::locale::classic());
  rows.setf(std::ios::fixed);
  rows.precision(3);
  MeasureOptions options;
  options.spacing = spacing;
  for (int rater = 0; rater < raters; ++rater) {
    for (int session = 0; session < sessions; ++session) {
      const Measurements values =
          measure(read_landmarks_as(truth, spacing, study, rater, session, noise), options);
      for (const char* name : kParameters) {
        const Measurement* value = values.find(name);
        if (value == nullptr || !value->value) continue;
        rows << study << ',' << static_cast<char>('A' + rater) << ',' << session + 1 << ',' << name
             << ',' << *value->value << '\n';
      }
    }
  }
  return rows.str();
}

}  // namespace spine::sim
