#include "spine/core/review.h"

#include "support/catch.h"

using namespace spine;

namespace {

Measurements complete() {
  Measurements m;
  m.values = {{"PI", 50.0, "deg", "ok", 2.0},
              {"PT", 12.0, "deg", "ok", 0.5},
              {"SS", 38.0, "deg", "ok", 2.0},
              {"LL", 55.0, "deg", "ok"}};
  return m;
}

}  // namespace

TEST_CASE("A film with all values and no flag is ok") {
  const Review judged = review(complete());
  CHECK(judged.verdict == Verdict::ok);
  CHECK(judged.reasons.empty());
  CHECK(to_string(judged.verdict) == "ok");
}

TEST_CASE("Flags are reasons to look, but those that tell what a value was made from") {
  Measurements m = complete();
  m.qc = {"one_head", "implant"};
  CHECK(review(m).verdict == Verdict::ok);
  m.qc.emplace_back("order");
  CHECK(review(m).verdict == Verdict::review);
  CHECK(review(m).reasons == std::vector<std::string>{"order"});
  CHECK(to_string(review(m).verdict) == "review");
}

TEST_CASE("A film that lacks a value is missing it, whatever else there is") {
  Measurements m = complete();
  m.qc = {"order"};
  m.values.push_back({"LDI", std::nullopt, "%", "missing: L4"});
  CHECK(review(m).verdict == Verdict::missing);
  CHECK(review(m).reasons == std::vector<std::string>{"order"});
  CHECK(to_string(review(m).verdict) == "missing");
}

TEST_CASE("Large standard errors are flagged, unknown ones are not") {
  Measurements m = complete();
  flag_uncertain(m);
  CHECK(m.qc.empty());
  m.values[1].standard_error = 10;
  m.values[2].standard_error = 10;
  flag_uncertain(m);
  CHECK(m.qc == std::vector<std::string>{"uncertain_PT", "uncertain_SS"});
}
