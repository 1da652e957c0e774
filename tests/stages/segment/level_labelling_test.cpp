#include "spine/stages/segment/level_labelling.h"

#include "support/catch.h"

using namespace spine;

namespace {

/// Bodies of 30 x 30 pixels, 38 pixels apart, from top to bottom; the last candidate is the sacrum.
std::vector<LevelCandidate> lumbar_spine(int bodies) {
  std::vector<LevelCandidate> candidates;
  for (int i = 0; i < bodies; ++i) candidates.push_back({{100.0, 50.0 + 38 * i}, 900, {}});
  candidates.push_back({{90.0, 50.0 + 38 * (bodies - 1) + 60}, 2500, {}});
  candidates.back().evidence[5] = 2500;
  return candidates;
}

}  // namespace

TEST_CASE("labels follow the evidence of all candidates together") {
  auto candidates = lumbar_spine(5);
  for (std::size_t i = 0; i < 5; ++i) candidates[i].evidence[i] = 800;
  // One channel classifies L3 as L2; its position among the other bodies corrects this.
  candidates[2].evidence = {0, 500, 300, 0, 0, 0};
  const auto labels = label_levels(candidates);
  for (std::size_t i = 0; i < kLevelCount; ++i) CHECK(labels[i] == i);
}

TEST_CASE("a candidate without evidence is labelled by its position") {
  auto candidates = lumbar_spine(5);
  for (std::size_t i = 0; i < 5; ++i) candidates[i].evidence[i] = 800;
  candidates[3].evidence.fill(1);
  CHECK(label_levels(candidates)[3] == 3u);
}

TEST_CASE("of more bodies than levels, those with the greatest evidence are labelled") {
  auto candidates = lumbar_spine(6);  // T12 on top
  for (std::size_t i = 0; i < 6; ++i) {
    candidates[i].evidence.fill(1);
    candidates[i].evidence[5] = 0;
    if (i > 0) candidates[i].evidence[i - 1] = 800;
  }
  const auto labels = label_levels(candidates);
  for (std::size_t i = 0; i < kLevelCount; ++i) CHECK(labels[i] == i + 1);
}

TEST_CASE("evidence for a shift of all bodies by one level is ambiguity") {
  auto candidates = lumbar_spine(5);
  for (std::size_t i = 0; i < 5; ++i) {
    candidates[i].evidence.fill(50);
    candidates[i].evidence[5] = 0;
    candidates[i].evidence[i] = 850;
  }
  CHECK(labelling_ambiguity(candidates, label_levels(candidates)) == 0);
  // A quarter of the evidence classifies each body as the one above, as with a sixth lumbar body.
  for (std::size_t i = 1; i < 5; ++i) candidates[i].evidence[i - 1] = 250;
  CHECK(labelling_ambiguity(candidates, label_levels(candidates)) == Approx(0.25));
  // A single body with evidence for another level is no shift of all bodies.
  for (std::size_t i = 1; i < 4; ++i) candidates[i].evidence[i - 1] = 50;
  CHECK(labelling_ambiguity(candidates, label_levels(candidates)) < kMaxLabellingAmbiguity);
  CHECK(labelling_ambiguity({}, {}) == 0);
}

TEST_CASE("labels supported by the sacrum alone are ambiguous") {
  auto candidates = lumbar_spine(4);
  for (std::size_t i = 0; i < 4; ++i) candidates[i].evidence[i] = 800;
  const LevelLabels shifted{std::nullopt, 0, 1, 2, 3, 4};
  CHECK(labelling_ambiguity(candidates, shifted) == 1);
}

TEST_CASE("a gap between bodies is a missing level") {
  auto candidates = lumbar_spine(5);
  for (std::size_t i = 0; i < 5; ++i) candidates[i].evidence[i] = 800;
  candidates.erase(candidates.begin() + 2);
  const auto labels = label_levels(candidates);
  CHECK_FALSE(labels[2]);
  CHECK(labels[1] == 1u);
  CHECK(labels[3] == 2u);
}

TEST_CASE("a gap too short for the levels that it is labelled with moves the labels above it") {
  auto candidates = lumbar_spine(5);
  // L2 and L3 are classified as L1 and L2, L4 is not found, L5 and S are right.
  candidates.erase(candidates.begin() + 3);
  candidates.erase(candidates.begin());
  candidates[0].evidence[0] = candidates[1].evidence[1] = candidates[2].evidence[4] = 800;
  const auto labels = label_levels(candidates);
  CHECK(labels == LevelLabels{std::nullopt, 0, 1, std::nullopt, 2, 3});

  // Where two bodies are missing indeed, the labels stand.
  for (std::size_t i = 0; i < 2; ++i) candidates[i].center.y -= 38;
  CHECK(label_levels(candidates) == LevelLabels{0, 1, std::nullopt, std::nullopt, 2, 3});
}

TEST_CASE("the distance to the sacrum's edge corrects the levels") {
  auto candidates = lumbar_spine(4);
  // The channels count from L1, but the fourth body stands right above the sacrum.
  for (std::size_t i = 0; i < 4; ++i) {
    candidates[i].evidence.fill(20);
    candidates[i].evidence[i] = 800;
    candidates[i].evidence[5] = 0;
  }
  CHECK(label_levels(candidates)[0] == 0u);
  candidates.back().edge = {{80, 50 + 38 * 3 + 24}, {110, 50 + 38 * 3 + 22}, {90, 320}};
  const auto labels = label_levels(candidates);
  CHECK_FALSE(labels[0]);
  for (std::size_t i = 1; i < kLevelCount; ++i) CHECK(labels[i] == i - 1);

  // With the sacrum one body further down, L5 is missing.
  for (cv::Point2d& p : candidates.back().edge) p.y += 38;
  candidates.back().center.y += 38;
  const auto below = label_levels(candidates);
  CHECK_FALSE(below[4]);
  for (std::size_t i = 0; i < 4; ++i) CHECK(below[i] == i);
}

TEST_CASE("a candidate far from the others is not labelled") {
  auto candidates = lumbar_spine(5);
  for (std::size_t i = 1; i < 5; ++i) candidates[i].evidence[i] = 800;
  candidates[0].center.y -= 90;
  candidates[0].evidence[0] = 700;
  CHECK_FALSE(label_levels(candidates)[0]);
  CHECK_FALSE(label_levels({})[0]);
}
