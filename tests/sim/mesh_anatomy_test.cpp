#include <algorithm>
#include <set>

#include "mesh_fixtures.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/sim/anatomy.h"

using namespace spine;
using namespace spine::sim;

namespace {

/// Loaded once for all tests of this file.
const AnatomySource& source() {
  static const auto instance = [] {
    const test::TempDir folder;
    test::write_anatomy_folder(folder.path());
    return load_mesh_anatomy(folder.path());
  }();
  return *instance;
}

struct Built {
  Patient patient;
  SpinePose pose;
  Anatomy anatomy;
};

Built build(std::uint64_t seed, double pathology = 1, double junctions = 0) {
  Built built;
  PatientOptions options;
  options.pathology = pathology;
  options.junction_share = junctions;
  built.patient = sample_patient(Rng(seed), options);
  if (pathology <= 0) {
    for (auto& level : built.patient.levels) level.osteophyte = {};
  }
  built.pose = pose_spine(built.patient);
  built.anatomy = source().build(built.patient, built.pose, Rng(seed).split("anatomy"));
  return built;
}

std::string message_of_loading(const std::filesystem::path& folder, ErrorKind kind) {
  try {
    load_mesh_anatomy(folder);
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    return error.what();
  }
  FAIL("expected an error");
  return {};
}

}  // namespace

TEST_CASE("every bone of a patient is a closed shell") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Built built = build(seed);
    std::set<std::string> names;
    for (const Bone& bone : built.anatomy.bones) {
      CAPTURE(seed, bone.name);
      CHECK(names.insert(bone.name).second);
      CHECK(is_closed(bone.outer));
      CHECK(is_closed(bone.inner));
      CHECK(signed_volume(bone.inner) > 0);
      CHECK(signed_volume(bone.inner) < signed_volume(bone.outer));
    }
    for (const char* name :
         {"L1", "L2", "L3", "L4", "L5", "T10", "T11", "T12", "sacrum", "ilium_left", "ilium_right",
          "femur_left", "femur_right", "rib_12_left", "rib_9_right"}) {
      CAPTURE(name);
      CHECK(names.count(name) == 1);
    }
    for (const Mesh& body : built.anatomy.bodies) CHECK(is_closed(body));
    CHECK(is_closed(built.anatomy.sacral_bodies));
  }
}

TEST_CASE("sacra with a varied junction are closed shells with their endplate at the truth") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    const Built built = build(seed, 1, 1);
    const auto sacrum = std::find_if(built.anatomy.bones.begin(), built.anatomy.bones.end(),
                                     [](const Bone& bone) { return bone.name == "sacrum"; });
    REQUIRE(sacrum != built.anatomy.bones.end());
    CAPTURE(seed);
    CHECK(is_closed(sacrum->outer));
    CHECK(is_closed(sacrum->inner));
    CHECK(is_closed(built.anatomy.sacral_bodies));
    CHECK(signed_volume(sacrum->inner) > 0);
    CHECK(signed_volume(sacrum->inner) < signed_volume(sacrum->outer));
    // The truth's anterior corner lies in the plane of the endplate, the posterior one below.
    const cv::Vec3d plate = built.pose.s1_ant - built.pose.s1_post;
    const cv::Vec3d cut = built.pose.s1_ant - built.anatomy.s1_ant;
    CHECK(cv::norm(plate.cross(cut)) < 1e-6);
    CHECK(cv::norm(cut) < 0.3 * cv::norm(plate));
    const cv::Vec3d down = built.pose.s1_post - built.anatomy.s1_post;
    CHECK(std::abs(plate.dot(down)) < 1e-6);
    CHECK(cv::norm(down) == Approx(0.85 * built.patient.junction->posterior_mm).margin(1e-9));
    std::vector<cv::Vec2d> outline;
    for (const auto& v : built.anatomy.sacral_bodies.vertices) outline.emplace_back(v[0], v[2]);
    for (const auto& corner : {built.anatomy.s1_post, built.anatomy.s1_ant}) {
      CHECK(test::distance_to_hull(outline, {corner[0], corner[2]}) < 5);
    }
  }
}

TEST_CASE("ribs of real meshes attach one level lower with four lumbar bodies, higher with six") {
  double before = -1e9;
  for (const int count : {4, 5, 6}) {
    Patient patient = sample_patient(Rng(1));
    patient.lumbar_bodies = count;
    const Anatomy anatomy = source().build(patient, pose_spine(patient), Rng(1).split("anatomy"));
    const auto rib = std::find_if(anatomy.bones.begin(), anatomy.bones.end(),
                                  [](const Bone& bone) { return bone.name == "rib_12_left"; });
    REQUIRE(rib != anatomy.bones.end());
    double top = -1e9;
    for (const cv::Vec3f& v : rib->outer.vertices) top = std::max<double>(top, v[2]);
    CHECK(top > before + 20);  // a body and its disc
    before = top;
  }
}

