#include "spine/sim/patient.h"

#include <algorithm>
#include <cmath>

#include "spine/core/geometry.h"

namespace spine::sim {

namespace {

// Source: UCI Machine Learning Repository, "Vertebral Column" data set (310 patients, Henrique da
// Mota, CC BY 4.0); means and covariances of each diagnostic group. Columns: PI, PT, LL in degrees,
// pelvic radius in mm.
struct Group {
  double share;
  cv::Vec4d mean;
  cv::Matx44d covariance;
};
const std::array<Group, 3> kGroups{{
    {0.45,  // normal, n = 100
     {51.686, 12.822, 43.542, 123.891},
     {152.965, 53.151, 107.194, -54.664, 53.151, 45.95, 25.363, -21.177, 107.194, 25.363, 152.809,
      -27.571, -54.664, -21.177, -27.571, 81.248}},
    {0.25,  // disc hernia, n = 60
     {47.638, 17.399, 35.463, 116.475},
     {114.425, 53.285, 66.144, -29.501, 53.285, 49.236, 23.303, 1.071, 66.144, 23.303, 95.41,
      -15.653, -29.501, 1.071, -15.653, 87.529}},
    {0.30,  // spondylolisthesis, n = 150
     {71.514, 20.748, 64.11, 114.518},
     {228.284, 104.456, 108.341, -4.253, 104.456, 132.385, 73.738, 52.486, 108.341, 73.738, 268.84,
      49.077, -4.253, 52.486, 49.077, 242.75}},
}};
constexpr int kUsualLumbarBodies = 5;
constexpr std::size_t kNormal = 0, kHernia = 1, kSlip = 2;

// Adult means, L1 ... L5, T12, T11, T10 (mm): depth and height after Panjabi 1992 and the project's
// table of dimensions; the front of L5 is higher than its back.
constexpr std::array<double, kLevelCount> kDepthSup{32.4, 33.4, 34.4, 35.0, 34.8, 31.2, 30.0, 29.0};
constexpr std::array<double, kLevelCount> kDepthInf{33.4, 34.4, 35.0, 35.2, 34.0, 32.2, 31.0, 29.8};
constexpr std::array<double, kLevelCount> kWidthSup{42, 44, 46, 48, 50, 39, 36, 33};
constexpr std::array<double, kLevelCount> kWidthInf{45, 47, 49, 51, 51, 42, 39, 35.5};
constexpr std::array<double, kLevelCount> kHeightAnt{26.4, 27.2, 27.8, 28.0,
                                                     28.8, 25.0, 23.6, 22.2};
constexpr std::array<double, kLevelCount> kHeightPost{28.0, 28.2, 28.0, 26.9,
                                                      24.4, 26.6, 25.0, 23.4};
constexpr std::array<double, kLevelCount> kDiscHeight{8.0, 9.2, 10.2, 11.0, 9.6, 7.0, 5.8, 5.2};

/// Lower triangular L with L * L^T = m.
cv::Matx44d cholesky(const cv::Matx44d& m) {
  cv::Matx44d l = cv::Matx44d::zeros();
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = m(i, j);
      for (int k = 0; k < j; ++k) sum -= l(i, k) * l(j, k);
      l(i, j) = i == j ? std::sqrt(sum) : sum / l(j, j);
    }
  }
  return l;
}

bool plausible(const cv::Vec4d& v) {
  const double ss = v[0] - v[1];
  return v[0] >= 25 && v[0] <= 100 && v[1] >= -10 && v[1] <= 50 && ss >= 5 && ss <= 75 &&
         v[2] >= 10 && v[2] <= 95 && v[3] >= 92 && v[3] <= 150 && v[2] - ss >= -28 &&
         v[2] - ss <= 45;  // beyond, L1 would be implausibly inclined in standing
}

/// PI, PT, LL, pelvic radius of one group, resampled until plausible.
cv::Vec4d draw_spinopelvic(const Group& group, Rng& rng) {
  const cv::Matx44d l = cholesky(group.covariance);
  for (int i = 0; i < 1000; ++i) {
    cv::Vec4d z;
    for (int k = 0; k < 4; ++k)
      z[k] = rng.normal();  // in sequence: evaluation order of arguments is unspecified
    const cv::Vec4d v = group.mean + l * z;
    if (plausible(v)) return v;
  }
  return group.mean;
}

