#pragma once
#include <string>

#include "spine/dataset/study_set.h"
#include "spine/util/describe_failure.h"

namespace spine::batch {

using spine::describe_failure;
using spine::Failure;
using spine::one_line;

/// A message in which a study's path is what is shown of it, and files beside it have lost their
/// folder.
std::string without_path(std::string message, const Study& study);

}  // namespace spine::batch
