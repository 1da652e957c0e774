#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_header.h"
#include "spine/io/dicom/dicom_source.h"

namespace spine {

/// A secret that turns a file's identifiers into names which tell nothing without it. The same
/// secret gives the same names, so that a cohort keeps them from run to run and from machine to
/// machine; another one makes it another cohort.
///
/// A key that is new lies nowhere yet (existing_or_new()): it may name what is told of a run that
/// is refused, and keep() puts it on the disk before anything is written by its names.
class PseudonymKey {
 public:
  explicit PseudonymKey(std::string secret) : secret_(std::move(secret)) {}

  /// Reads the secret, the file's content without white space at its ends. One that does not exist
  /// is made: 32 random bytes in hexadecimal digits, readable by its owner alone, on the disk
  /// before it is used; of several processes that make it at once all get the same. A file that was
  /// cut off while it was made (empty, zeros, a few digits) has named nothing yet and is made anew.
  /// @param file  empty: default_file()
  /// @throws Error(usage): unreadable, shorter than 16 characters, or it cannot be made.
  static PseudonymKey load(const std::filesystem::path& file);

  /// The same without writing anything: a new secret where load() would make one.
  /// @throws Error(usage) also where the file could not be made for want of a folder or of rights.
  static PseudonymKey existing_or_new(const std::filesystem::path& file);

  /// Writes a new secret to its file, as load() does. Nothing is done for others.
  /// @throws StudyKeyTaken when another process has made the file meanwhile, Error(usage) as load()
  void keep() const;
  [[nodiscard]] bool is_new() const { return !new_file_.empty(); }

  /// The key in a file: nullopt where load() would make one.
  static std::optional<PseudonymKey> existing(const std::filesystem::path& file);

  /// Where the secret is kept by default: $XDG_CONFIG_HOME/spine/study.key, else below ~/.config.
  /// @throws Error(usage) where neither variable says.
  static std::filesystem::path default_file();

  /// A name for a DICOM film, "<12 digits of the study>-<8 digits of the instance>", both
  /// hexadecimal, so that the films of one examination stand together. Without a SOP Instance UID
  /// as of_place().
  [[nodiscard]] std::string of_film(const DicomHeader& header, const std::string& place) const;

  /// A name for a file that tells no identifiers, from its place in the archive.
  [[nodiscard]] std::string of_place(const std::string& place) const;

  /// A name for a patient, from the patient's id.
  [[nodiscard]] std::string of_patient(const std::string& id) const;

  /// A UID (PS3.5 B.2, "2.25.") that stands for another.
  [[nodiscard]] std::string uid(const std::string& original) const;

  /// Eight hexadecimal digits that tell one secret from another, and nothing of either.
  [[nodiscard]] std::string fingerprint() const;

 private:
  std::string secret_;
  std::filesystem::path new_file_ = {};  ///< where a new secret is to be kept
};

/// Another process has made the study key while this one named films by a new one: whoever takes
/// them up again from the beginning gets the names that hold.
class StudyKeyTaken : public Error {
 public:
  explicit StudyKeyTaken(const std::filesystem::path& file);
};

/// A film's origin without anything that tells whom it is of: the patient is called by a keyed
/// hash, UIDs are replaced by keyed ones, dates, times and all else are empty (the core of PS3.15
/// E.1).
/// @param study  the study's id, which names the patient where the film has no patient's id
DicomSource without_identifiers(DicomSource source, const PseudonymKey& key,
                                const std::string& study);

}  // namespace spine