std::size_t draw_group(Rng& rng) {
  double u = rng.uniform();
  for (std::size_t i = 0; i + 1 < kGroups.size(); ++i) {
    if (u < kGroups[i].share) return i;
    u -= kGroups[i].share;
  }
  return kGroups.size() - 1;
}

void draw_person(Patient& p, Rng rng, double pathology) {
  p.female = rng.chance(0.55);
  p.age = rng.normal_within(54, 18, 14, 90);
  p.body_mass_index = rng.normal_within(26.5, 5, 16, 45);
  const double wear = std::clamp((p.age - 45) / 40, 0.0, 1.0);
  const double bone_mean = 1.08 - (p.female ? 0.45 : 0.28) * wear * std::min(pathology, 1.5);
  p.bone_density = rng.normal_within(bone_mean, 0.15, 0.35, 1.5);
  p.cortical_thickness = rng.normal_within(0.65 + 0.35 * p.bone_density, 0.08, 0.6, 1.35);
}

void draw_shapes(Patient& p, Rng rng) {
  const double size = (p.female ? 0.965 : 1.05) * rng.normal_within(1, 0.042, 0.9, 1.1);
  const double slenderness = rng.normal_within(1, 0.04, 0.92, 1.09);  // height against depth
  const double disc_factor = rng.normal_within(1, 0.12, 0.75, 1.3);
  const double waist = rng.uniform(0.05, 0.12);
  const double dish = rng.normal_within(1, 0.35, 0.35, 2.0);
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    Rng r = rng.split("level", i);
    LevelShape& s = p.levels[i];
    const double depth = size / std::sqrt(slenderness) * r.normal_within(1, 0.02, 0.95, 1.05);
    const double height = size * slenderness * r.normal_within(1, 0.025, 0.93, 1.07);
    s.depth_sup = kDepthSup[i] * depth;
    s.depth_inf = kDepthInf[i] * depth * r.normal_within(1, 0.015, 0.96, 1.04);
    s.width_sup = kWidthSup[i] * depth * r.normal_within(1, 0.03, 0.92, 1.08);
    s.width_inf = kWidthInf[i] * depth * r.normal_within(1, 0.03, 0.92, 1.08);
    s.height_ant = kHeightAnt[i] * height * r.normal_within(1, 0.022, 0.94, 1.06);
    s.height_post = kHeightPost[i] * height * r.normal_within(1, 0.022, 0.94, 1.06);
    s.waist = waist * r.uniform(0.75, 1.25);
    s.concavity_sup = std::clamp(1.2 * dish * r.uniform(0.6, 1.4), 0.3, 3.5);
    s.concavity_inf = std::clamp(1.7 * dish * r.uniform(0.6, 1.4), 0.4, 4.0);
    s.disc_height = kDiscHeight[i] * size * disc_factor * r.normal_within(1, 0.09, 0.75, 1.25);
    s.slip = r.normal_within(i < 5 ? -0.2 : 0.0, 0.7, -2, 2);
  }
  p.s1_depth = 33.5 * size / std::sqrt(slenderness) * rng.normal_within(1, 0.05, 0.88, 1.12);
  p.s1_width = 50.0 * size * rng.normal_within(1, 0.05, 0.88, 1.12);
  p.head_radius = (p.female ? 22.6 : 25.2) * rng.normal_within(1, 0.045, 0.9, 1.1);
  p.head_separation = (p.female ? 176 : 180) * rng.normal_within(1, 0.05, 0.88, 1.12);
  p.sacrum_length = 104 * size * rng.normal_within(1, 0.07, 0.85, 1.15);
  p.sacral_kyphosis = rng.normal_within(58, 16, 15, 100);
}

/// Degenerate discs with osteophytes.
void wear_discs(Patient& p, Rng rng, double pathology) {
  const double wear = std::clamp((p.age - 25) / 60, 0.0, 1.0);
  constexpr std::array<double, kLevelCount> kProne{0.5, 0.6, 0.8, 1.3, 1.4, 0.4, 0.35, 0.3};
  std::array<double, kLevelCount> loss{};
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    Rng r = rng.split("disc", i);
    const bool worn = r.chance(std::min(0.9, 0.42 * pathology * wear * kProne[i]));
    loss[i] = worn ? r.uniform(0.25, 0.8) : 0.12 * wear * r.uniform();
    p.levels[i].disc_height = std::max(1.8, p.levels[i].disc_height * (1 - loss[i]));
  }
  const double tendency = pathology * wear * std::exp(rng.normal(0, 0.5));
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    Rng r = rng.split("spur", i);
    const std::size_t above = i == 0 ? 5 : (i == 5 ? 6 : (i == 6 ? 7 : i - 1));
    const double at_top = i == 7 ? loss[i] : loss[above];
    for (std::size_t corner = 0; corner < 4; ++corner) {
      const double local = corner < 2 ? at_top : loss[i];
      const bool anterior = corner % 2 == 1;
      const double chance = std::min(0.9, tendency * (0.2 + 1.0 * local) * (anterior ? 1 : 0.45));
      if (!r.chance(chance)) continue;
      p.levels[i].osteophyte[corner] =
          std::min(anterior ? 9.0 : 4.0,
                   (anterior ? 1.0 : 0.6) * (0.8 - 3.0 * std::log(1 - r.uniform(0, 0.93))));
    }
  }
}

