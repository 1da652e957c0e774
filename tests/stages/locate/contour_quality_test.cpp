#include "spine/stages/locate/contour_quality.h"

#include <cmath>

#include "support/catch.h"
#include "support/near.h"

#include "spine/core/geometry.h"

using namespace spine;
using spine::test::near;

namespace {

const Endplate kPlate{{100, 200}, {180, 200}};

/// Outline points along a part of the endplate, at a distance from it.
std::vector<OutlinePoint> beside(double from, double to, double off_px, double width_px) {
  std::vector<OutlinePoint> outline;
  for (double t = from; t <= to; t += 0.01) {
    outline.push_back({{100 + 80 * t, 200 + off_px}, width_px});
  }
  return outline;
}

const AnatomicalFrame kSquarePixels(Side::left, std::nullopt);

/// @param rows  rows per column width
std::vector<OutlinePoint> circle(const FemoralHead& head, double from_deg, double to_deg,
                                 double rows = 1) {
  std::vector<OutlinePoint> outline;
  for (double a = from_deg; a < to_deg; a += 1) {
    const cv::Point2d way(std::cos(rad_from_deg(a)), rows * std::sin(rad_from_deg(a)));
    outline.push_back({head.center + head.radius * way, 6});
  }
  return outline;
}

}  // namespace

TEST_CASE("width, scatter and coverage are those of the outline near an endplate") {
  const ContourQuality quality = endplate_contour_quality(kPlate, beside(0, 1, 2, 4), 0.9);
  CHECK(quality.width == near(4.0 / 80));
  CHECK(quality.scatter == near(2.0 / 80));
  CHECK(quality.coverage == near(1));
  CHECK(quality.confidence == near(0.9));
  CHECK(endplate_contour_quality(kPlate, beside(0, 0.49, 0, 4), 0.9).coverage == near(0.5));
}

TEST_CASE("points far from an endplate or beyond its ends are ignored") {
  CHECK(endplate_contour_quality(kPlate, beside(0, 1, 30, 4), 0.9).coverage == near(0));
  CHECK(endplate_contour_quality(kPlate, beside(1.1, 2, 0, 4), 0.9).coverage == near(0));
  CHECK(endplate_contour_quality(kPlate, {}, 0.9).width == near(1));
}

TEST_CASE("a half circle covers half of a head") {
  const FemoralHead head{{300, 400}, 50};
  CHECK(head_contour_quality(head, circle(head, 0, 360), 0.8, kSquarePixels).coverage == near(1));
  CHECK(head_contour_quality(head, circle(head, 2, 178), 0.8, kSquarePixels).coverage == near(0.5));
  CHECK(head_contour_quality(head, circle(head, 0, 360), 0.8, kSquarePixels).width ==
        near(6.0 / 50));
  CHECK(head_contour_quality(head, circle(head, 0, 360), 0.8, kSquarePixels).scatter ==
        near(0, 1e-9));
}

TEST_CASE("anisotropic pixels do not change the quality of a head") {
  const FemoralHead head{{300, 400}, 50};
  const AnatomicalFrame tall(Side::left, Spacing{0.2, 0.1});
  const ContourQuality quality = head_contour_quality(head, circle(head, 0, 360, 0.5), 0.8, tall);
  CHECK(quality.coverage == near(1));
  CHECK(quality.scatter == near(0, 1e-9));
  CHECK(head_contour_quality(head, circle(head, 0, 360, 0.5), 0.8, kSquarePixels).coverage < 0.7);
}

TEST_CASE("every landmark that was found has a quality and an uncertainty") {
  Landmarks landmarks;
  landmarks.vertebrae[1] = VertebraCorners{kPlate, {{100, 260}, {180, 260}}};
  landmarks.s1 = Endplate{{100, 300}, {170, 330}};
  landmarks.femoral_heads = {{{300, 400}, 50}, {{340, 420}, 55}};
  Segmentation seen;
  seen.outlines[index(Structure::L2)] = beside(0, 1, 0, 4);
  // The outline of the second head is in mask F1.
  seen.outlines[index(Structure::F1)] = circle(landmarks.femoral_heads[1], 0, 360);
  seen.outlines[index(Structure::F2)] = circle(landmarks.femoral_heads[0], 0, 180);
  const auto scored = contour_qualities(landmarks, seen, kSquarePixels);
  std::vector<std::string> names;
  for (const auto& t : scored) names.push_back(t.name);
  CHECK(names == std::vector<std::string>{"L2.sup", "L2.inf", "S1.sup", "F1", "F2"});
  CHECK(scored[0].quality.coverage == near(1));
  CHECK(scored[3].quality.coverage < 0.6);
  CHECK(scored[4].quality.coverage == near(1));
  const LandmarkUncertainty uncertainty = default_uncertainty(scored);
  CHECK_FALSE(uncertainty.vertebrae[0].has_value());
  REQUIRE(uncertainty.vertebrae[1].has_value());
  CHECK(uncertainty.vertebrae[1]->sup.turn_deg > 0);
  CHECK(uncertainty.s1.has_value());
  CHECK(uncertainty.femoral_heads.size() == 2);
}
