#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "spine/core/error.h"
#include "spine/dataset/study_set.h"

namespace spine {

/// A found input, with the folder that it was found under for deriving its id.
struct Found {
  std::filesystem::path path;
  std::filesystem::path root;
  std::string error = {};  ///< why it cannot be processed, if known
  ErrorKind error_kind = ErrorKind::usage;
  bool named = false;  ///< given by the user, not found in a folder
};

/// The inputs from which discover() makes studies, sorted by path, each file once.
std::vector<Found> find_inputs(const std::vector<std::filesystem::path>& inputs,
                               const DiscoverOptions& options);

}  // namespace spine
