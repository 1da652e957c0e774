#include "spine/infer/zip_archive.h"

#include <unordered_map>

#include <zip.h>

#include "spine/core/error.h"

namespace spine {

namespace {

/// Maximum expansion ratio of deflate (https://zlib.net/zlib_tech.html).
constexpr std::uint64_t kMaxDeflation = 1032;

/// Whether a member's stated size is possible, checked before memory is allocated.
bool is_possible(const zip_stat_t& stat) {
  return stat.comp_method == ZIP_CM_STORE ? stat.size == stat.comp_size
                                          : stat.size / kMaxDeflation <= stat.comp_size;
}

}  // namespace

struct ZipArchive::Impl {
  struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };

  std::filesystem::path file;
  std::unique_ptr<zip_t, Discard> archive;
  std::unordered_map<std::string, zip_uint64_t> places;  ///< the first of duplicate names

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, "weights: " + file.string() + ": " + what);
  }
};

ZipArchive::ZipArchive(const std::filesystem::path& file) : impl_(std::make_unique<Impl>()) {
  impl_->file = file;
  int code = 0;
  impl_->archive.reset(zip_open(file.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (impl_->archive == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    impl_->fail("not a valid zip archive (" + reason + "); truncated?");
  }
  const zip_int64_t count = zip_get_num_entries(impl_->archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name =
        zip_get_name(impl_->archive.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    names_.emplace_back(name == nullptr ? "" : name);
    impl_->places.emplace(names_.back(), static_cast<zip_uint64_t>(i));
  }
}

ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;
ZipArchive::~ZipArchive() = default;

bool ZipArchive::contains(const std::string& name) const { return impl_->places.contains(name); }

std::string ZipArchive::read(const std::string& name, std::uint64_t limit) const {
  const auto found = impl_->places.find(name);
  if (found == impl_->places.end()) impl_->fail("no member \"" + name + "\"");
  const zip_uint64_t index = found->second;
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  zip_stat_t stat;
  if (zip_stat_index(impl_->archive.get(), index, 0, &stat) != 0 ||
      (stat.valid & kNeeded) != kNeeded) {
    impl_->fail("member \"" + name + "\" has no size");
  }
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    impl_->fail("member \"" + name + "\": expected it stored or deflated, found compression " +
                std::to_string(stat.comp_method));
  }
  if (stat.size > limit) {
    impl_->fail("member \"" + name + "\": expected at most " + std::to_string(limit) +
                " bytes, found " + std::to_string(stat.size));
  }
  if (!is_possible(stat)) impl_->fail("member \"" + name + "\" is damaged");
  zip_file_t* member = zip_fopen_index(impl_->archive.get(), index, 0);
  if (member == nullptr) impl_->fail("member \"" + name + "\" cannot be opened");
  std::string bytes(stat.size, '\0');
  // The checksum is verified at the end of the member, so one more byte is requested.
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
