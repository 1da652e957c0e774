#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spine::batch {

/// What decides whether a study has to be computed again.
struct Fingerprint {
  std::string input_sha256;
  std::string options_sha256;
  std::string weights_sha256;  ///< empty where no network is used
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// The files one command writes for a study.
struct StudyFiles {
  std::string record;               ///< the JSON document that holds the provenance; written last
  std::vector<std::string> others;  ///< all others that this run may write
  /// Those that the command writes with other options: out of date when a new record comes.
  std::vector<std::string> others_before = {};
};

/// The files of one study while they are being made, in a hidden folder beside their destination.
/// They appear together, by renaming, with the record last; without `commit` none of them does.
class StagedStudy {
 public:
  StagedStudy(std::filesystem::path staging, std::filesystem::path destination, StudyFiles files);
  StagedStudy(const StagedStudy&) = delete;
  StagedStudy& operator=(const StagedStudy&) = delete;
  StagedStudy(StagedStudy&&) = delete;
  StagedStudy& operator=(StagedStudy&&) = delete;
  ~StagedStudy();

  /// The folder to write to.
  [[nodiscard]] const std::filesystem::path& folder() const { return staging_; }
  /// @throws Error(output) when a file cannot be moved.
  void commit();

 private:
  std::filesystem::path staging_, destination_;
  StudyFiles files_;
};

/// OUT, with one folder a study. Knows which studies are done and protects what is already there.
class OutputFolder {
 public:
  OutputFolder(std::filesystem::path root, StudyFiles files, bool force);

  /// Makes the folder and proves that it can be written to. @throws Error(output).
  void prepare() const;

  /// The study's record, when its folder holds complete results of the same fingerprint; nullopt
  /// when the study is to be computed.
  /// @throws Error(output) when the folder holds files that were made otherwise and that may not be
  /// replaced without --force.
  [[nodiscard]] std::optional<nlohmann::json> finished(const std::string& study,
                                                       const Fingerprint& fingerprint) const;

  /// @throws Error(output) when the staging folder cannot be made.
  [[nodiscard]] StagedStudy stage(const std::string& study) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  [[nodiscard]] std::filesystem::path staging_of(const std::string& study) const;

  std::filesystem::path root_;
  StudyFiles files_;
  bool force_;
};

/// {name: SHA-256} of those files that are in a folder, as a record's provenance holds them.
nlohmann::json hashes_of(const std::filesystem::path& folder,
                         const std::vector<std::string>& names);

/// The fingerprint as the record's provenance holds it, and back.
nlohmann::json to_json(const Fingerprint& fingerprint);
std::optional<Fingerprint> fingerprint_of_record(const nlohmann::json& record);

}  // namespace spine::batch
