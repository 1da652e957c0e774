#include <cmath>

#include "phantom.h"
#include "support/catch.h"

#include "spine/sim/raster.h"

using namespace spine;
using namespace spine::sim;

TEST_CASE(
    "sampled views show the complete lumbar spine upright and with the stated anterior side") {
  const Anatomy anatomy = test::sphere_anatomy();
  int left = 0, heads_cut = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ViewGeometry view = sample_view(anatomy, Rng(seed));
    const Camera camera(view, 400);
    const cv::Rect2d film(0, 0, camera.size().width, camera.size().height);
    for (const VertebraTruth& v : anatomy.vertebrae) {
      CHECK(film.contains(camera.to_pixel(v.sup_ant)));
      CHECK(film.contains(camera.to_pixel(v.inf_post)));
      CHECK((camera.to_pixel(v.sup_ant).x < camera.to_pixel(v.sup_post).x) ==
            (view.anterior == Side::left));
    }
    CHECK(camera.to_pixel(anatomy.s1_post).y > camera.to_pixel(anatomy.frames[0].center).y);
    CHECK(std::abs(view.right.dot(view.down)) < 1e-9);
    const double magnification = camera.magnification(anatomy.frames[2].center);
    CHECK(magnification > 1.05);
    CHECK(magnification < 1.5);
    left += view.anterior == Side::left ? 1 : 0;
    const cv::Point2d lowest = camera.to_pixel(anatomy.heads[0].center - cv::Vec3d(0, 0, 24));
    heads_cut += film.contains(lowest) ? 0 : 1;
  }
  CHECK(left > 110);
  CHECK(left < 190);
  CHECK(heads_cut > 3);
  CHECK(heads_cut < 45);
}
