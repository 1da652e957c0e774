#include "spine/batch/failure.h"

#include <filesystem>

#include "spine/util/text.h"

namespace spine::batch {

std::string without_path(std::string message, const Study& study) {
  const std::string path = study.path.string();
  if (path.empty() || study.shown.empty() || study.shown == path) return message;
  message = replace_all(message, path, study.shown);
  const std::filesystem::path folder = study.path.parent_path();
  if (folder.has_filename()) message = replace_all(message, folder.string() + "/", "");
  return message;
}

}  // namespace spine::batch
