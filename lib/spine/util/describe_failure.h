#pragma once
#include <exception>
#include <string>

#include "spine/core/error.h"

namespace spine {

/// An exception as a value: what goes into a study's row, or onto stderr.
struct Failure {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  ///< one line
};

/// Kind and message of whatever was thrown: spine::Error as it is; std::bad_alloc, cv::Exception,
/// file system errors and all others in words. A full disk or a read-only folder is an `output`
/// failure.
Failure describe_failure(const std::exception_ptr& thrown);

/// The first line of a text, without control characters. Libraries append stack traces to theirs.
std::string one_line(const std::string& text);

}  // namespace spine
