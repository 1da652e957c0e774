#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/batch/staged_study.h"

namespace spine::batch {

/// Identifies the input and settings of a result; a study is recomputed if it differs.
struct Fingerprint {
  std::string input_sha256;
  std::string options_sha256;
  std::string weights_sha256;  ///< empty if no network is used
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// The results of an earlier run in a study's folder.
struct EarlierResults {
  std::optional<nlohmann::json> record;  ///< of complete results; nullopt: to be computed
  /// Name of a file truncated by a power failure, if any: it differs from its record and cannot be
  /// read.
  std::string cut_off = {};
};

/// The output folder OUT, with one folder per study. Tells which studies are up to date and
/// protects existing files.
class OutputFolder {
 public:
  /// @param root   OUT
  /// @param files  the files that the command writes for a study
  /// @param force  replace results made with other options
  OutputFolder(std::filesystem::path root, StudyFiles files, bool force);

  /// Creates the folder and checks that it is writable. @throws Error(output)
  void prepare() const;

  /// The study's record if its folder holds complete results with the same fingerprint. Only files
  /// whose size differs from the record are read: those that can be read were edited by a user and
  /// are kept. Changes nothing.
  /// @param provenance  {"options", "weights"} of the new results, to describe how they differ from
  ///                    earlier ones
  /// @throws Error(output) if the folder holds files made otherwise that may not be replaced
  /// without --force, or if results are incomplete beside an edited file
  [[nodiscard]] EarlierResults finished(
      const std::string& study, const Fingerprint& fingerprint,
      const nlohmann::json& provenance = nlohmann::json::object()) const;

  /// Creates the staging folder of a study. @throws Error(output)
  [[nodiscard]] StagedStudy stage(const std::string& study) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  /// The name of this run, part of its staging folders.
  [[nodiscard]] const std::string& run() const { return run_; }

 private:
  std::filesystem::path root_;
  StudyFiles files_;
  bool force_;
  std::string run_;
};

/// The fingerprint in the provenance of a record, and the inverse; nullopt if the record has none.
nlohmann::json to_json(const Fingerprint& fingerprint);
std::optional<Fingerprint> fingerprint_of_record(const nlohmann::json& record);

}  // namespace spine::batch
