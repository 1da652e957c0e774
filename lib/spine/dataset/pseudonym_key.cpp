#include "spine/dataset/pseudonym_key.h"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_uid.h"
#include "spine/util/disk.h"
#include "spine/util/failpoint.h"
#include "spine/util/regular_file.h"
#include "spine/util/sha256.h"
#include "spine/util/text.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::usage, "pseudonymisation key " + file.string() + ": " + what);
}

std::string random_secret() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device device;
  std::string secret;
  for (int word = 0; word < 8; ++word) {
    auto bits = static_cast<std::uint32_t>(device());
    for (int i = 0; i < 8; ++i, bits >>= 4U) secret += digits[bits & 15U];
  }
  return secret;
}

constexpr std::size_t kShortest = 16;

/// Whether a secret's file was truncated while this program created it: empty, or zeros in place of
/// digits. Any other content may be a secret chosen by a user.
bool is_cut_off(const std::string& content) {
  const auto last = content.find_last_not_of('\0');
  if (last == std::string::npos) return true;
  return last + 1 < content.size() && last + 1 < kShortest &&
         content.find_first_not_of("0123456789abcdef") > last;
}

std::string system_reason(int error_number) { return std::strerror(error_number); }

/// An open file with advisory locking (flock(2)); closing it unlocks.
class KeyFile {
 public:
  KeyFile(const fs::path& file, int flags) : file_(file), fd_(::open(file.c_str(), flags, 0600)) {}
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  KeyFile(KeyFile&&) = delete;
  KeyFile& operator=(KeyFile&&) = delete;
  ~KeyFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  /// Waits for the lock. Returns false on file systems without locking.
  [[nodiscard]] bool lock(int operation) const {
    int result = 0;
    do {
      result = ::flock(fd_, operation);
    } while (result != 0 && errno == EINTR);
    return result == 0;
  }

  [[nodiscard]] std::string content() const {
    constexpr std::size_t kLongest = 1U << 16U;
    std::string text(kLongest, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
      const ssize_t got =
          ::pread(fd_, text.data() + filled, text.size() - filled, static_cast<off_t>(filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) refuse(file_, "cannot be read: " + system_reason(errno));
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
  }

  /// Writes a new secret durably.
  void write(const std::string& text) const {
    failpoint::wrote(file_);
    if (::ftruncate(fd_, 0) != 0) fail_to_make();
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t written =
          ::pwrite(fd_, text.data() + done, text.size() - done, static_cast<off_t>(done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_to_make();
      done += static_cast<std::size_t>(written);
    }
    errno = sync_descriptor(fd_, file_);
    if (errno != 0) fail_to_make();
    sync_folder(file_.parent_path());
  }

  [[noreturn]] void fail_to_make() const {
    refuse(file_,
           "cannot be created: " + system_reason(errno) + "; set another file by --pseudonym-key");
  }

 private:
  const fs::path& file_;
  int fd_;
};

void make_folder_of(const fs::path& file) {
  if (file.parent_path().empty()) return;
  try {
    make_folders(file.parent_path());
  } catch (const Error& error) {
    refuse(file, std::string("cannot be created: ") + error.what() +
                     "; set another file by --pseudonym-key");
  }
}

/// Waits briefly for another process to complete the file.
std::string completed_content(const fs::path& file) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    const KeyFile open_file(file, O_RDONLY | O_CLOEXEC);
    if (!open_file.is_open()) open_file.fail_to_make();
    std::string content = open_file.content();
    if (!is_cut_off(content)) return content;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  refuse(file, "is empty or truncated; remove it if no results depend on it");
}

/// Content of a file that did not exist or was truncated: the new secret, or that of another
/// process which created it meanwhile. The lock decides who writes; on file systems without
/// locking, exclusive creation does.
std::string made_content(const fs::path& file, const std::string& new_secret) {
  make_folder_of(file);
  std::string secret = new_secret + "\n";
  const KeyFile fresh(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC);
  if (fresh.is_open()) {
    failpoint::made(file);
    failpoint::pass("key made");
  } else if (errno != EEXIST) {
    fresh.fail_to_make();
  }
  const KeyFile existing(file, O_RDWR | O_CLOEXEC);
  if (!existing.is_open()) existing.fail_to_make();
  if (existing.lock(LOCK_EX)) {
    std::string content = existing.content();
    if (!is_cut_off(content)) return content;
  } else if (!fresh.is_open()) {
    return completed_content(file);
  }
  existing.write(secret);
  return secret;
}

/// Content of the file; nullopt if it is missing or truncated.
std::optional<std::string> content_of(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    if (ignored && ignored != std::errc::no_such_file_or_directory &&
        ignored != std::errc::not_a_directory) {
      refuse(file, "cannot be read: " + ignored.message());
    }
    return std::nullopt;
  }
  try {
    require_regular_file(file);
  } catch (const Error& error) {
    refuse(file, error.what());
  }
  const KeyFile open_file(file, O_RDONLY | O_CLOEXEC);
  if (!open_file.is_open()) refuse(file, "cannot be read: " + system_reason(errno));
  (void)open_file.lock(LOCK_SH);  // until a process that is creating it has finished
  std::string content = open_file.content();
  if (is_cut_off(content)) return std::nullopt;
  return content;
}

PseudonymKey checked(const fs::path& file, const std::string& content) {
  std::string secret = trimmed(content);
  if (secret.size() < kShortest) {
    refuse(file, "expected at least " + std::to_string(kShortest) + " characters, got " +
                     std::to_string(secret.size()));
  }
  if (secret.find('\0') != std::string::npos)
    refuse(file, "expected text, got zeros: it is damaged");
  return PseudonymKey(std::move(secret));
}

/// Checks without writing that the file, or its nearest existing parent folder, is writable.
void require_makable(const fs::path& file) {
  std::error_code ignored;
  const fs::path wanted = fs::absolute(file, ignored);
  fs::path there = wanted;
  while (!fs::exists(there, ignored) && there.has_relative_path()) there = there.parent_path();
  const bool fits = there == wanted || fs::is_directory(there, ignored);
  if (fits && ::access(there.c_str(), W_OK) == 0) return;
  refuse(file, "cannot be created: " + system_reason(fits ? errno : ENOTDIR) +
                   "; set another file by --pseudonym-key");
}

}  // namespace

