#include "support/catch.h"
#include "support/dice.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

#include "spine/stages/segment/level_labelling.h"
#include "spine/stages/segment/refine.h"

using namespace spine;
using namespace spine::test;

namespace {

constexpr int kNet = 192;

/// Probabilities of a perfect network for a window of a film with these masks.
std::vector<cv::Mat> perfect_probabilities(const MaskStack& masks, const Letterbox& box) {
  std::vector<cv::Mat> planes;
  const cv::Matx23d film_to_net(box.scale_x, 0, box.offset_x, 0, box.scale_y, box.offset_y);
  for (const Structure s : kStructures) {
    cv::Mat smooth, plane;
    const cv::Size blur(2 * cvRound(0.25 / box.scale_x) + 1, 2 * cvRound(0.25 / box.scale_y) + 1);
    cv::blur(masks[s], smooth, blur);
    cv::warpAffine(smooth, plane, film_to_net, {box.net, box.net});
    plane.convertTo(plane, CV_32F, 1 / 255.0);
    planes.push_back(plane);
  }
  return planes;
}

/// Masks of a coarse whole-film prediction: the truth, eroded.
MaskStack coarse(const MaskStack& truth) {
  MaskStack result(truth.size());
  for (const Structure s : kStructures) {
    cv::Mat eroded;
    cv::erode(truth[s], eroded, cv::Mat::ones(13, 13, CV_8U));
    result.set(s, eroded);
  }
  return result;
}

struct Scene {
  SyntheticSpine spine = random_spine(5);
  MaskStack truth = true_masks(spine), first = coarse(truth);

  [[nodiscard]] Segmentation refined() const {
    Segmentation result;
    result.masks = first;
    result.spine_found = true;
    const auto rois = plan_rois(first, std::nullopt, kNet);
    std::vector<std::vector<cv::Mat>> probabilities;
    for (const auto& c : rois) probabilities.push_back(perfect_probabilities(truth, c.box));
    refine_from_rois(rois, probabilities, {}, result);
    return result;
  }
};

}  // namespace

TEST_CASE("ROI predictions refine every structure to its true mask") {
  const Scene scene;
  const Segmentation result = scene.refined();
  CHECK(result.notes.empty());
  for (const Structure s : kStructures) {
    INFO(to_string(s));
    CHECK(dice(scene.first[s], scene.truth[s]) < 0.96);
    CHECK(dice(result.masks[s], scene.truth[s]) > 0.98);
    CHECK(result.confidence[index(s)] > 0.9);
  }
}

TEST_CASE("ROIs show bodies at the same size at any film resolution") {
  const Scene scene;
  const auto rois = plan_rois(scene.first, Spacing{0.2, 0.1}, kNet);
  REQUIRE(rois.size() == kRoiParts.size());
  for (const Roi& roi : rois) {
    // Columns of half the width: half as many network pixels for each.
    CHECK(roi.box.scale_x == Approx(roi.box.scale_y / 2).epsilon(0.01));
    double area = 0;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      area += blob_of(scene.first[kStructures[i]]).area / kLumbarCount;
    }
    const double side = std::sqrt(area * roi.box.scale_x * roi.box.scale_y);
    CHECK(side == Approx(0.172 * kNet).epsilon(0.02));
  }
}

TEST_CASE("a body missed by the whole-film prediction is found next to its neighbours") {
  Scene scene;
  for (const Structure lost : {Structure::L1, Structure::L4}) {
    scene.first = coarse(scene.truth);
    scene.first.set(lost, cv::Mat::zeros(scene.truth.size(), CV_8UC1));
    const Segmentation result = scene.refined();
    INFO(to_string(lost));
    CHECK(dice(result.masks[lost], scene.truth[lost]) > 0.97);
    CHECK(result.notes.size() == 1);
  }
}

TEST_CASE("two bodies joined by a bridge in an ROI are separated") {
  Scene scene;
  scene.first.set(Structure::L1, cv::Mat::zeros(scene.truth.size(), CV_8UC1));
  const auto rois = plan_rois(scene.first, std::nullopt, kNet);
  std::vector<std::vector<cv::Mat>> probabilities;
  for (const Roi& c : rois) {
    auto planes = perfect_probabilities(scene.truth, c.box);
    cv::Mat& l2 = planes[index(Structure::L2)];
    const auto middle = [&](Structure s) {
      return cv::Point(c.box.to_net(blob_of(scene.truth[s]).center));
    };
    cv::line(l2, middle(Structure::L1), middle(Structure::L2), cv::Scalar(1), 9);
    probabilities.push_back(std::move(planes));
  }
  Segmentation result;
  result.masks = scene.first;
  result.spine_found = true;
  refine_from_rois(rois, probabilities, {}, result);
  for (const Structure s : {Structure::L1, Structure::L2}) {
    INFO(to_string(s));
    CHECK(dice(result.masks[s], scene.truth[s]) > 0.93);
  }
}

