#pragma once
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

namespace spine::batch {

/// "2024-05-01T12:00:00Z"
std::string utc_now();

/// One JSON object a line, appended as things happen, by any thread. Without a file it does
/// nothing.
class EventLog {
 public:
  EventLog() = default;
  /// @throws Error(output) when the file cannot be opened.
  explicit EventLog(const std::filesystem::path& file);

  /// Adds "time" and "event" to the fields and writes the line. Never throws: a log that fails must
  /// not end a batch; `failed` tells.
  void write(const std::string& event, nlohmann::json fields) noexcept;
  [[nodiscard]] bool failed() const { return stream_.is_open() && !stream_.good(); }

 private:
  std::ofstream stream_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();  ///< of the stream
};

}  // namespace spine::batch
