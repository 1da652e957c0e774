#include "spine/train/run_record.h"

#include <chrono>
#include <ctime>
#include <fstream>

namespace spine::train {
namespace {

/// A word of a command line; of an absolute path, also behind "--option=", its last part.
std::string without_folders(const std::string& word) {
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
  const std::size_t begin = equals == std::string::npos ? 0 : equals + 1;
  const auto value = std::filesystem::path(word.substr(begin)).lexically_normal();
  if (!value.is_absolute()) return word;
  const auto name = value.has_filename() ? value.filename() : value.parent_path().filename();
  return word.substr(0, begin) + name.string();
}

}  // namespace

nlohmann::json run_record(int argc, const char* const* argv, const BuildInfo& build) {
  std::string command;
  for (int i = 0; i < argc; ++i) {
    if (i > 0) command += ' ';
    command += without_folders(argv[i]);
  }
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d", &utc);
  return {{"command", command},
          {"version", build.version},
          {"commit", build.commit},
          {"dirty", build.dirty},
          {"started", date}};
}

nlohmann::json training_parts(const std::filesystem::path& record_file) {
  std::ifstream in(record_file);
  const auto record = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  return record.is_object() ? record.value("parts", nlohmann::json::array())
                            : nlohmann::json::array();
}

}  // namespace spine::train
