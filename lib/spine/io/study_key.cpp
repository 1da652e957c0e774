#include "spine/io/study_key.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/core/sha256.h"
#include "spine/io/atomic_file.h"
#include "spine/io/dicom_uid.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::usage, "study key " + file.string() + ": " + what);
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

/// Writes a new secret under another name and links it to its own, which fails where another
/// process was first: then that one's holds.
void make_secret(const fs::path& file) {
  std::error_code error;
  fs::create_directories(file.parent_path().empty() ? "." : file.parent_path(), error);
  std::string temporary = file.string() + ".XXXXXX";
  const int descriptor = mkstemp(temporary.data());  // mode 0600
  if (descriptor < 0) refuse(file, std::string("cannot be made: ") + std::strerror(errno));
  const std::string text = random_secret() + "\n";
  const bool written =
      write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(descriptor) == 0;
  close(descriptor);
  const bool linked = written && link(temporary.c_str(), file.c_str()) == 0;
  const int reason = errno;
  unlink(temporary.c_str());
  if (!linked && !fs::exists(file)) {
    refuse(file, std::string("cannot be made: ") + std::strerror(reason));
  }
}

std::string trimmed(const std::string& text) {
  static constexpr const char* kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

StudyKey StudyKey::load(const fs::path& named) {
  const fs::path file = named.empty() ? usual_file() : named;
  if (!fs::exists(file)) make_secret(file);
  std::string secret;
  try {
    secret = trimmed(read_file(file));
  } catch (const Error& error) {
    refuse(file, error.what());
  }
  constexpr std::size_t kShortest = 16;
  if (secret.size() < kShortest) {
    refuse(file, "expected at least " + std::to_string(kShortest) + " characters, got " +
                     std::to_string(secret.size()));
  }
  return StudyKey(std::move(secret));
}

fs::path StudyKey::usual_file() {
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
  throw Error(ErrorKind::usage, "study key: expected --study-key, $XDG_CONFIG_HOME or $HOME");
}

std::string StudyKey::of_film(const DicomHeader& header, const std::string& place) const {
  if (header.sop_uid.empty()) return of_place(place);
  const std::string study = header.study_uid.empty() ? header.sop_uid : header.study_uid;
  return hmac_sha256(secret_, "study " + study).substr(0, 12) + "-" +
         hmac_sha256(secret_, "instance " + header.sop_uid).substr(0, 8);
}

std::string StudyKey::of_place(const std::string& place) const {
  return hmac_sha256(secret_, "place " + place).substr(0, 20);
}

std::string StudyKey::of_patient(const std::string& id) const {
  return hmac_sha256(secret_, "patient " + id).substr(0, 12);
}

std::string StudyKey::uid(const std::string& original) const {
  return uid_from_hash(hmac_sha256(secret_, "uid " + original));
}

std::string StudyKey::fingerprint() const {
  return hmac_sha256(secret_, "fingerprint").substr(0, 8);
}

}  // namespace spine
