#include "spine/review/blind.h"

#include <algorithm>

#include "spine/util/sha256.h"

namespace spine::review {
namespace {

constexpr int kFirstSession = 1;

/// A number in [0, 1) that looks random and is always the same for a reader and a study.
double draw(const std::string& reader, const std::string& study) {
  constexpr std::size_t kDigits = 8;
  const std::string hash = sha256_of_text(reader + "\n" + study);
  return static_cast<double>(std::stoul(hash.substr(0, kDigits), nullptr, 16)) / 0x1p32;
}

bool has_seen_the_machine(const std::string& reader, const ReviewFile& review) {
  return std::any_of(review.events().begin(), review.events().end(), [&](const Event& event) {
    const bool decides = event.action == Action::approve || event.action == Action::reject;
    return event.reader == reader &&
           (!event.session || (*event.session == kFirstSession && decides));
  });
}

}  // namespace

ReadingId reading_of(const BlindOptions& options, const std::string& reader,
                     const std::string& study, const ReviewFile& review) {
  if (options.session) return {reader, *options.session};
  const bool is_first = draw(reader, study) < options.first;
  if (is_first && !has_seen_the_machine(reader, review)) return {reader, kFirstSession};
  return {};
}

}  // namespace spine::review
