#include "spine/sim/hip_prosthesis.h"

#include "mesh_fixtures.h"
#include "support/catch.h"

using namespace spine;
using namespace spine::sim;

TEST_CASE("a hip prosthesis consists of closed parts around its head") {
  HipProsthesisForm form;
  form.head = {{2, 85, -1}, 16};
  form.cup_opening = cv::normalize(cv::Vec3d(0.3, 0.65, -0.7));
  form.shaft_top = {0, 122, -40};
  form.shaft_bottom = {0, 117, -150};
  for (const bool cemented : {false, true}) {
    for (const bool plastic : {false, true}) {
      form.cemented = cemented;
      form.polyethylene_cup = plastic;
      const auto parts = make_hip_prosthesis(form, "left");
      REQUIRE(parts.size() >= 5);
      bool shell = false;
      bool mantle = false;
      double lowest = 0;
      for (const ImplantPart& part : parts) {
        CHECK(part.name == "hip_prosthesis_left");
        CHECK(is_closed(part.mesh));
        CHECK(signed_volume(part.mesh) > 0);
        mantle = mantle || part.material == Material::cortical;
        double farthest = 0;
        for (const auto& v : part.mesh.vertices) {
          farthest = std::max(farthest, cv::norm(cv::Vec3d(v) - form.head.center));
          lowest = std::min(lowest, static_cast<double>(v[2]));
        }
        shell =
            shell || (part.material == Material::titanium && farthest < form.cup_radius_mm + 0.1);
      }
      CHECK(shell == !plastic);
      CHECK(mantle == cemented);
      CHECK(lowest < -40 - 0.9 * form.stem_length_mm);
    }
  }
}
