#include "spine/batch/failure.h"

#include <filesystem>

namespace spine::batch {
namespace {

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

std::string without_path(std::string message, const Study& study) {
  const std::string path = study.path.string();
  if (path.empty() || study.shown.empty() || study.shown == path) return message;
  replace_all(message, path, study.shown);
  const std::filesystem::path folder = study.path.parent_path();
  if (folder.has_filename()) replace_all(message, folder.string() + "/", "");
  return message;
}

}  // namespace spine::batch
