#include "spine/core/review.h"

#include <algorithm>
#include <array>

namespace spine {
namespace {

struct Limit {
  const char* name;
  double standard_error_deg;
};
constexpr std::array<Limit, 4> kLimits{{{"PI", 4}, {"PT", 1.5}, {"SS", 4}, {"LL", 6}}};

constexpr std::array<std::string_view, 2> kNoReasons{"one_head", "implant"};

}  // namespace

std::string_view to_string(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kNames{"ok", "review", "missing"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Review review(const Measurements& measurements) {
  Review result;
  for (const auto& flag : measurements.qc) {
    if (std::find(kNoReasons.begin(), kNoReasons.end(), flag) == kNoReasons.end()) {
      result.reasons.push_back(flag);
    }
  }
  if (!result.reasons.empty()) result.verdict = Verdict::review;
  for (const Measurement& m : measurements.values) {
    if (!m.value) result.verdict = Verdict::missing;
  }
  return result;
}

void flag_uncertain(Measurements& measurements) {
  for (const auto& [name, limit] : kLimits) {
    const Measurement* m = measurements.find(name);
    if (m == nullptr || !m->standard_error || *m->standard_error <= limit) continue;
    measurements.qc.push_back(std::string("uncertain_") + name);
  }
}

}  // namespace spine