/// Compression fractures: wedge, biconcave or crush (Genant 1993), more often at the thoracolumbar
/// junction. Returns the resulting loss of lordosis, degrees.
double break_bodies(Patient& p, Rng rng, double pathology) {
  constexpr std::array<double, kLevelCount> kProne{1.4, 0.9, 0.7, 0.6, 0.4, 1.5, 0.9, 0.6};
  const double frail = std::clamp(1.15 - p.bone_density, 0.0, 0.7);
  double lost_deg = 0;
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    Rng r = rng.split("fracture", i);
    if (!r.chance(std::min(0.5, pathology * (0.008 + 0.16 * frail * kProne[i])))) continue;
    LevelShape& s = p.levels[i];
    const double grade = r.uniform(0.12, 0.45);
    const double kind = r.uniform();
    const double ant = kind < 0.6 ? grade : (kind < 0.85 ? 0.25 * grade : grade);
    const double post = kind < 0.6 ? 0.15 * grade : (kind < 0.85 ? 0.1 * grade : 0.8 * grade);
    if (kind >= 0.5 && kind < 0.9) {  // biconcave
      s.concavity_sup += 12 * grade * r.uniform(0.4, 1);
      s.concavity_inf += 8 * grade * r.uniform(0.2, 1);
    }
    const double before = s.height_ant - s.height_post;
    s.height_ant *= 1 - ant;
    s.height_post *= 1 - post;
    const double change = before - (s.height_ant - s.height_post);
    if (i < kLumbarCount) lost_deg += deg_from_rad(change / s.depth_sup);
  }
  return lost_deg;
}

/// Isthmic slips at L5 (or L4), degenerative ones at L4–L5, retrolisthesis above.
void slip_bodies(Patient& p, Rng rng, double pathology, bool slip_group) {
  Rng r = rng.split("slip");
  if (slip_group && r.chance(std::min(1.0, 0.8 * pathology))) {
    const std::size_t level = r.chance(0.72) ? 4 : 3;
    const double fraction = std::min(0.62, 0.06 + 0.13 * -std::log(1 - r.uniform(0, 0.985)));
    p.levels[level].slip = fraction * p.s1_depth;
    if (level == 4 && fraction > 0.3) p.levels[4].height_post *= 1 - 0.35 * (fraction - 0.3);
  }
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    Rng rl = rng.split("minor", i);
    if (!rl.chance(std::min(0.6, pathology * 0.09))) continue;
    p.levels[i].slip += i >= 3 && rl.chance(0.6) ? rl.uniform(2, 9) : -rl.uniform(1.5, 6);
  }
}

/// Wedge angle by anterior and posterior height around their mean.
void set_wedge(LevelShape& s, double wedge_deg) {
  const double mean = (s.height_ant + s.height_post) / 2;
  const double half = (s.depth_sup + s.depth_inf) / 4 * std::sin(rad_from_deg(wedge_deg));
  s.height_ant = mean + half;
  s.height_post = mean - half;
}

