#include "spine/sim/implants.h"

#include <algorithm>

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/sim/anatomy.h"

using namespace spine;
using namespace spine::sim;

namespace {

/// The bones of one patient, shared by all operations.
const Anatomy& anatomy() {
  static const Anatomy instance = [] {
    const Patient patient = sample_patient(Rng(21));
    return make_parametric_anatomy()->build(patient, pose_spine(patient), Rng(21).split("anatomy"));
  }();
  return instance;
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

}  // namespace

TEST_CASE("every part of an operation is closed and faces outwards") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Implants implants = sample_implants(anatomy(), Rng(seed));
    CAPTURE(seed);
    for (const ImplantPart& part : implants.parts) {
      CAPTURE(part.name);
      CHECK(is_closed(part.mesh));
      CHECK(signed_volume(part.mesh) > 0);
    }
  }
}

TEST_CASE("operations have realistic kinds and frequencies") {
  constexpr int kDraws = 400;
  int spine = 0;
  int hips = 0;
  int to_sacrum = 0;
  int l4_and_s1 = 0;
  int cages = 0;
  int empty = 0;
  for (int seed = 0; seed < kDraws; ++seed) {
    const Implants implants = sample_implants(anatomy(), Rng(static_cast<std::uint64_t>(seed)));
    const auto has = [&implants](const std::string& start) {
      return std::any_of(implants.parts.begin(), implants.parts.end(),
                         [&start](const ImplantPart& p) { return starts_with(p.name, start); });
    };
    spine += has("screw_") && has("rod_") ? 1 : 0;
    hips += has("hip_prosthesis_") ? 1 : 0;
    to_sacrum += has("screw_S1") ? 1 : 0;
    l4_and_s1 += has("screw_L4") && has("screw_S1") && !has("screw_L3") ? 1 : 0;
    cages += has("cage_") ? 1 : 0;
    empty += implants.parts.empty() ? 1 : 0;
    for (std::size_t side = 0; side < 2; ++side) {
      const auto& head = implants.prosthetic_heads[side];
      CHECK(head.has_value() == has(side == 0 ? "hip_prosthesis_left" : "hip_prosthesis_right"));
      if (!head) continue;
      CHECK(cv::norm(head->center - anatomy().heads[side].center) < 9);
      CHECK(head->radius_mm < anatomy().heads[side].radius_mm);
    }
  }
  CHECK(spine > 0.8 * kDraws);
  CHECK(hips > 0.05 * kDraws);
  CHECK(hips < 0.17 * kDraws);
  CHECK(to_sacrum > 0.4 * kDraws);
  CHECK(l4_and_s1 > 0.15 * kDraws);
  CHECK(cages > 0.2 * kDraws);
  CHECK(empty < 0.05 * kDraws);
}

TEST_CASE("screws run through the pedicles into the body") {
  int checked = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Implants implants = sample_implants(anatomy(), Rng(seed));
    for (std::size_t level = 0; level < 5; ++level) {
      for (std::size_t side = 0; side < 2; ++side) {
        const std::string name =
            "screw_L" + std::to_string(level + 1) + (side == 0 ? "_left" : "_right");
        const VertebraFrame& frame = anatomy().frames[level];
        double nearest = 1e9;
        double farthest = -1e9;
        bool found = false;
        for (const ImplantPart& part : implants.parts) {
          if (part.name != name) continue;
          found = true;
          for (const auto& v : part.mesh.vertices) {
            const cv::Vec3d p(v);
            nearest = std::min(nearest, cv::norm(p - frame.pedicle_center[side]));
            farthest = std::max(farthest, (p - frame.center).dot(frame.anterior));
          }
        }
        if (!found) continue;
        ++checked;
        CAPTURE(seed, name);
        CHECK(nearest < 5);                          // about the radius of the thread
        CHECK(farthest > -0.5 * frame.depth_mm);     // beyond the posterior wall
        CHECK(farthest < 0.5 * frame.depth_mm + 1);  // and not anterior to the body
      }
    }
  }
  CHECK(checked > 60);
}

TEST_CASE("an operation is determined by the seed") {
  const Implants a = sample_implants(anatomy(), Rng(3));
  const Implants b = sample_implants(anatomy(), Rng(3));
  REQUIRE(a.parts.size() == b.parts.size());
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    CHECK(a.parts[i].name == b.parts[i].name);
    CHECK(a.parts[i].mesh.vertices == b.parts[i].mesh.vertices);
  }
}
