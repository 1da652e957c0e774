#include "spine/core/error.h"

namespace spine {

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
    : std::runtime_error(message), kind_(kind) {}

Error Error::within(const std::string& context) const { return {kind_, context + ": " + what()}; }

}  // namespace spine
