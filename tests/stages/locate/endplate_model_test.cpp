#include "spine/stages/locate/endplate_model.h"

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

namespace {

Points profile_of(double a, double b, double bulge) {
  Points profile;
  for (int i = 0; i <= 80; ++i) {
    const double u = -16 + 0.4 * i, t = u / 17;
    profile.emplace_back(u, a + b * u + bulge * half_width(kBodyPlate, t));
  }
  return profile;
}

}  // namespace

TEST_CASE("an endplate is widest at 1 and closes at its ends") {
  for (const PlateShape& shape : {kBodyPlate, kSacralPlate}) {
    CHECK(half_width(shape, shape.widest) == near(1));
    CHECK(half_width(shape, 1) == 0);
    CHECK(half_width(shape, -1) == 0);
    CHECK(half_width(shape, 1.2) == 0);
    for (double t = -0.9; t < 0.95; t += 0.1) {
      CHECK(half_width(shape, t) > 0);
      CHECK(half_width(shape, t) <= 1);
    }
  }
}

TEST_CASE("base and bulge of a tilted endplate are found") {
  for (const double bulge : {0.5, 2.0, 4.0}) {
    for (const double slope : {-0.2, 0.0, 0.15}) {
      const auto fit = fit_tilted_plate(profile_of(12, slope, bulge), kBodyPlate, -17, 17, 0.7);
      REQUIRE(fit.has_value());
      CHECK(fit->base.a == near(12, 1e-6));
      CHECK(fit->base.b == near(slope, 1e-6));
      CHECK(fit->bulge == near(bulge, 1e-6));
      CHECK(fit->misfit == near(0, 1e-6));
    }
  }
}

TEST_CASE("a spur does not tilt the base") {
  Points profile = profile_of(12, 0.1, 2);
  for (std::size_t i = profile.size() - 10; i < profile.size(); ++i) profile[i].y += 6;
  const auto fit = fit_tilted_plate(profile, kBodyPlate, -17, 17, 0.7);
  REQUIRE(fit.has_value());
  CHECK(fit->base.b == near(0.1, 0.005));
  CHECK(fit->base.at(0) == near(12, 0.1));
}

TEST_CASE("a concave endplate has no bulge and a large misfit") {
  const auto fit = fit_tilted_plate(profile_of(12, 0.1, -3), kBodyPlate, -17, 17, 0.7);
  REQUIRE(fit.has_value());
  CHECK(fit->bulge == 0);
  CHECK(fit->base.b == near(0.1, 0.05));
  CHECK(fit->misfit > 0.3);
}

TEST_CASE("too few points or swapped ends give no fit") {
  CHECK_FALSE(fit_tilted_plate(Points(5), kBodyPlate, -17, 17, 0.7).has_value());
  CHECK_FALSE(fit_tilted_plate(profile_of(1, 0, 1), kBodyPlate, 17, -17, 0.7).has_value());
}