/// The lumbosacral junction of PatientOptions::junction_share: wide ranges for training, not those
/// of a population. With an isthmic slip of L5, L5 is more wedged, the sacral table angle smaller
/// and the endplate more often domed.
void vary_junction(Patient& p, Rng rng) {
  LevelShape& l5 = p.levels[4];
  const bool slipped = rng.chance(0.45), back = !slipped && rng.chance(0.2);
  if (slipped) {
    const double u = rng.uniform();
    const std::size_t level = u < 0.5 ? 4 : u < 0.9 ? 3 : 2;
    const double grade = 0.07 - 0.17 * std::log(1 - rng.uniform(0, 0.99));
    p.levels[level].slip = std::min(grade, level == 4 ? 0.95 : 0.6) * p.s1_depth;
  } else if (back) {
    p.levels[rng.chance(0.5) ? 4 : 3].slip = -rng.uniform(0.05, 0.2) * p.s1_depth;
  }
  const bool isthmic = l5.slip > 0.12 * p.s1_depth;
  set_wedge(l5, rng.normal_within(isthmic ? 11 : 5, 5.5, -9, 24));
  for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
    if (!rng.chance(i == 4 ? 0.35 : 0.2)) continue;
    p.levels[i].disc_height = std::min(p.levels[i].disc_height, rng.uniform(1.6, 5.0));
  }
  SacralJunction j;
  j.lean_deg = rng.normal_within(isthmic ? 7 : 15, 7, -8, 30);
  j.taper = rng.normal_within(0.68, 0.09, 0.5, 0.92);
  j.dome_mm = rng.chance(isthmic ? 0.55 : 0.15) ? rng.uniform(0.5, 5) : -rng.uniform(0.2, 1.8);
  j.promontory_mm = rng.chance(0.4) ? rng.uniform(1, 8) : rng.uniform(0, 1);
  j.remnant_mm = rng.chance(0.5) ? rng.uniform(1.5, 7) : rng.uniform(0.3, 1.5);
  j.remnant_reach = rng.uniform(0.5, 1.0);
  j.ala_lift_mm = rng.normal_within(2, 5, -6, 14);
  j.posterior_mm = rng.chance(0.5) ? rng.uniform(1, 5) : rng.uniform(0, 1);
  p.junction = j;
}

/// A smooth coronal curve with coupled axial rotation.
void bend_sideways(Patient& p, Rng rng, double pathology) {
  const double cobb = std::min(35.0, -std::log(1 - rng.uniform()) * 4.5 * pathology);
  const double apex = rng.uniform(0, 4);  // 0 = L1 ... 4 = L5
  const double side = rng.chance(0.5) ? 1 : -1;
  const double half_length = rng.uniform(2.2, 3.6);
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    const double up = i < 5 ? static_cast<double>(i) : 4.0 - static_cast<double>(i);
    const double t = (up - apex) / half_length;
    LevelShape& s = p.levels[i];
    s.lateral_tilt =
        side * 0.5 * cobb * std::sin(std::clamp(t, -2.0, 2.0) * kPi / 2) + rng.normal(0, 0.6);
    s.axial_rotation = side * 0.45 * cobb * std::exp(-t * t) + rng.normal(0, 0.8);
  }
}

double wedge_deg(const LevelShape& s) { return deg_from_rad(body_quad(s).wedge_rad); }

/// Maximum angle of a disc in either direction before its edge is thinner than 1.2 mm.
double disc_limit_deg(double disc_height, double depth) {
  return deg_from_rad(2 * std::asin(std::clamp((disc_height - 1.2) / depth, 0.02, 0.9)));
}

/// Sets the disc angles so that wedges and discs add up to LL exactly, with two thirds of the
/// lordosis in L4–S1 if the discs allow it; the height of a disc too thin for its share is
/// increased.
void share_lordosis(Patient& p, Rng rng) {
  constexpr std::array<double, kLumbarCount> kUpperShare{0.20, 0.33, 0.47, 0, 0};
  const double lower = p.ll * rng.normal_within(0.65, 0.07, 0.48, 0.85);
  const double l4 = p.junction ? rng.normal_within(0.43, 0.12, 0.1, 0.8)
                               : rng.normal_within(0.40, 0.04, 0.3, 0.5);
  std::array<double, kLumbarCount> angle{};
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const double segment =
        i == 3 ? lower * l4 : (i == 4 ? lower * (1 - l4) : (p.ll - lower) * kUpperShare[i]);
    angle[i] = segment - wedge_deg(p.levels[i]) + rng.normal(0, 1.0);
  }
  const auto depth = [&](std::size_t i) {
    return std::max(p.levels[i].depth_inf, i < 4 ? p.levels[i + 1].depth_sup : p.s1_depth);
  };
  double target = p.ll;
  for (std::size_t i = 0; i < kLumbarCount; ++i) target -= wedge_deg(p.levels[i]);
  // Distribute the excess over the limits among the remaining discs.
  for (int pass = 0; pass < 60; ++pass) {
    double sum = 0;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      const double limit = disc_limit_deg(p.levels[i].disc_height, depth(i));
      angle[i] = std::clamp(angle[i], -0.5 * limit, limit);
      sum += angle[i];
    }
    const double rest = target - sum;
    if (std::abs(rest) < 1e-9) break;
    for (auto& a : angle) a += rest / kLumbarCount;
    if (pass >= 20) {
      for (std::size_t i = 0; i < kLumbarCount; ++i) p.levels[i].disc_height += 0.15;
    }
  }
  double sum = 0;
  for (const double a : angle) sum += a;
  angle[2] += target - sum;  // rounding error
  for (std::size_t i = 0; i < kLumbarCount; ++i) p.levels[i].disc_angle = angle[i];
  for (std::size_t i = kLumbarCount; i < kLevelCount; ++i) {
    p.levels[i].disc_angle = std::clamp(rng.normal(i == 5 ? 1.0 : -0.5, 1.5), -4.0, 4.0);
    p.levels[i].disc_height = std::max(p.levels[i].disc_height, 3.2);
  }
}

}  // namespace

