#pragma once
#include <filesystem>
#include <string>

namespace spine::review {

/// Held by the one review that stores corrections in a results folder: a file lock (flock), which
/// the system releases however the process ends.
class ReviewLock {
 public:
  static constexpr const char* kName = ".review-lock";

  /// @param address  of the server, told to a second one
  /// @throws Error(usage) if another review holds the folder, with its address; Error(output) if
  /// the folder cannot be written to
  ReviewLock(const std::filesystem::path& folder, const std::string& address);
  ReviewLock(const ReviewLock&) = delete;
  ReviewLock& operator=(const ReviewLock&) = delete;
  ReviewLock(ReviewLock&&) = delete;
  ReviewLock& operator=(ReviewLock&&) = delete;
  ~ReviewLock();

 private:
  int file_ = -1;
};

}  // namespace spine::review
