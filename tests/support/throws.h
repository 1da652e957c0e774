#pragma once
#include <functional>
#include <string>

#include "support/catch.h"

#include "spine/core/error.h"

namespace spine::test {

/// The message of the spine::Error of the wanted kind that `action` throws; anything else fails the
/// test. Every message must be one line.
inline std::string message_of(ErrorKind kind, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(to_string(error.kind()) == to_string(kind));
    const std::string message = error.what();
    CHECK(message.find('\n') == std::string::npos);
    return message;
  }
  FAIL("expected an error of kind " << to_string(kind) << ", got none");
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace spine::test
