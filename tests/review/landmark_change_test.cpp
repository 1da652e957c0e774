#include "spine/review/landmark_change.h"

#include "review/landmarks.h"
#include "support/catch.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;

TEST_CASE("a corner, a body, the heads and the side can be changed, and changed back") {
  const json before = some_landmarks();
  json landmarks = before;
  const std::vector<LandmarkChange> changes{
      {"vertebrae.L2.sup_post", {240.0, 170.0}, {245.5, 171.25}},
      {"vertebrae.L1", before["vertebrae"]["L1"], nullptr},
      {"vertebrae.L4", nullptr, before["vertebrae"]["L2"]},
      {"femoral_heads", before["femoral_heads"], json::array()},
      {"S1.sup_ant", {190.0, 490.0}, {191.0, 490.0}},
      {"anterior", "left", "right"}};
  make_changes(changes, landmarks);
  CHECK(landmarks["vertebrae"]["L2"]["sup_post"] == json({245.5, 171.25}));
  CHECK(landmarks["vertebrae"]["L1"].is_null());
  CHECK(landmarks["vertebrae"]["L4"] == before["vertebrae"]["L2"]);
  CHECK(landmarks["femoral_heads"].empty());
  CHECK(landmarks["S1"]["sup_ant"] == json({191.0, 490.0}));
  CHECK(landmarks["anterior"] == "right");
  make_changes(inverse(changes), landmarks);
  CHECK(landmarks == before);
}

TEST_CASE("the difference of two sets of landmarks turns one into the other") {
  const json before = some_landmarks();
  json after = before;
  after["vertebrae"]["L1"] = nullptr;
  after["S1"]["sup_ant"] = {191.0, 490.0};
  after["femoral_heads"] = json::array();
  json landmarks = before;
  make_changes(difference(before, after), landmarks);
  CHECK(landmarks == after);
  CHECK(difference(before, before).empty());
}

TEST_CASE("a change that does not fit leaves the landmarks as they are") {
  const json before = some_landmarks();
  json landmarks = before;
  const auto refused = [&](const LandmarkChange& change) {
    // The first change fits: nothing of it must remain.
    REQUIRE_THROWS_AS(make_changes({{"S1.sup_ant", {190.0, 490.0}, {1.0, 1.0}}, change}, landmarks),
                      Error);
    CHECK(landmarks == before);
  };
  refused({"vertebrae.L2.sup_post", {1.0, 2.0}, {3.0, 4.0}});  // another value there
  refused({"vertebrae.L3.sup_post", nullptr, {3.0, 4.0}});     // no such body
  refused({"vertebrae.L6", nullptr, nullptr});
  refused({"schema", "spine-landmarks/2", "x"});
  refused({"size", {400, 800}, {1, 1}});
  refused({"", nullptr, nullptr});
  refused({"vertebrae", before["vertebrae"], nullptr});
  refused({"vertebrae.L2.middle", nullptr, {3.0, 4.0}});
  refused({"femoral_heads.sup_post", nullptr, {3.0, 4.0}});
  refused({"vertebrae.L2.sup_post", {240.0, 170.0}, "here"});
  refused({"vertebrae.L2", before["vertebrae"]["L2"], {{"sup_post", {1.0, 2.0}}}});
  refused({"anterior", "left", "up"});
  refused({"femoral_heads", before["femoral_heads"], {{{"center", {1.0, 2.0}}, {"radius", -1.0}}}});
}

TEST_CASE("edited landmarks are named by endplate and head") {
  const json before = some_landmarks();
  json after = before;
  CHECK(edited_landmarks(before, after).empty());
  after["vertebrae"]["L2"]["inf_ant"] = {1.0, 2.0};
  after["vertebrae"]["L1"] = nullptr;
  after["S1"]["sup_post"] = {1.0, 2.0};
  after["femoral_heads"].push_back({{"center", {1.0, 2.0}}, {"radius", 3.0}});
  CHECK(edited_landmarks(before, after) ==
        std::vector<std::string>{"L1.sup", "L1.inf", "L2.inf", "S1.sup", "F2"});
}

TEST_CASE("changes round-trip through JSON") {
  const LandmarkChange change{"S1.sup_ant", {190.0, 490.0}, {191.0, 490.0}};
  CHECK(change_from_json(to_json(change)) == change);
  for (const json& bad : {json(), json::array(), json{{"at", 1}, {"from", 1}, {"to", 1}},
                          json{{"at", "S1"}, {"from", 1}}}) {
    CHECK_THROWS_AS(change_from_json(bad), Error);
  }
}
