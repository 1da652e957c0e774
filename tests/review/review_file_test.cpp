#include "spine/review/review_file.h"

#include <fstream>

#include "review/landmarks.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

Event edit(double x, double before, const std::string& reader = "A") {
  Event event;
  event.reader = reader;
  event.changes = {{"S1.sup_ant", {before, 490.0}, {x, 490.0}}};
  event.time = "2026-11-30T12:00:00Z";
  event.seconds = 2.5;
  return event;
}

Event act(Action action, const std::string& text = "", const std::string& reader = "A") {
  Event event;
  event.action = action;
  event.reader = reader;
  event.text = text;
  event.time = "2026-11-30T12:00:05Z";
  return event;
}

double s1_x(const Reading& reading) { return reading.landmarks["S1"]["sup_ant"][0].get<double>(); }

}  // namespace

TEST_CASE("edits are undone and made again, also after the file is read anew") {
  const TempDir dir;
  const json machine = some_landmarks();
  auto review = ReviewFile::read(dir.path(), "case");
  CHECK(review.revision() == "0");
  review.append(edit(195, 190), machine);
  review.append(edit(199, 195), machine);
  const auto state = [&] { return ReviewFile::read(dir.path(), "case").reading({}, machine); };
  CHECK(s1_x(state()) == 199);
  CHECK(state().edits == 2);
  CHECK(state().seconds == 5);
  review.append(act(Action::undo), machine);
  CHECK(s1_x(state()) == 195);
  CHECK(state().can_redo);
  review.append(act(Action::undo), machine);
  CHECK(s1_x(state()) == 190);
  CHECK_FALSE(state().can_undo);
  review.append(act(Action::redo), machine);
  CHECK(s1_x(state()) == 195);
  review.append(edit(201, 195), machine);
  CHECK_FALSE(state().can_redo);
  review.append(act(Action::restart), machine);
  CHECK(state().landmarks == machine);
  review.append(act(Action::undo), machine);
  CHECK(s1_x(state()) == 201);
}

TEST_CASE("an event that does not fit is refused and not stored") {
  const TempDir dir;
  const json machine = some_landmarks();
  auto review = ReviewFile::read(dir.path(), "case");
  review.append(edit(195, 190), machine);
  const auto revision = review.revision();
  CHECK_THROWS_AS(review.append(edit(199, 190), machine), Error);  // of a stale tab
  CHECK_THROWS_AS(review.append(act(Action::redo), machine), Error);
  CHECK_THROWS_AS(review.append(act(Action::reject), machine), Error);
  CHECK_THROWS_AS(review.append(act(Action::edit), machine), Error);
  CHECK(review.revision() == revision);
  CHECK(ReviewFile::read(dir.path(), "case").revision() == revision);
}

TEST_CASE("a study is approved, rejected with a reason, and opened again") {
  const TempDir dir;
  const json machine = some_landmarks();
  auto review = ReviewFile::read(dir.path(), "case");
  const auto state = [&] { return ReviewFile::read(dir.path(), "case").reading({}, machine); };
  CHECK(state().verdict == Reading::Verdict::open);
  review.append(act(Action::approve), machine);
  CHECK(state().verdict == Reading::Verdict::approved);
  CHECK(state().reader == "A");
  review.append(act(Action::reject, "hips not on the film", "B"), machine);
  CHECK(state().verdict == Reading::Verdict::rejected);
  CHECK(state().reason == "hips not on the film");
  CHECK(state().reader == "B");
  review.append(act(Action::note, "see the older film"), machine);
  review.append(act(Action::reopen), machine);
  CHECK(state().verdict == Reading::Verdict::open);
  CHECK(state().reason.empty());
  CHECK(state().note == "see the older film");
}

TEST_CASE("an approval is withdrawn when the landmarks change, and a note is no verdict") {
  const TempDir dir;
  const json machine = some_landmarks();
  auto review = ReviewFile::read(dir.path(), "case");
  const auto state = [&] { return review.reading({}, machine); };
  review.append(act(Action::approve), machine);
  review.append(act(Action::note, "clear", "B"), machine);
  CHECK(state().verdict == Reading::Verdict::approved);
  CHECK(state().reader == "A");
  review.append(edit(195, 190, "B"), machine);
  CHECK(state().verdict == Reading::Verdict::open);
  CHECK(state().reader == "B");
  review.append(act(Action::approve), machine);
  review.append(act(Action::undo), machine);
  CHECK(state().verdict == Reading::Verdict::open);
  review.append(act(Action::reject, "rotated"), machine);
  review.append(act(Action::redo), machine);
  CHECK(state().verdict == Reading::Verdict::rejected);
}

TEST_CASE("blind readings start without landmarks and know nothing of each other") {
  const TempDir dir;
  const json machine = some_landmarks();
  auto review = ReviewFile::read(dir.path(), "case");
  review.append(edit(195, 190), machine);
  Event place;
  place.reader = "B";
  place.session = 2;
  place.changes = {{"S1", nullptr, machine["S1"]}};
  review.append(place, machine);
  const auto again = ReviewFile::read(dir.path(), "case");
  CHECK(again.readings() == std::vector<ReadingId>{{}, {"B", 2}});
  CHECK(s1_x(again.reading({}, machine)) == 195);
  const auto blind = again.reading({"B", 2}, machine);
  CHECK(s1_x(blind) == 190);
  CHECK(blind.landmarks["vertebrae"]["L1"].is_null());
  CHECK(again.reading({"B", 1}, machine).landmarks == no_landmarks(machine));
}

TEST_CASE(
    "a reading of earlier landmarks of the machine is kept, and stale until it is restarted") {
  const TempDir dir;
  const json machine = some_landmarks();
  auto review = ReviewFile::read(dir.path(), "case");
  review.append(edit(195, 190), machine);
  json later = machine;
  later["S1"]["sup_ant"] = {150.0, 480.0};
  CHECK(review.reading({}, later).stale);
  CHECK(s1_x(review.reading({}, later)) == 195);
  review.append(edit(196, 195), later);
  CHECK(review.reading({}, later).stale);
  review.append(act(Action::restart), later);
  const auto fresh = ReviewFile::read(dir.path(), "case").reading({}, later);
  CHECK_FALSE(fresh.stale);
  CHECK(fresh.landmarks == later);
}

TEST_CASE("files of another kind are named") {
  const TempDir dir;
  for (const char* text : {"{", "[]", R"({"schema": "spine-landmarks/2"})",
                           R"({"schema": "spine-review/1", "bases": {}, "events": [{}]})"}) {
    std::ofstream(dir / "review.json") << text;
    CHECK_THROWS_AS(ReviewFile::read(dir.path(), "case"), Error);
  }
}
