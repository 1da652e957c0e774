#include "spine/train/run_record.h"

#include <chrono>
#include <ctime>
#include <fstream>

namespace spine::train {

nlohmann::json run_record(const std::string& command_line, const BuildInfo& build) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d", &utc);
  return {{"command", command_line},
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
