#include "spine/util/atomic_file.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/util/disk.h"
#include "spine/util/failpoint.h"
#include "spine/util/regular_file.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

/// Separates the file's name from the unique part of the temporary's name: process id, hyphen,
/// random number.
constexpr std::string_view kMark = ".tmp-";

// Innermost SyncLater of the calling thread; null: files are synced one by one.
thread_local SyncLater* g_later = nullptr;

std::string reason(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

[[noreturn]] void fail_output(const fs::path& file, const std::string& why) {
  throw Error(ErrorKind::output, "write " + file.string() + ": " + why);
}

/// Owns a file descriptor; close() reports deferred write errors (full disk, quota).
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

struct AtomicFile::Impl {
  explicit Impl(const fs::path& destination) : file(destination), descriptor(open_temporary()) {}

  /// Returns -1 and sets errno on failure.
  int open_temporary() {
    for (int tries = 0; tries < 100; ++tries) {
      temporary = file.string() + std::string(kMark) + std::to_string(::getpid()) + "-" +
                  random_name().substr(0, 8);
      failpoint::pass("open file");
      const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd >= 0) failpoint::made(temporary);
      if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
  }

  fs::path file, temporary;
  Descriptor descriptor;
  bool committed = false;
};

AtomicFile::AtomicFile(const fs::path& file) : impl_(std::make_unique<Impl>(file)) {
  if (impl_->descriptor.get() < 0) fail_output(file, reason(errno));
}

AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;

AtomicFile::~AtomicFile() {
  if (impl_ && !impl_->committed) ::unlink(impl_->temporary.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  failpoint::wrote(impl_->temporary);
  const int error_number = write_all(impl_->descriptor.get(), bytes);
  failpoint::pass("write file");
  if (error_number != 0) fail_output(impl_->file, reason(error_number));
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::commit() {
  int error_number =
      g_later == nullptr ? sync_descriptor(impl_->descriptor.get(), impl_->temporary) : 0;
  const int close_error = impl_->descriptor.close();
  if (error_number == 0) error_number = close_error;
  if (error_number != 0) fail_output(impl_->file, reason(error_number));
  move_file(impl_->temporary, impl_->file);
  impl_->committed = true;
  if (g_later != nullptr) {
    g_later->files_.push_back(impl_->file);
  } else {
    sync_folder(impl_->file.parent_path());
  }
}

SyncLater::SyncLater() : before_(g_later) { g_later = this; }

SyncLater::~SyncLater() { g_later = before_; }

void write_file_atomically(const fs::path& file, std::span<const std::byte> bytes) {
  AtomicFile out(file);
  out.write(bytes);
  out.commit();
}

void write_file_atomically(const fs::path& file, std::string_view text) {
  write_file_atomically(file, std::as_bytes(std::span(text.data(), text.size())));
}

bool is_temporary_of(const std::string& file, const std::string& name) {
  const std::string start = file + std::string(kMark);
  return name.size() > start.size() && name.starts_with(start) &&
         name.find_first_not_of("0123456789abcdef-", start.size()) == std::string::npos;
}

std::string read_file(const fs::path& file, std::uint64_t most_bytes) {
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

  // Checked first: a sparse file may claim any size without using disk space.
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const auto refuse_above_limit = [&](std::uint64_t bytes) {
    if (bytes <= most_bytes) return;
    fail(ErrorKind::unreadable, "expected at most " + std::to_string(most_bytes >> 20U) +
                                    " MiB, got " + std::to_string(bytes >> 20U));
  };
  refuse_above_limit(size);
  std::string content;
  content.resize(size);
  std::size_t filled = 0;
  for (;;) {
    // One extra byte detects files that have grown and files of unknown size in /proc.
    if (filled == content.size()) content.resize(content.size() + 4096);
    const ssize_t got = ::read(descriptor.get(), content.data() + filled, content.size() - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      fail(ErrorKind::unreadable, reason(errno));
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    refuse_above_limit(filled);
  }
  content.resize(filled);
  return content;
}

}  // namespace spine
