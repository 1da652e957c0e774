#pragma once
#include <string>

#include "spine/dataset/study_set.h"
#include "spine/util/describe_failure.h"

namespace spine::batch {

using spine::describe_failure;
using spine::Failure;
using spine::one_line;

/// A message with the study's path replaced by its display name, and the folder removed from files
/// beside it.
std::string without_path(std::string message, const Study& study);

}  // namespace spine::batch