TEST_CASE("windows of several rounds and scales are combined") {
  const Scene scene;
  MaskStack grown(scene.truth.size());
  for (const Structure s : kStructures) {
    cv::Mat mask;
    cv::dilate(scene.truth[s], mask, cv::Mat::ones(25, 25, CV_8U));
    grown.set(s, mask);
  }
  Segmentation result;
  result.masks = scene.first;
  result.spine_found = true;
  std::vector<Roi> rois;
  std::vector<std::vector<cv::Mat>> probabilities;
  for (const MaskStack& masks : {scene.first, grown}) {
    for (const Roi& c : plan_rois(masks, std::nullopt, kNet)) {
      rois.push_back(c);
      probabilities.push_back(perfect_probabilities(scene.truth, c.box));
    }
  }
  REQUIRE(rois.back().box.scale_x < 0.9 * rois.front().box.scale_x);
  refine_from_rois(rois, probabilities, {}, result);
  CHECK(result.notes.empty());
  CHECK(result.labelling_ambiguity < kMaxLabellingAmbiguity);
  for (const Structure s : kStructures) {
    INFO(to_string(s));
    CHECK(dice(result.masks[s], scene.truth[s]) > 0.96);
  }
}

TEST_CASE("a mislabelled body is relabelled") {
  Scene scene;
  // L1 is missing; L2 and L3 were segmented as one body, labelled L2.
  scene.first.set(Structure::L1, cv::Mat::zeros(scene.truth.size(), CV_8UC1));
  scene.first.set(Structure::L2, scene.first[Structure::L2] | scene.first[Structure::L3]);
  scene.first.set(Structure::L3, cv::Mat::zeros(scene.truth.size(), CV_8UC1));
  const Segmentation result = scene.refined();
  for (const Structure s : {Structure::L1, Structure::L2, Structure::L3}) {
    INFO(to_string(s));
    CHECK(dice(result.masks[s], scene.truth[s]) > 0.97);
  }
}

TEST_CASE("a structure that an ROI shows elsewhere keeps its mask") {
  Scene scene;
  cv::Mat elsewhere;
  const cv::Matx23d shift(1, 0, 120, 0, 1, 0);
  cv::warpAffine(scene.truth[Structure::S], elsewhere, shift, scene.truth.size());
  scene.first.set(Structure::S, elsewhere);
  const Segmentation result = scene.refined();
  CHECK(cv::norm(result.masks[Structure::S], scene.first[Structure::S], cv::NORM_INF) == 0);
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0] == "S: not confirmed in the ROI");
}

TEST_CASE("a sacrum that the whole-film prediction missed is found in the ROI") {
  Scene scene;
  scene.first.set(Structure::S, cv::Mat::zeros(scene.truth.size(), CV_8UC1));
  const Segmentation result = scene.refined();
  CHECK(dice(result.masks[Structure::S], scene.truth[Structure::S]) > 0.9);
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0] == "S: found in the ROI");
}

TEST_CASE("probabilities of overlapping windows are averaged") {
  const Scene scene;
  const auto rois = plan_rois(scene.first, std::nullopt, kNet);
  std::vector<std::vector<cv::Mat>> probabilities;
  for (const Roi& c : rois) {
    probabilities.push_back(perfect_probabilities(scene.truth, c.box));
  }
  // Of the two windows that show the sacrum one is confident of too large an area.
  cv::Mat& sacrum = probabilities[1][index(Structure::S)];
  cv::Mat grown;
  cv::dilate(sacrum, grown, cv::Mat::ones(9, 9, CV_8U));
  Segmentation alone, averaged;
  const auto refine = [&](const cv::Mat& lower, Segmentation& result) {
    result.masks = scene.first;
    result.spine_found = true;
    sacrum = lower;
    refine_from_rois(rois, probabilities, {}, result);
    return dice(result.masks[Structure::S], scene.truth[Structure::S]);
  };
  const double confident = refine(grown, alone);
  CHECK(confident < 0.95);
  CHECK(refine(0.7 * grown, averaged) > confident + 0.01);
}