BodyQuad body_quad(const LevelShape& shape) {
  const double a = (shape.depth_sup - shape.depth_inf) / 2,
               b = (shape.depth_sup + shape.depth_inf) / 2;
  const double ant2 = shape.height_ant * shape.height_ant,
               post2 = shape.height_post * shape.height_post;
  // With h the distance of the endplates' midpoints and s = sin(wedge / 2):
  //   ant^2, post^2 = a^2 (1 - s^2) + (h +- b s)^2, hence a quadratic in s^2.
  const double k = (ant2 - post2) / (4 * b);
  const double m = (ant2 + post2) / 2 - a * a, n = b * b - a * a;
  const double root = std::sqrt(std::max(0.0, m * m - 4 * n * k * k));
  const double q = 2 * k * k / (m + root);
  BodyQuad quad;
  quad.wedge_rad = std::copysign(2 * std::asin(std::sqrt(q)), k);
  quad.mid_height = std::sqrt(m - n * q);
  return quad;
}

Patient sample_patient(Rng rng, const PatientOptions& options) {
  Patient p;
  Rng pelvis = rng.split("spinopelvic");
  const std::size_t group = draw_group(pelvis);
  const cv::Vec4d v = draw_spinopelvic(kGroups[group], pelvis);
  p.pi = v[0];
  p.pt = v[1];
  p.ss = p.pi - p.pt;
  p.ll = v[2];
  p.pelvic_radius = v[3];
  // The groups' lordosis is low against standing norms (60.9 +- 12, PMC6334400), so half of those
  // without a slip follow LL = 0.62 PI + 29 (Yilgor 2017).
  if (group != kSlip && pelvis.chance(group == kNormal ? 0.55 : 0.3)) {
    p.ll = std::clamp(pelvis.normal(0.62 * p.pi + (group == kHernia ? 23 : 29), 8.5),
                      std::max(10.0, p.ss - 25), std::min(95.0, p.ss + 42));
  }
  draw_person(p, rng.split("person"), options.pathology);
  draw_shapes(p, rng.split("shape"));
  wear_discs(p, rng.split("wear"), options.pathology);
  const double lost = break_bodies(p, rng.split("break"), options.pathology);
  p.ll = std::max(10.0, p.ll - 0.6 * std::max(0.0, lost));
  slip_bodies(p, rng.split("slips"), options.pathology, group == kSlip);
  bend_sideways(p, rng.split("scoliosis"), options.pathology);
  Rng junction = rng.split("junction");
  if (junction.chance(options.junction_share)) vary_junction(p, junction);
  share_lordosis(p, rng.split("lordosis"));
  p.lumbar_bodies = options.lumbar_bodies;
  return p;
}

std::size_t form_of_level(const Patient& patient, std::size_t i) {
  const auto place = std::find(kLevelsUpwards.begin(), kLevelsUpwards.end(), i);
  const auto up = static_cast<int>(place - kLevelsUpwards.begin());
  constexpr int kL1 = 4, kT10 = 7;
  if (up < kL1) return i;
  const int form = std::clamp(up + kUsualLumbarBodies - patient.lumbar_bodies, kL1, kT10);
  return kLevelsUpwards[static_cast<std::size_t>(form)];
}

std::size_t rib_place(const Patient& patient, int rib) {
  return static_cast<std::size_t>(patient.lumbar_bodies + 12 - rib);
}

}  // namespace spine::sim
