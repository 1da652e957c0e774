#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_header.h"
#include "spine/io/dicom/dicom_source.h"

namespace spine {

/// A secret by which identifiers are replaced by pseudonyms. The same secret gives the same
/// pseudonyms across runs and machines; another secret makes it another cohort.
///
/// A new key is not stored yet (existing_or_new()): it may name studies in messages of a run that
/// is refused. keep() stores it before any results are written under its names.
class PseudonymKey {
 public:
  explicit PseudonymKey(std::string secret) : secret_(std::move(secret)) {}

  /// Reads the secret, the content of the file without surrounding white space. A missing file is
  /// created: 32 random bytes in hexadecimal, readable by the owner only, stored durably before
  /// use; concurrent processes all get the same secret. A file truncated during creation (empty,
  /// zeros, a few digits) has not been used yet and is created again.
  /// @param file  empty: default_file()
  /// @throws Error(usage) if it is unreadable, shorter than 16 characters, or cannot be created
  static PseudonymKey load(const std::filesystem::path& file);

  /// Like load() without writing: a new secret where load() would create one.
  /// @throws Error(usage) as load(), also if the file could not be created for lack of a folder or
  /// of permissions
  static PseudonymKey existing_or_new(const std::filesystem::path& file);

  /// Stores a new secret as load() does; no effect otherwise.
  /// @throws PseudonymKeyTaken if another process created the file meanwhile, Error(usage) as
  /// load()
  void keep() const;
  /// Whether the secret has not been stored yet.
  [[nodiscard]] bool is_new() const { return !new_file_.empty(); }

  /// Reads the key of a file; nullopt where load() would create one.
  static std::optional<PseudonymKey> existing(const std::filesystem::path& file);

  /// Default location: $XDG_CONFIG_HOME/spine/study.key, or below ~/.config.
  /// @throws Error(usage) if neither $XDG_CONFIG_HOME nor $HOME is set
  static std::filesystem::path default_file();

  /// Pseudonym of a DICOM film, "<12 digits of the study>-<8 digits of the instance>", both
  /// hexadecimal, so that films of one examination sort together. Without a SOP Instance UID, as
  /// of_place().
  /// @param place  path of the file within the archive
  [[nodiscard]] std::string of_film(const DicomHeader& header, const std::string& place) const;

  /// Pseudonym of a file without identifiers, from its path within the archive.
  [[nodiscard]] std::string of_place(const std::string& place) const;

  /// Pseudonym of a patient, from the patient id.
  [[nodiscard]] std::string of_patient(const std::string& id) const;

  /// A UID (PS3.5 B.2, "2.25.") that replaces another.
  [[nodiscard]] std::string uid(const std::string& original) const;

  /// Eight hexadecimal digits that distinguish secrets without revealing them.
  [[nodiscard]] std::string fingerprint() const;

 private:
  std::string secret_;
  std::filesystem::path new_file_ = {};  ///< where a new secret is to be stored
};

/// Another process created the key file while this one was using a new key. Repeating the run uses
/// the stored key.
class PseudonymKeyTaken : public Error {
 public:
  explicit PseudonymKeyTaken(const std::filesystem::path& file);
};

/// De-identifies the origin of a film: patient id and name are replaced by a keyed hash, UIDs by
/// keyed UIDs; dates, times and all else are removed (core of PS3.15 E.1).
/// @param study  id of the study, identifies the patient if the film has no patient id
DicomSource without_identifiers(const DicomSource& source, const PseudonymKey& key,
                                const std::string& study);

}  // namespace spine
