#include "fuzz_target.h"
#include "review/landmarks.h"
#include <nlohmann/json.hpp>

#include "spine/review/http.h"
#include "spine/review/review_file.h"
#include "spine/review/service.h"
#include "spine/util/json.h"

// What a page or a file can bring to spine-review. The first byte of an input says what follows.
namespace {

using namespace spine;
using namespace spine::review;
using nlohmann::json;

/// An event of the page, made to landmarks.
void take_event(const std::string& text) {
  if (is_nested_too_deep(text)) return;
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return;
  const Event event = event_from_page(document);
  json landmarks = test::some_landmarks();
  const json before = landmarks;
  make_changes(event.changes, landmarks);
  make_changes(inverse(event.changes), landmarks);
  if (landmarks != before) std::abort();
}

/// A review.json, as the file of a study.
void read_review(const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  std::filesystem::rename(file, folder / ReviewFile::kName);
  const auto review = ReviewFile::read(folder, "case");
  for (const auto& id : review.readings()) {
    static_cast<void>(review.reading(id, test::some_landmarks()));
  }
  static_cast<void>(review.revision());
}

/// The first lines of a request.
void split_request(const std::string& text) {
  const auto end = text.find('\n');
  if (const auto target = split_target(text.substr(0, end))) {
    if (target->first.find('%') != std::string::npos) std::abort();
  }
  if (end != std::string::npos) cookie(std::string_view(text).substr(end + 1), "name");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'e':
      fuzz::expect_value_or_error([&] { take_event(text); });
      break;
    case 'f': {
      const auto& file = fuzz::as_file(data + 1, size - 1);
      fuzz::expect_value_or_error([&] { read_review(file); });
      break;
    }
    default:
      split_request(text);
  }
  return 0;
}
