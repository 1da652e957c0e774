#include "spine/sim/patient.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/catch.h"

#include "spine/core/geometry.h"

using namespace spine;
using namespace spine::sim;
using Catch::Matchers::WithinAbs;

namespace {

std::vector<Patient> sample(int count, double pathology) {
  std::vector<Patient> patients;
  for (int i = 0; i < count; ++i) {
    patients.push_back(
        sample_patient(Rng(77).split("patient", static_cast<std::uint64_t>(i)), {pathology}));
  }
  return patients;
}

double mean(const std::vector<Patient>& patients, double Patient::*member) {
  double sum = 0;
  for (const Patient& p : patients) sum += p.*member;
  return sum / static_cast<double>(patients.size());
}

}  // namespace

TEST_CASE("sampled patients satisfy the spinopelvic identities") {
  for (const double pathology : {0.0, 1.0, 2.0}) {
    for (const Patient& p : sample(400, pathology)) {
      CHECK_THAT(p.pi, WithinAbs(p.pt + p.ss, 1e-9));
      double sum = 0;
      for (std::size_t i = 0; i < kLumbarCount; ++i) {
        sum += p.levels[i].disc_angle + deg_from_rad(body_quad(p.levels[i]).wedge_rad);
      }
      CHECK_THAT(sum, WithinAbs(p.ll, 1e-9));
    }
  }
}

TEST_CASE("sampled patients stay within plausible bounds") {
  for (const Patient& p : sample(1500, 1.0)) {
    CHECK(p.pi >= 25);
    CHECK(p.pi <= 100);
    CHECK(p.pt >= -10);
    CHECK(p.pt <= 50);
    CHECK(p.ss >= 5);
    CHECK(p.ss <= 75);
    CHECK(p.ll >= 10);
    CHECK(p.ll <= 95);
    CHECK(p.head_radius > 19);
    CHECK(p.head_radius < 29);
    for (std::size_t i = 0; i < kLevelCount; ++i) {
      const LevelShape& s = p.levels[i];
      CHECK(s.depth_sup > 22);
      CHECK(s.depth_sup < 45);
      CHECK(s.height_ant > 9);
      CHECK(s.height_ant < 37);
      CHECK(s.disc_height >= 1.8);
      CHECK(s.disc_height < 21);
      // No disc closes at either edge.
      CHECK(s.disc_height - 0.5 * s.depth_inf * std::abs(std::sin(rad_from_deg(s.disc_angle))) >
            0.2);
    }
  }
}

TEST_CASE("means over many patients are those of the published groups") {
  const auto patients = sample(4000, 1.0);
  // 0.45 * normal + 0.25 * disc hernia + 0.30 * spondylolisthesis, slightly shifted by truncation.
  CHECK_THAT(mean(patients, &Patient::pi), WithinAbs(56.6, 1.5));
  CHECK_THAT(mean(patients, &Patient::pt), WithinAbs(16.3, 1.2));
  CHECK_THAT(mean(patients, &Patient::pelvic_radius), WithinAbs(119.2, 2.0));
  CHECK(mean(patients, &Patient::ll) > 45);
  CHECK(mean(patients, &Patient::ll) < 60);
}

TEST_CASE("two thirds of the lordosis lie below L4 on average") {
  double lower = 0, whole = 0;
  for (const Patient& p : sample(1000, 0.5)) {
    for (std::size_t i = 3; i < kLumbarCount; ++i) {
      lower += p.levels[i].disc_angle + deg_from_rad(body_quad(p.levels[i]).wedge_rad);
    }
    whole += p.ll;
  }
  CHECK_THAT(lower / whole, WithinAbs(0.65, 0.05));
}

TEST_CASE("without pathology bodies have no fractures and osteophytes") {
  for (const Patient& p : sample(200, 0.0)) {
    for (const LevelShape& s : p.levels) {
      CHECK(
          std::all_of(s.osteophyte.begin(), s.osteophyte.end(), [](double mm) { return mm == 0; }));
      CHECK(std::abs(s.slip) <= 2.5);
      CHECK(s.height_ant / s.height_post > 0.8);
    }
  }
}

TEST_CASE("pathology occurs in a population") {
  int slipped = 0, broken = 0, spurred = 0, thin = 0;
  const auto patients = sample(600, 1.0);
  for (const Patient& p : patients) {
    const auto any = [&](auto test) { return std::any_of(p.levels.begin(), p.levels.end(), test); };
    slipped += any([](const LevelShape& s) { return std::abs(s.slip) > 3; });
    broken += any([](const LevelShape& s) { return s.height_ant < 0.8 * s.height_post; });
    spurred += any([](const LevelShape& s) { return s.osteophyte[3] > 1; });
    thin += any([](const LevelShape& s) { return s.disc_height < 4.5; });
  }
  CHECK(slipped > 120);
  CHECK(broken > 20);
  CHECK(spurred > 120);
  CHECK(thin > 100);
}

