#include "spine/stages/segment/level_labelling.h"

#include "support/catch.h"

using namespace spine;

namespace {

/// Bodies of 30 x 30 pixels, 38 apart, from the top; the last is the sacrum.
std::vector<LevelCandidate> column(int bodies) {
  std::vector<LevelCandidate> parts;
  for (int i = 0; i < bodies; ++i) parts.push_back({{100.0, 50.0 + 38 * i}, 900, {}});
  parts.push_back({{90.0, 50.0 + 38 * (bodies - 1) + 60}, 2500, {}});
  parts.back().evidence[5] = 2500;
  return parts;
}

}  // namespace

TEST_CASE("every part bears the name that all together speak for") {
  auto parts = column(5);
  for (std::size_t i = 0; i < 5; ++i) parts[i].evidence[i] = 800;
  // One channel takes L3 for L2; its place in the column says better.
  parts[2].evidence = {0, 500, 300, 0, 0, 0};
  const auto names = label_levels(parts);
  for (std::size_t i = 0; i < kLevelCount; ++i) CHECK(names[i] == i);
}

TEST_CASE("a part that nothing names gets the name of its place") {
  auto parts = column(5);
  for (std::size_t i = 0; i < 5; ++i) parts[i].evidence[i] = 800;
  parts[3].evidence.fill(1);
  CHECK(label_levels(parts)[3] == 3u);
}

TEST_CASE("of more bodies than there are names, those with most evidence are named") {
  auto parts = column(6);  // T12 on top
  for (std::size_t i = 0; i < 6; ++i) {
    parts[i].evidence.fill(1);
    parts[i].evidence[5] = 0;
    if (i > 0) parts[i].evidence[i - 1] = 800;
  }
  const auto names = label_levels(parts);
  for (std::size_t i = 0; i < kLevelCount; ++i) CHECK(names[i] == i + 1);
}

TEST_CASE("what speaks for all bodies' being one level off is a doubt") {
  auto parts = column(5);
  for (std::size_t i = 0; i < 5; ++i) {
    parts[i].evidence.fill(50);
    parts[i].evidence[5] = 0;
    parts[i].evidence[i] = 850;
  }
  CHECK(labelling_ambiguity(parts, label_levels(parts)) == 0);
  // A quarter of the evidence takes each body for the one above it, as with a sixth lumbar body.
  for (std::size_t i = 1; i < 5; ++i) parts[i].evidence[i - 1] = 250;
  CHECK(labelling_ambiguity(parts, label_levels(parts)) == Approx(0.25));
  // One body alone that has another's name is no shift of all.
  for (std::size_t i = 1; i < 4; ++i) parts[i].evidence[i - 1] = 50;
  CHECK(labelling_ambiguity(parts, label_levels(parts)) < kMaxLabellingAmbiguity);
  CHECK(labelling_ambiguity({}, {}) == 0);
}

TEST_CASE("names that nothing but the sacrum speaks for are in doubt") {
  auto parts = column(4);
  for (std::size_t i = 0; i < 4; ++i) parts[i].evidence[i] = 800;
  const LevelLabels moved{std::nullopt, 0, 1, 2, 3, 4};
  CHECK(labelling_ambiguity(parts, moved) == 1);
}

TEST_CASE("a gap in the column is a missing name") {
  auto parts = column(5);
  for (std::size_t i = 0; i < 5; ++i) parts[i].evidence[i] = 800;
  parts.erase(parts.begin() + 2);
  const auto names = label_levels(parts);
  CHECK_FALSE(names[2]);
  CHECK(names[1] == 1u);
  CHECK(names[3] == 2u);
}

TEST_CASE("the sacrum's edge tells how many bodies are above it") {
  auto parts = column(4);
  // The channels count from L1, but the fourth body stands right above the sacrum.
  for (std::size_t i = 0; i < 4; ++i) {
    parts[i].evidence.fill(20);
    parts[i].evidence[i] = 800;
    parts[i].evidence[5] = 0;
  }
  CHECK(label_levels(parts)[0] == 0u);
  parts.back().edge = {{80, 50 + 38 * 3 + 24}, {110, 50 + 38 * 3 + 22}, {90, 320}};
  const auto names = label_levels(parts);
  CHECK_FALSE(names[0]);
  for (std::size_t i = 1; i < kLevelCount; ++i) CHECK(names[i] == i - 1);

  // With the sacrum a body further down, L5 is what is not seen.
  for (cv::Point2d& p : parts.back().edge) p.y += 38;
  parts.back().center.y += 38;
  const auto others = label_levels(parts);
  CHECK_FALSE(others[4]);
  for (std::size_t i = 0; i < 4; ++i) CHECK(others[i] == i);
}

TEST_CASE("what stands apart bears no name") {
  auto parts = column(5);
  for (std::size_t i = 1; i < 5; ++i) parts[i].evidence[i] = 800;
  parts[0].center.y -= 90;
  parts[0].evidence[0] = 700;
  CHECK_FALSE(label_levels(parts)[0]);
  CHECK_FALSE(label_levels({})[0]);
}
