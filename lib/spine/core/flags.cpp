#include "spine/core/flags.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace spine {
namespace {

struct Limit {
  const char* name;
  double standard_error_deg;
};
constexpr std::array<Limit, 4> kLimits{{{"PI", 8.1}, {"PT", 1.5}, {"SS", 8.1}, {"LL", 9.6}}};

/// Index in the table; the table's length for an unknown flag.
std::size_t place(std::string_view name) {
  const auto at =
      std::find_if(kFlags.begin(), kFlags.end(), [&](const Flag& f) { return f.name == name; });
  return static_cast<std::size_t>(at - kFlags.begin());
}

}  // namespace

const Flag* find_flag(std::string_view name) {
  const std::size_t at = place(name);
  return at == kFlags.size() ? nullptr : &kFlags[at];
}

bool found_before(FlagSource stage, std::string_view name) {
  const Flag* flag = find_flag(name);
  return flag == nullptr || flag->source < stage;
}

std::vector<std::string> flags_before(FlagSource stage, const std::vector<std::string>& flags) {
  std::vector<std::string> before;
  std::copy_if(flags.begin(), flags.end(), std::back_inserter(before),
               [&](const std::string& flag) { return found_before(stage, flag); });
  return before;
}

bool is_reason(std::string_view name) {
  const Flag* known = find_flag(name);
  return known == nullptr || known->reason;
}

void sort_flags(std::vector<std::string>& flags) {
  std::sort(flags.begin(), flags.end(), [](const std::string& a, const std::string& b) {
    return std::pair(place(a), a) < std::pair(place(b), b);
  });
  flags.erase(std::unique(flags.begin(), flags.end()), flags.end());
}

std::string_view to_string(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kNames{"ok", "review", "missing"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Assessment assess(const Measurements& measurements) {
  Assessment result;
  for (const auto& flag : measurements.qc) {
    if (is_reason(flag)) result.reasons.push_back(flag);
  }
  if (!result.reasons.empty()) result.verdict = Verdict::review;
  bool any = measurements.values.empty(), missing = false;
  for (const Measurement& m : measurements.values) {
    any = any || m.value;
    missing = missing || (!m.value && m.status != kNotInFilm);
  }
  if (missing || !any) result.verdict = Verdict::missing;
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