TEST_CASE("notes that two rounds give appear once") {
  Scene scene;
  // The heads are missing in both rounds.
  Segmentation result;
  result.masks = scene.first;
  result.spine_found = true;
  const auto rois = plan_rois(scene.first, std::nullopt, kNet);
  std::vector<std::vector<cv::Mat>> probabilities;
  for (const auto& c : rois) {
    probabilities.push_back(perfect_probabilities(scene.truth, c.box));
    for (const Structure head : {Structure::F1, Structure::F2}) {
      probabilities.back()[index(head)].setTo(0);
    }
  }
  for (int round = 0; round < 2; ++round) {
    refine_from_rois(rois, probabilities, {}, result);
    const std::vector<std::string> expected{"F1: not confirmed in the ROI",
                                            "F2: not confirmed in the ROI"};
    CHECK(result.notes == expected);
  }
}

TEST_CASE("a prediction that no ROI confirms is no spine") {
  const Scene scene;
  Segmentation result;
  result.masks = scene.first;
  result.spine_found = true;
  const auto rois = plan_rois(scene.first, std::nullopt, kNet);
  const std::vector<cv::Mat> nothing(kStructureCount, cv::Mat::zeros(kNet, kNet, CV_32FC1));
  refine_from_rois(rois, std::vector(rois.size(), nothing), {}, result);
  CHECK_FALSE(result.spine_found);
  for (const Structure s : kStructures) CHECK_FALSE(result.masks.has(s));
}

TEST_CASE("windows may reach beyond the film") {
  const Scene scene;
  const Image film(cv::Mat(scene.truth.size(), CV_8UC1, cv::Scalar(100)), FilmInfo{});
  Letterbox box;
  box.film = film.size();
  box.net = kNet;
  box.scale_x = box.scale_y = 0.25;
  box.offset_x = box.offset_y = kNet / 2;
  const cv::Mat square = to_roi_square(film, box);
  CHECK(square.size() == cv::Size(kNet, kNet));
  CHECK(square.at<float>(10, 10) == 0);
  CHECK(square.at<float>(kNet - 5, kNet - 5) == 1);
}

TEST_CASE("windows of one part that differ little in position and scale count as the same") {
  Roi a;
  a.box = {0.5, 0.5, -20, -30, {1000, 1000}, 100};
  Roi b = a;
  CHECK(nearly_coincide(a, b));
  b.box.offset_x += 4;
  CHECK(nearly_coincide(a, b));
  b.box.offset_y += 4;
  CHECK_FALSE(nearly_coincide(a, b));  // along the diagonal
  b = a;
  b.part = RoiPart::hips;
  CHECK_FALSE(nearly_coincide(a, b));
  b = a;
  b.box.scale_x = b.box.scale_y = 0.53;
  CHECK_FALSE(nearly_coincide(a, b));
}

TEST_CASE("windows do not move when masks change by a few pixels") {
  MaskStack masks({900, 1200});
  const auto body = [&](Structure s, int y) {
    cv::Mat mask = cv::Mat::zeros(masks.size(), CV_8UC1);
    cv::rectangle(mask, cv::Rect(400, y, 110, 90), 255, cv::FILLED);
    return std::pair(s, mask);
  };
  std::vector<std::pair<Structure, cv::Mat>> bodies;
  for (int i = 0; i < 5; ++i) bodies.push_back(body(kStructures[i], 100 + 120 * i));
  for (const auto& [s, mask] : bodies) masks.set(s, mask);
  const auto before = plan_rois(masks, std::nullopt, 192);
  int moved = 0, windows = 0;
  for (auto& [s, mask] : bodies) {
    cv::Mat changed = mask.clone();
    changed.rowRange(0, changed.rows).col(400).setTo(0);
    MaskStack other = masks;
    other.set(s, changed);
    const auto after = plan_rois(other, std::nullopt, 192);
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i, ++windows) {
      const cv::Point2d shift = after[i].box.to_net({0, 0}) - before[i].box.to_net({0, 0});
      if (cv::norm(shift) > 0) ++moved;
    }
  }
  CHECK(windows > 5);
  CHECK(moved <= windows / 4);
}
