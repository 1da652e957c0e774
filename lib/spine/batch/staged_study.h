#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spine::batch {

/// The files one command writes for a study.
struct StudyFiles {
  std::string record;               ///< the JSON document that holds the provenance; written last
  std::vector<std::string> others;  ///< all others that this run may write
  /// Those that the command writes with other options: out of date when a new record comes.
  std::vector<std::string> others_before = {};
};

/// The files of one study while they are being made, in a hidden folder beside their destination.
/// Without `commit` none of them appears. With it all do, with the record last: they are synced
/// first, then either the whole folder is renamed, where the study has none yet, or a journal of
/// what is to be moved is left beside them until all is, by which recover_staged() completes a
/// commit that was cut off.
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
  /// @throws Error(output) when a file that the record lists is not there, or one cannot be synced
  /// or moved.
  void commit();

 private:
  std::filesystem::path staging_, destination_;
  StudyFiles files_;
};

/// Where the run of this name makes a study's files: OUT/.partial-<run>-<study>.
std::filesystem::path staging_folder(const std::filesystem::path& output, const std::string& run,
                                     const std::string& study);

struct Recovered {
  std::vector<std::string> completed;         ///< studies whose commit was brought to its end
  std::map<std::string, std::string> failed;  ///< those where that failed, with the reason
};

/// What ended runs left in OUT of the studies that `is_own` names: a commit that had begun is
/// completed, anything else is removed. The caller holds the folder for these studies.
/// @param at_work  names of runs that have not ended
Recovered recover_staged(const std::filesystem::path& output,
                         const std::function<bool(const std::string&)>& is_own,
                         const std::set<std::string>& at_work = {});

/// {name: SHA-256} of those files that are in a folder, as a record's provenance holds them.
nlohmann::json hashes_of(const std::filesystem::path& folder,
                         const std::vector<std::string>& names);

/// {name: size in bytes} of those files that are in a folder, likewise.
nlohmann::json sizes_of(const std::filesystem::path& folder, const std::vector<std::string>& names);

/// The names of the files that a record's provenance lists.
std::vector<std::string> files_of_record(const nlohmann::json& record);

}  // namespace spine::batch
