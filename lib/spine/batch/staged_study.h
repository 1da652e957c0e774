#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spine::batch {

/// The names of the files that a command writes for a study.
struct StudyFiles {
  std::string record;               ///< JSON document with the provenance; written last
  std::vector<std::string> others;  ///< all others that this run may write
  /// Files that the command writes with other options; outdated once there is a new record.
  std::vector<std::string> others_before = {};
};

/// The files of one study while they are being written, in a hidden folder beside their
/// destination. They become visible on `commit` only, the record last: the files are synced, then
/// either the whole folder is renamed, if the study has none yet, or a journal of the moves is kept
/// beside the files until all are done, from which recover_staged() completes an interrupted
/// commit.
class StagedStudy {
 public:
  /// Creates the staging folder. @throws Error(output)
  StagedStudy(std::filesystem::path staging, std::filesystem::path destination, StudyFiles files);
  StagedStudy(const StagedStudy&) = delete;
  StagedStudy& operator=(const StagedStudy&) = delete;
  StagedStudy(StagedStudy&&) = delete;
  StagedStudy& operator=(StagedStudy&&) = delete;
  /// Removes the staging folder, unless a commit has begun.
  ~StagedStudy();

  /// The staging folder, to write files to.
  [[nodiscard]] const std::filesystem::path& folder() const { return staging_; }
  /// Makes the files visible in their destination.
  /// @throws Error(output) if a file listed by the record is missing, or one cannot be synced or
  /// moved
  void commit();

 private:
  std::filesystem::path staging_, destination_;
  StudyFiles files_;
};

/// The staging folder of a study: `OUT/.partial-<run>-<study>`.
std::filesystem::path staging_folder(const std::filesystem::path& output, const std::string& run,
                                     const std::string& study);

/// The outcome of recover_staged().
struct Recovered {
  std::vector<std::string> completed;  ///< studies whose commit was completed
  /// Studies whose commit could not be completed, with the reason.
  std::map<std::string, std::string> failed;
};

/// Cleans up what interrupted runs left in OUT of the studies selected by `is_own`: a commit that
/// had begun is completed, anything else is removed. The caller must hold the lock for these
/// studies.
/// @param active_runs  names of runs that have not ended
Recovered recover_staged(const std::filesystem::path& output,
                         const std::function<bool(const std::string&)>& is_own,
                         const std::set<std::string>& active_runs = {});

/// {name: SHA-256} of the files that exist in a folder, as stored in the provenance of a record.
nlohmann::json hashes_of(const std::filesystem::path& folder,
                         const std::vector<std::string>& names);

/// {name: size in bytes} of the files that exist in a folder.
nlohmann::json sizes_of(const std::filesystem::path& folder, const std::vector<std::string>& names);

/// The names of the files listed in a record's provenance.
std::vector<std::string> files_of_record(const nlohmann::json& record);

}  // namespace spine::batch
