#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/stage_clock.h"
#include "spine/batch/staged_study.h"
#include "spine/dataset/pseudonym_key.h"
#include "spine/dataset/study_set.h"

namespace spine::batch {

/// What is the same for all studies of a job: the files that it writes, and what its results depend
/// on besides the studies.
struct JobDescription {
  StudyFiles files;
  nlohmann::json options;   ///< everything that affects results, by name
  nlohmann::json weights;   ///< {"name", "sha256", "architecture"}, or null
  std::string device;       ///< "cpu", "cuda:0"
  nlohmann::json versions;  ///< of the libraries in use, by name
  /// The pseudonymisation key in use; a new one is saved when the run begins.
  std::optional<PseudonymKey> key;
};

/// Writes the results of one study, which it holds in memory: all files except the record to
/// `folder`. Returns the record. `provenance` is complete except for what only this step knows.
using WriteResults =
    std::function<nlohmann::json(const std::filesystem::path& folder, nlohmann::json provenance)>;

/// The work of a command on one study. Its functions are called by several threads concurrently;
/// those for one study run on one thread.
class StudyJob {
 public:
  virtual ~StudyJob() = default;
  StudyJob(const StudyJob&) = delete;
  StudyJob& operator=(const StudyJob&) = delete;
  StudyJob(StudyJob&&) = delete;
  StudyJob& operator=(StudyJob&&) = delete;

  [[nodiscard]] const JobDescription& description() const { return description_; }
  /// Time spent in the steps so far.
  [[nodiscard]] StageClock& clock() const { return clock_; }

  /// The input files of a study; their hash decides whether its results are up to date.
  /// @throws Error(not_found) if there are none
  [[nodiscard]] virtual std::vector<std::filesystem::path> input_files(
      const Study& study) const = 0;
  /// Options specific to one study (spacing, anterior side).
  /// @throws Error(unreadable) for a damaged record beside the input
  [[nodiscard]] virtual nlohmann::json study_options(const Study& study) const = 0;
  /// Reads a study and computes its results.
  /// @param study  must outlive the function returned
  /// @throws Error of reading and of the stages
  [[nodiscard]] virtual WriteResults compute(const Study& study) const = 0;

 protected:
  StudyJob() = default;

  JobDescription description_;

 private:
  mutable StageClock clock_;  // thread-safe
};

/// A job in three steps: a command implements them besides input_files() and study_options().
/// @tparam Loaded     the input of a study in memory
/// @tparam Processed  its results in memory
template <class Loaded, class Processed>
class StepwiseJob : public StudyJob {
 public:
  /// Reads the input of a study.
  [[nodiscard]] virtual Loaded load(const Study& study) const = 0;
  /// Computes its results.
  [[nodiscard]] virtual Processed process(const Loaded& input) const = 0;
  /// Writes its results as WriteResults does. @throws Error(output)
  virtual nlohmann::json write(const Study& study, const Loaded& input, const Processed& results,
                               const std::filesystem::path& folder,
                               nlohmann::json provenance) const = 0;

  [[nodiscard]] WriteResults compute(const Study& study) const final {
    const auto input = std::make_shared<const Loaded>(load(study));
    const auto results = std::make_shared<const Processed>(process(*input));
    return [this, &study, input, results](const std::filesystem::path& folder,
                                          nlohmann::json provenance) {
      return write(study, *input, *results, folder, std::move(provenance));
    };
  }
};

}  // namespace spine::batch
