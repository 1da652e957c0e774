#include "spine/core/error.h"

#include <algorithm>

namespace spine {
namespace {

/// Messages may quote file content: line ends, terminal control characters or megabytes of text are
/// removed or truncated.
std::string one_line(std::string text) {
  constexpr std::size_t kLongest = 4000;
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  if (text.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // UTF-8
    text.resize(end);
    text += "...";
  }
  return text;
}

}  // namespace

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::unreadable:
      return "unreadable";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::weights:
      return "weights";
    case ErrorKind::excluded:
      return "excluded";
    case ErrorKind::no_spine:
      return "no_spine";
    case ErrorKind::output:
      return "output";
    case ErrorKind::out_of_memory:
      return "out_of_memory";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

Error::Error(ErrorKind kind, const std::string& message)
    : std::runtime_error(one_line(message)), kind_(kind) {}

Error Error::within(const std::string& context) const { return {kind_, context + ": " + what()}; }

}  // namespace spine
