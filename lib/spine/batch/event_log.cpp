#include "spine/batch/event_log.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#include "spine/core/error.h"

namespace spine::batch {

using nlohmann::json;

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

EventLog::EventLog(const std::filesystem::path& file) {
  if (file.empty()) return;
  errno = 0;
  stream_.open(file, std::ios::app);
  if (!stream_) {
    throw Error(
        ErrorKind::output,
        "log: " + file.string() + ": expected a file to append to, got: " + std::strerror(errno));
  }
}

void EventLog::write(const std::string& event, json fields) noexcept {
  if (!stream_.is_open()) return;
  try {
    fields["time"] = utc_now();
    fields["event"] = event;
    const std::lock_guard lock(*mutex_);
    stream_ << fields.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
  } catch (...) {
    stream_.setstate(std::ios::failbit);
  }
}

}  // namespace spine::batch
