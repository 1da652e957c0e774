#pragma once
#include <filesystem>

#include "spine/dataset/study_set.h"

namespace spine::test {

/// The study "s" of a file or folder.
inline Study study_at(const std::filesystem::path& path) {
  Study study;
  study.id = "s";
  study.path = path;
  return study;
}

}  // namespace spine::test
