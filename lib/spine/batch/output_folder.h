#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/batch/staged_study.h"

namespace spine::batch {

/// What decides whether a study has to be computed again.
struct Fingerprint {
  std::string input_sha256;
  std::string options_sha256;
  std::string weights_sha256;  ///< empty where no network is used
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// What a study's folder holds of an earlier run.
struct EarlierResults {
  std::optional<nlohmann::json> record;  ///< of complete results; nullopt: to be computed
  std::string cut_off = {};  ///< name of a file that a power failure cut off, if one was: it is
                             ///< not as it was recorded and cannot be read
};

/// OUT, with one folder a study. Knows which studies are done and protects what is already there.
class OutputFolder {
 public:
  OutputFolder(std::filesystem::path root, StudyFiles files, bool force);

  /// Makes the folder and proves that it can be written to. @throws Error(output).
  void prepare() const;

  /// The study's record, when its folder holds complete results of the same fingerprint. Of them
  /// only files are read that have another size than the record says: those that were changed and
  /// can be read are somebody's work and stay. Changes nothing.
  /// @param provenance  {"options", "weights"} of the results to be, to tell from earlier ones
  /// @throws Error(output) when the folder holds files that were made otherwise and that may not be
  /// replaced without --force, and when results are incomplete beside a file that was changed.
  [[nodiscard]] EarlierResults finished(
      const std::string& study, const Fingerprint& fingerprint,
      const nlohmann::json& provenance = nlohmann::json::object()) const;

  /// @throws Error(output) when the staging folder cannot be made.
  [[nodiscard]] StagedStudy stage(const std::string& study) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  /// Names this run's staging folders.
  [[nodiscard]] const std::string& run() const { return run_; }

 private:
  std::filesystem::path root_;
  StudyFiles files_;
  bool force_;
  std::string run_;
};

/// The fingerprint as the record's provenance holds it, and back.
nlohmann::json to_json(const Fingerprint& fingerprint);
std::optional<Fingerprint> fingerprint_of_record(const nlohmann::json& record);

}  // namespace spine::batch
