#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "spine/review/machine_result.h"

namespace spine::review {

/// Time and size of a file, by which a change is noticed.
struct FileStamp {
  std::filesystem::file_time_type time;
  std::uintmax_t size = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// The stamp of a file; nullopt if there is none.
std::optional<FileStamp> stamp_of(const std::filesystem::path& file);

/// Machine's results of the studies that were read last, since a value is asked for with every move
/// of a landmark. Files that were changed are read anew. Thread-safe.
class MachineResults {
 public:
  /// @throws Error as read_machine_result
  [[nodiscard]] std::shared_ptr<const MachineResult> read(const std::filesystem::path& folder,
                                                          const std::string& study);

 private:
  using Stamps = std::vector<std::optional<FileStamp>>;
  struct Entry {
    std::string study;
    Stamps stamps;
    std::shared_ptr<const MachineResult> result;
  };
  static constexpr std::size_t kMost = 8;

  std::mutex mutex_;
  std::vector<Entry> entries_;  ///< the latest last
};

}  // namespace spine::review
