#include "spine/review/review_lock.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "spine/core/error.h"

namespace spine::review {
namespace {

std::string content_of(int file) {
  std::array<char, 256> text{};
  const auto length = pread(file, text.data(), text.size(), 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "";
}

}  // namespace

ReviewLock::ReviewLock(const std::filesystem::path& folder, const std::string& address) {
  const auto path = folder / kName;
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) {
    throw Error(ErrorKind::output, "review: " + path.string() + ": " + std::strerror(errno));
  }
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const std::string other = content_of(file_);
    close(file_);
    throw Error(ErrorKind::usage, "review: " + folder.string() +
                                      ": expected to be its only review, but one is running at " +
                                      (other.empty() ? "another address" : other) +
                                      " (or use --read-only)");
  }
  // The address without its secret is of no use to others; the file is private anyway.
  if (ftruncate(file_, 0) != 0 ||
      pwrite(file_, address.data(), address.size(), 0) != static_cast<ssize_t>(address.size())) {
    const std::string reason = std::strerror(errno);
    close(file_);
    throw Error(ErrorKind::output, "review: " + path.string() + ": " + reason);
  }
}

ReviewLock::~ReviewLock() {
  // The file stays: removing it would let a third process lock a file that nobody else sees.
  close(file_);
}

}  // namespace spine::review
