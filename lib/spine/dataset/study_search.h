#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "spine/core/error.h"
#include "spine/dataset/study_set.h"

namespace spine {

/// An input with the folder that it was found under, for its name.
struct Found {
  std::filesystem::path path;
  std::filesystem::path root;
  std::string error = {};  ///< why it cannot be worked on, where that is known
  ErrorKind error_kind = ErrorKind::usage;
  bool named = false;  ///< by the user
};

/// What discover() makes studies of, sorted by path, every file once.
std::vector<Found> find_inputs(const std::vector<std::filesystem::path>& inputs,
                               const DiscoverOptions& options);

}  // namespace spine
