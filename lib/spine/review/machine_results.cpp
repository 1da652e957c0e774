#include "spine/review/machine_results.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace spine::review {

namespace fs = std::filesystem;

std::optional<FileStamp> stamp_of(const fs::path& file) {
  std::error_code error;
  FileStamp stamp{fs::last_write_time(file, error), 0};
  if (!error) stamp.size = fs::file_size(file, error);
  return error ? std::nullopt : std::optional(stamp);
}

std::shared_ptr<const MachineResult> MachineResults::read(const fs::path& folder,
                                                          const std::string& study) {
  const Stamps stamps{stamp_of(folder / "measurements.json"), stamp_of(folder / "landmarks.json")};
  const auto is_asked = [&](const Entry& entry) { return entry.study == study; };
  {
    const std::lock_guard lock(mutex_);
    const auto entry = std::find_if(entries_.begin(), entries_.end(), is_asked);
    if (entry != entries_.end() && entry->stamps == stamps) return entry->result;
  }
  auto result = std::make_shared<const MachineResult>(read_machine_result(folder, study));
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, is_asked);
  entries_.push_back({study, stamps, result});
  if (entries_.size() > kMost) entries_.erase(entries_.begin());
  return result;
}

}  // namespace spine::review