TEST_CASE("varied junctions differ as those of patients do, and keep the identities") {
  PatientOptions options;
  options.junction_share = 1;
  int slipped = 0, far = 0, back = 0, collapsed = 0, domed = 0, rounded = 0, square = 0;
  std::vector<double> wedges, discs;
  for (std::uint64_t i = 0; i < 600; ++i) {
    const Patient p = sample_patient(Rng(78).split("patient", i), options);
    REQUIRE(p.junction);
    const LevelShape& l5 = p.levels[4];
    double sum = 0;
    for (std::size_t k = 0; k < kLumbarCount; ++k) {
      sum += p.levels[k].disc_angle + deg_from_rad(body_quad(p.levels[k]).wedge_rad);
    }
    CHECK_THAT(sum, WithinAbs(p.ll, 1e-9));
    const double slip = std::max(l5.slip, p.levels[3].slip) / p.s1_depth;
    slipped += slip > 0.1;
    far += slip > 0.5;
    back += std::min(l5.slip, p.levels[3].slip) / p.s1_depth < -0.05;
    collapsed += l5.disc_height < 5;
    domed += p.junction->dome_mm > 1;
    rounded += p.junction->promontory_mm > 2;
    square += p.junction->taper > 0.8;
    wedges.push_back(deg_from_rad(body_quad(l5).wedge_rad));
    discs.push_back(l5.disc_angle);
  }
  CHECK(slipped > 150);
  CHECK(far > 10);
  CHECK(back > 20);
  CHECK(collapsed > 150);
  CHECK(domed > 60);
  CHECK(rounded > 150);
  CHECK(square > 20);
  for (auto* angles : {&wedges, &discs}) {
    std::sort(angles->begin(), angles->end());
    CHECK((*angles)[540] - (*angles)[60] > 11);  // tenth to ninetieth percentile
  }
}

TEST_CASE("without varied junctions a patient is as with none") {
  PatientOptions none, all;
  all.junction_share = 1;
  const Patient a = sample_patient(Rng(5), none), b = sample_patient(Rng(5), all);
  CHECK_FALSE(a.junction);
  CHECK(b.junction);
  CHECK(a.pi == b.pi);
  CHECK(a.levels[0].depth_sup == b.levels[0].depth_sup);
  CHECK(sample_patient(Rng(5)).levels[4].disc_angle == a.levels[4].disc_angle);
}

TEST_CASE("a patient is determined by the stream") {
  const Patient a = sample_patient(Rng(5)), b = sample_patient(Rng(5)), c = sample_patient(Rng(6));
  CHECK(a.ll == b.ll);
  CHECK(a.levels[3].disc_angle == b.levels[3].disc_angle);
  CHECK(a.ll != c.ll);
}

TEST_CASE("with six lumbar bodies T12 has no ribs, with four L1 has ribs; labels are unchanged") {
  Patient p;  // levels: L1 ... L5, then T12, T11, T10
  const auto forms = [&p] {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < kLevelCount; ++i) all.push_back(form_of_level(p, i));
    return all;
  };
  CHECK(forms() == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(kLevelsUpwards[rib_place(p, 12)] == 5);
  p.lumbar_bodies = 6;
  CHECK(forms() == std::vector<std::size_t>{0, 1, 2, 3, 4, 0, 5, 6});
  CHECK(kLevelsUpwards[rib_place(p, 12)] == 6);
  CHECK(rib_place(p, 10) == kLevelCount);  // above T10
  p.lumbar_bodies = 4;
  CHECK(forms() == std::vector<std::size_t>{5, 1, 2, 3, 4, 6, 7, 7});
  CHECK(kLevelsUpwards[rib_place(p, 12)] == 0);
}

TEST_CASE("the number of lumbar bodies affects nothing else of a patient") {
  PatientOptions six;
  six.lumbar_bodies = 6;
  const Patient usual = sample_patient(Rng(5)), other = sample_patient(Rng(5), six);
  CHECK(usual.lumbar_bodies == 5);
  CHECK(other.lumbar_bodies == 6);
  CHECK(pose_spine(usual).levels[0].center == pose_spine(other).levels[0].center);
}

TEST_CASE("a body's quadrilateral has the four given sides") {
  LevelShape shape;
  shape.depth_sup = 33;
  shape.depth_inf = 36;
  shape.height_ant = 31;
  shape.height_post = 24;
  const BodyQuad quad = body_quad(shape);
  const double half = quad.wedge_rad / 2;
  const cv::Point2d sup_ant(16.5 * std::cos(half), quad.mid_height + 16.5 * std::sin(half));
  const cv::Point2d inf_ant(18 * std::cos(half), -18 * std::sin(half));
  const cv::Point2d sup_post(-16.5 * std::cos(half), quad.mid_height - 16.5 * std::sin(half));
  const cv::Point2d inf_post(-18 * std::cos(half), 18 * std::sin(half));
  CHECK_THAT(cv::norm(sup_ant - inf_ant), WithinAbs(31, 1e-9));
  CHECK_THAT(cv::norm(sup_post - inf_post), WithinAbs(24, 1e-9));
  CHECK(quad.wedge_rad > 0);
}
