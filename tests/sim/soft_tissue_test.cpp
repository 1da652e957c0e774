#include <cmath>
#include <map>

#include "phantom.h"
#include "support/catch.h"

using namespace spine;
using namespace spine::sim;

namespace {

/// Every edge must be used once in each direction.
bool closes(const Mesh& mesh) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> edges;
  for (const auto& f : mesh.faces) {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::uint32_t a = f[i], b = f[(i + 1) % 3];
      edges[{std::min(a, b), std::max(a, b)}] += a < b ? 1 : -1;
    }
  }
  for (const auto& [edge, balance] : edges) {
    if (balance != 0) return false;
  }
  return true;
}

Patient someone(std::uint64_t seed) { return sample_patient(Rng(seed).split("patient")); }

}  // namespace

TEST_CASE("every soft part is a closed mesh of positive volume") {
  const Anatomy anatomy = test::sphere_anatomy();
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const SoftTissue soft = sample_soft_tissue(someone(seed), anatomy, Rng(seed).split("soft"));
    CHECK(closes(soft.envelope));
    CHECK(signed_volume(soft.envelope) > 1e7);  // ten litres
    for (const SoftTissue::Part& part : soft.parts) {
      CHECK(closes(part.mesh));
      CHECK(signed_volume(part.mesh) > 0);
    }
  }
}

TEST_CASE("heavier patients are deeper") {
  const Anatomy anatomy = test::sphere_anatomy();
  Patient patient = someone(1);
  const auto volume = [&](double body_mass_index) {
    patient.body_mass_index = body_mass_index;
    return signed_volume(sample_soft_tissue(patient, anatomy, Rng(5)).envelope);
  };
  CHECK(volume(20) < volume(27));
  CHECK(volume(27) < volume(38));
}

TEST_CASE("the skin encloses the spine") {
  const Anatomy anatomy = test::sphere_anatomy();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const SoftTissue soft = sample_soft_tissue(someone(seed), anatomy, Rng(seed).split("soft"));
    const PathLengthProjections maps = project(anatomy, soft, nullptr, test::plain_view(), 225);
    const cv::Mat& tissue = maps.length_mm[static_cast<std::size_t>(Material::soft)];
    for (const auto& v : maps.landmarks.vertebrae) {
      REQUIRE(v);
      const cv::Point2d back = v->sup.post + (v->sup.post - v->sup.ant);
      CHECK(tissue.at<float>(cv::Point(back)) > 20);
    }
  }
}
