#pragma once
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

namespace spine::batch {

/// The current time in UTC: "2024-05-01T12:00:00Z".
std::string utc_now();

/// Appends events to a file, one JSON object per line; thread-safe. Without a file it does nothing.
class EventLog {
 public:
  EventLog() = default;
  /// Opens the file for appending. @throws Error(output) if it cannot be opened.
  explicit EventLog(const std::filesystem::path& file);

  /// Adds "time" and "event" to the fields and writes the line. Never throws: a failing log must
  /// not end a batch; see `failed`.
  void write(const std::string& event, nlohmann::json fields) noexcept;
  /// Whether writing has failed.
  [[nodiscard]] bool failed() const { return stream_.is_open() && !stream_.good(); }

 private:
  std::ofstream stream_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();  ///< of the stream
};

}  // namespace spine::batch
