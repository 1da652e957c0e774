#include "spine/infer/zip_archive.h"

#include <algorithm>

#include <zip.h>

#include "spine/core/error.h"

namespace spine {

struct ZipArchive::Impl {
  std::filesystem::path file;
  zip_t* archive = nullptr;

  ~Impl() {
    if (archive != nullptr) zip_discard(archive);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, "weights: " + file.string() + ": " + what);
  }
};

ZipArchive::ZipArchive(const std::filesystem::path& file) : impl_(std::make_unique<Impl>()) {
  impl_->file = file;
  int code = 0;
  impl_->archive = zip_open(file.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code);
  if (impl_->archive == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    impl_->fail("not a sound zip archive (" + reason + "); truncated?");
  }
  const zip_int64_t count = zip_get_num_entries(impl_->archive, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(impl_->archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    names_.emplace_back(name == nullptr ? "" : name);
  }
}

ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;
ZipArchive::~ZipArchive() = default;

bool ZipArchive::contains(const std::string& name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::string ZipArchive::read(const std::string& name, std::uint64_t limit) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) impl_->fail("no member \"" + name + "\"");
  const auto index = static_cast<zip_uint64_t>(found - names_.begin());
  zip_stat_t stat;
  if (zip_stat_index(impl_->archive, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
    impl_->fail("member \"" + name + "\" has no size");
  }
  if (stat.size > limit) {
    impl_->fail("member \"" + name + "\": expected at most " + std::to_string(limit) +
                " bytes, found " + std::to_string(stat.size));
  }
  zip_file_t* member = zip_fopen_index(impl_->archive, index, 0);
  if (member == nullptr) impl_->fail("member \"" + name + "\" cannot be opened");
  std::string bytes(stat.size, '\0');
  // The last byte's reading compares the checksum, so one more is asked for.
  const zip_int64_t got = zip_fread(member, bytes.data(), bytes.size());
  char beyond = 0;
  const zip_int64_t more = zip_fread(member, &beyond, 1);
  zip_fclose(member);
  if (got < 0 || static_cast<std::uint64_t>(got) != stat.size || more != 0) {
    impl_->fail("member \"" + name + "\" is damaged");
  }
  return bytes;
}

}  // namespace spine
