#include "spine/train/run_record.h"

#include <chrono>
#include <ctime>
#include <fstream>

namespace spine::train {
namespace {

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string packed_ref(const std::filesystem::path& file, const std::string& ref) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.size() > 41 && line.substr(41) == ref) return line.substr(0, 40);
  }
  return "unknown";
}

}  // namespace

std::string checked_out_commit(const std::filesystem::path& source_folder) {
  const auto git = source_folder / ".git";
  const std::string head = first_line(git / "HEAD");
  const std::string prefix = "ref: ";
  if (!head.starts_with(prefix)) return head.size() == 40 ? head : "unknown";
  const std::string ref = head.substr(prefix.size());
  const std::string loose = first_line(git / ref);
  return loose.size() == 40 ? loose : packed_ref(git / "packed-refs", ref);
}

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

nlohmann::json run_record(int argc, const char* const* argv) {
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
  return {
      {"command", command}, {"commit", checked_out_commit(SPINE_SOURCE_DIR)}, {"started", date}};
}

nlohmann::json training_parts(const std::filesystem::path& record_file) {
  std::ifstream in(record_file);
  const auto record = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  return record.is_object() ? record.value("parts", nlohmann::json::array())
                            : nlohmann::json::array();
}

}  // namespace spine::train
