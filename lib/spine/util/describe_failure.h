#pragma once
#include <exception>
#include <string>

#include "spine/core/error.h"

namespace spine {

/// An exception as a value, for a study's row or stderr.
struct Failure {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  ///< one line
};

/// Kind and message of an exception: spine::Error unchanged; std::bad_alloc, cv::Exception, file
/// system errors and others described. A full disk or a read-only folder is an `output` failure.
Failure describe_failure(const std::exception_ptr& thrown);

/// First line of a text, without control characters. Libraries append stack traces to their
/// messages.
std::string one_line(const std::string& text);

}  // namespace spine
