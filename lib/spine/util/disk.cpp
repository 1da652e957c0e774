#include "spine/util/disk.h"

#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/util/failpoint.h"
#include "spine/util/folder.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const fs::path& file, int error_number) {
  throw Error(ErrorKind::output,
              std::string(what) + " " + file.string() + ": " +
                  std::error_code(error_number, std::generic_category()).message());
}

/// Errors by which a file system reports an unsupported operation, or a folder denies being opened.
bool is_unsupported(int error_number) {
  return error_number == EINVAL || error_number == ENOTSUP || error_number == EOPNOTSUPP ||
         error_number == ENOSYS || error_number == EROFS || error_number == EBADF;
}

fs::path named(const fs::path& folder) { return folder.empty() ? fs::path(".") : folder; }

void remove_each(const fs::path& entry) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(entry, error);
  if (error || !fs::exists(status)) return;
  if (fs::is_directory(status)) {
    for (const auto& path : list_folder(entry).entries) remove_each(path);
  }
  failpoint::pass("remove");
  failpoint::removing(entry);
  fs::remove(entry, error);
}

}  // namespace

int sync_descriptor(int descriptor, const fs::path& file) {
  failpoint::pass("sync");
  int result = 0;
  do {
    result = ::fsync(descriptor);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && !is_unsupported(errno)) return errno;
  failpoint::synced_file(file);
  failpoint::pass("synced");
  return 0;
}

void sync_file(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("sync", file, errno);
  const int error_number = sync_descriptor(descriptor, file);
  ::close(descriptor);
  if (error_number != 0) fail("sync", file, error_number);
}

void sync_folder(const fs::path& named_folder) {
  const fs::path folder = named(named_folder);
  failpoint::pass("sync folder");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    // A folder may be writable but not readable.
    if (errno == EACCES || errno == EPERM) return;
    fail("sync", folder, errno);
  }
  int result = 0;
  do {
    result = ::fsync(descriptor);
  } while (result != 0 && errno == EINTR);
  const int error_number = result == 0 ? 0 : errno;
  ::close(descriptor);
  if (error_number != 0 && !is_unsupported(error_number)) fail("sync", folder, error_number);
  failpoint::synced_folder(folder);
  failpoint::pass("synced folder");
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path path = folder; !path.empty() && !fs::exists(path, error) && !error;) {
    if (path.has_filename()) missing.push_back(path);
    const fs::path above = path.parent_path();
    if (above == path) break;
    path = above;
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    failpoint::pass("make folder");
    const bool is_new = fs::create_directory(*path, error);
    if (error) fail("make folder", *path, error.value());
    if (!is_new) continue;
    failpoint::made(*path);
    sync_folder(path->parent_path());
  }
  if (!fs::is_directory(folder, error)) {
    fail("make folder", folder, error ? error.value() : ENOTDIR);
  }
}

void move_file(const fs::path& from, const fs::path& to) {
  failpoint::pass("rename");
  failpoint::renaming(from, to);
  if (::rename(from.c_str(), to.c_str()) != 0) fail("write", to, errno);
  failpoint::pass("renamed");
}

void remove_quietly(const fs::path& entry) noexcept {
  try {
    remove_each(entry);
  } catch (...) {
    // Ignored: the entry stays.
  }
}

std::string random_name() {
  std::random_device device;
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", device(), device());
  return text;
}

}  // namespace spine
