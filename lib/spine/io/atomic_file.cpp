#include "spine/io/atomic_file.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/core/regular_file.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

std::string reason(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

[[noreturn]] void fail_output(const fs::path& file, const std::string& why) {
  throw Error(ErrorKind::output, "write " + file.string() + ": " + why);
}

/// Closes on destruction; close() reports what a full disk or a quota says only at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  /// 0, or the error number.
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result == 0 ? 0 : errno;
  }

 private:
  int fd_;
};

/// 0, or the error number.
int write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void write_file_atomically(const fs::path& file, std::span<const std::byte> bytes) {
  fs::path temporary = file;
  temporary += ".tmp-" + std::to_string(::getpid());

  Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (descriptor.get() < 0) fail_output(file, reason(errno));
  int error_number = write_all(descriptor.get(), bytes);
  const int close_error = descriptor.close();
  if (error_number == 0) error_number = close_error;
  if (error_number == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error_number = errno;
  if (error_number != 0) {
    ::unlink(temporary.c_str());
    fail_output(file, reason(error_number));
  }
}

void write_file_atomically(const fs::path& file, std::string_view text) {
  write_file_atomically(file, std::as_bytes(std::span(text.data(), text.size())));
}

std::string read_file(const fs::path& file) {
  const auto fail = [&](ErrorKind kind, const std::string& why) {
    throw Error(kind, "read " + file.string() + ": " + why);
  };
  require_regular_file(file);
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) {
    const int error_number = errno;
    fail(error_number == ENOENT ? ErrorKind::not_found : ErrorKind::unreadable,
         reason(error_number));
  }
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail(ErrorKind::unreadable, reason(errno));

  std::string content;
  content.resize(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  for (;;) {
    // One byte more than expected shows a file that has grown, or one of unknown size in /proc.
    if (filled == content.size()) content.resize(content.size() + 4096);
    const ssize_t got = ::read(descriptor.get(), content.data() + filled, content.size() - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      fail(ErrorKind::unreadable, reason(errno));
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

}  // namespace spine
