#include "spine/util/regular_file.h"

#include <string>
#include <system_error>

#include "spine/core/error.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

std::string name_of(fs::file_type type) {
  switch (type) {
    case fs::file_type::directory:
      return "a folder";
    case fs::file_type::fifo:
      return "a pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::block:
    case fs::file_type::character:
      return "a device";
    default:
      return "something else";
  }
}

}  // namespace

void require_regular_file(const fs::path& file) {
  const auto fail = [&](ErrorKind kind, const std::string& actual) {
    throw Error(kind, "read " + file.string() + ": expected a file, " + actual);
  };
  std::error_code error;
  const fs::file_type type = fs::status(file, error).type();
  if (type == fs::file_type::not_found) {
    std::error_code ignored;
    const bool link = fs::is_symlink(fs::symlink_status(file, ignored));
    fail(ErrorKind::not_found, link ? "found a dangling link" : "found none");
  }
  if (error) fail(ErrorKind::unreadable, "got: " + error.message());
  if (type != fs::file_type::regular) fail(ErrorKind::unreadable, "got " + name_of(type));
}

}  // namespace spine