TEST_CASE("truth equals the pose and the silhouettes of the bodies") {
  const Built built = build(11, 0);
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const LevelPose& level = built.pose.levels[i];
    const VertebraTruth& truth = built.anatomy.vertebrae[i];
    CHECK(cv::norm(truth.sup_post - level.corners.sup_post) < 1e-9);
    CHECK(cv::norm(truth.inf_ant - level.corners.inf_ant) < 1e-9);
    std::vector<cv::Vec2d> outline;
    const auto flat = [&level](const cv::Vec3d& p) {
      const cv::Vec3d q = level.axes.t() * (p - level.center);
      return cv::Vec2d(q[0], q[2]);
    };
    for (const auto& v : built.anatomy.bodies[i].vertices) outline.push_back(flat(cv::Vec3d(v)));
    CAPTURE(i);
    CHECK(test::distance_to_hull(outline, flat(truth.sup_post)) < 0.4);
    CHECK(test::distance_to_hull(outline, flat(truth.sup_ant)) < 0.4);
    CHECK(test::distance_to_hull(outline, flat(truth.inf_post)) < 0.4);
    CHECK(test::distance_to_hull(outline, flat(truth.inf_ant)) < 0.4);
  }
  CHECK(cv::norm(built.anatomy.s1_post - built.pose.s1_post) < 1e-9);
  CHECK(cv::norm(built.anatomy.s1_ant - built.pose.s1_ant) < 1e-9);
  CHECK(cv::norm(built.anatomy.thorax_top - built.pose.levels[7].center) < 1e-9);
}

TEST_CASE("femoral heads lie on the truth's spheres, clear of the hip bones") {
  const Built built = build(5);
  for (std::size_t side = 0; side < 2; ++side) {
    const HeadTruth& head = built.anatomy.heads[side];
    CHECK(head.radius_mm == built.pose.heads[side].radius_mm);
    int on_sphere = 0;
    for (const Bone& bone : built.anatomy.bones) {
      if (bone.name == (side == 0 ? "femur_left" : "femur_right")) {
        for (const auto& v : bone.outer.vertices) {
          on_sphere +=
              std::abs(cv::norm(cv::Vec3d(v) - head.center) - head.radius_mm) < 0.05 ? 1 : 0;
        }
      }
      if (bone.name == (side == 0 ? "ilium_left" : "ilium_right")) {
        for (const auto& v : bone.outer.vertices) {
          CHECK(cv::norm(cv::Vec3d(v) - head.center) > head.radius_mm + 1);
        }
      }
    }
    CHECK(on_sphere > 200);
  }
}

TEST_CASE("left bones lie on the left, right ones on the right") {
  const Built built = build(6);
  for (const Bone& bone : built.anatomy.bones) {
    const bool left = bone.name.find("left") != std::string::npos;
    const bool right = bone.name.find("right") != std::string::npos;
    if (!left && !right) continue;
    double mean = 0;
    for (const auto& v : bone.outer.vertices) {
      mean += static_cast<double>(v[1]) / static_cast<double>(bone.outer.vertices.size());
    }
    CAPTURE(bone.name);
    CHECK((left ? mean : -mean) > 10);
  }
}

TEST_CASE("bones are determined by the seed") {
  const Built a = build(7);
  const Built b = build(7);
  REQUIRE(a.anatomy.bones.size() == b.anatomy.bones.size());
  for (std::size_t i = 0; i < a.anatomy.bones.size(); ++i) {
    CHECK(a.anatomy.bones[i].outer.vertices == b.anatomy.bones[i].outer.vertices);
    CHECK(a.anatomy.bones[i].inner.vertices == b.anatomy.bones[i].inner.vertices);
  }
  const Anatomy other = source().build(a.patient, a.pose, Rng(8));
  CHECK(other.bones[0].outer.vertices != a.anatomy.bones[0].outer.vertices);
}

TEST_CASE("a folder without bones is rejected with the missing file named") {
  const test::TempDir folder;
  CHECK(message_of_loading(folder / "none", ErrorKind::not_found).find("none") !=
        std::string::npos);
  test::write_anatomy_folder(folder.path());
  for (const char* name : {"lumbar_mean/L4.ply", "myo_sim/l_pelvis.stl", "myo_sim/l_femur.stl",
                           "myo_sim/hat_ribs_scap.stl"}) {
    const auto file = folder.path() / name;
    const auto aside = folder / "aside";
    std::filesystem::rename(file, aside);
    CAPTURE(name);
    CHECK(message_of_loading(folder.path(), ErrorKind::not_found).find(name) != std::string::npos);
    test::write_bytes(file, "");
    CHECK(message_of_loading(folder.path(), ErrorKind::unreadable).find(name) != std::string::npos);
    std::filesystem::copy_file(aside, file, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    CHECK(message_of_loading(folder.path(), ErrorKind::unreadable).find(name) != std::string::npos);
    std::filesystem::rename(aside, file);
  }
}

TEST_CASE("open bones, or ones without canal or ribs, are rejected") {
  const test::TempDir folder;
  test::write_anatomy_folder(folder.path());
  const auto vertebra = folder.path() / "lumbar_mean" / "L3.ply";
  Mesh open = test::blocky_vertebra();
  open.faces.pop_back();
  test::write_bytes(vertebra, test::ply_bytes(open));
  CHECK(message_of_loading(folder.path(), ErrorKind::unreadable).find("closed") !=
        std::string::npos);
  test::write_bytes(vertebra, test::ply_bytes(test::box_mesh({{{0, 0, 0}, {9, 9, 9}}}, 4.0)));
  CHECK(message_of_loading(folder.path(), ErrorKind::unreadable).find("L3.ply") !=
        std::string::npos);
  test::write_bytes(vertebra, test::ply_bytes(test::blocky_vertebra()));
  test::write_low_poly(folder.path() / "myo_sim" / "hat_ribs_scap.stl",
                       sphere({0, 30, 200}, 20, 8, 12));
  CHECK(message_of_loading(folder.path(), ErrorKind::unreadable).find("ribs") != std::string::npos);
}