PseudonymKeyTaken::PseudonymKeyTaken(const fs::path& file)
    : Error(ErrorKind::output, "pseudonymisation key " + file.string() +
                                   ": expected to create it, found one created meanwhile by "
                                   "another run; run again") {}

PseudonymKey PseudonymKey::load(const fs::path& named) {
  const fs::path file = named.empty() ? default_file() : named;
  const std::optional<std::string> content = content_of(file);
  return checked(file, content ? *content : made_content(file, random_secret()));
}

PseudonymKey PseudonymKey::existing_or_new(const fs::path& named) {
  if (auto key = existing(named)) return *std::move(key);
  PseudonymKey key(random_secret());
  key.new_file_ = named.empty() ? default_file() : named;
  require_makable(key.new_file_);
  return key;
}

void PseudonymKey::keep() const {
  if (!is_new()) return;
  const std::optional<std::string> content = content_of(new_file_);
  const PseudonymKey kept =
      checked(new_file_, content ? *content : made_content(new_file_, secret_));
  if (kept.secret_ != secret_) throw PseudonymKeyTaken(new_file_);
}

std::optional<PseudonymKey> PseudonymKey::existing(const fs::path& named) {
  const fs::path file = named.empty() ? default_file() : named;
  const std::optional<std::string> content = content_of(file);
  if (!content) return std::nullopt;
  return checked(file, *content);
}

fs::path PseudonymKey::default_file() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path config = variable("XDG_CONFIG_HOME"); !config.empty()) {
    return config / "spine" / "study.key";
  }
  if (const fs::path home = variable("HOME"); !home.empty()) {
    return home / ".config" / "spine" / "study.key";
  }
  throw Error(
      ErrorKind::usage,
      "pseudonymisation key: expected a default location, got neither $XDG_CONFIG_HOME nor $HOME; "
      "set --pseudonym-key FILE or --keep-identifiers");
}

std::string PseudonymKey::of_film(const DicomHeader& header, const std::string& place) const {
  if (header.sop_uid.empty()) return of_place(place);
  const std::string study = header.study_uid.empty() ? header.sop_uid : header.study_uid;
  return hmac_sha256(secret_, "study " + study).substr(0, 12) + "-" +
         hmac_sha256(secret_, "instance " + header.sop_uid).substr(0, 8);
}

std::string PseudonymKey::of_place(const std::string& place) const {
  return hmac_sha256(secret_, "place " + place).substr(0, 20);
}

std::string PseudonymKey::of_patient(const std::string& id) const {
  return hmac_sha256(secret_, "patient " + id).substr(0, 12);
}

std::string PseudonymKey::uid(const std::string& original) const {
  return uid_from_hash(hmac_sha256(secret_, "uid " + original));
}

std::string PseudonymKey::fingerprint() const {
  return hmac_sha256(secret_, "fingerprint").substr(0, 8);
}

DicomSource without_identifiers(const DicomSource& source, const PseudonymKey& key,
                                const std::string& study) {
  DicomSource bare;
  bare.identified = false;
  bare.character_set = "ISO_IR 192";
  bare.patient_id = source.patient_id.empty() ? study : key.of_patient(source.patient_id);
  bare.patient_name = bare.patient_id + "^";
  const auto replaced = [&](const std::string& uid, const char* what) {
    return key.uid(uid.empty() ? study + what : uid);
  };
  bare.study_uid = replaced(source.study_uid, " study");
  bare.series_uid = replaced(source.series_uid, " series");
  bare.sop_uid = replaced(source.sop_uid, " film");
  bare.sop_class = source.sop_class;
  return bare;
}

}  // namespace spine
