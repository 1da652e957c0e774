#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spine::review {

/// A row of the table of a results folder, as far as the list of studies shows it.
struct CohortStudy {
  std::string id;
  std::string path;    ///< of the film, without identifiers
  std::string status;  ///< "ok", "review", "missing", "excluded", or the kind of failure
  std::string error;
  std::vector<std::string> flags;
  std::optional<double> pt, ss, pi, ll;  ///< degrees, of the machine
  [[nodiscard]] bool has_results() const {
    return status == "ok" || status == "review" || status == "missing";
  }
};

/// The studies of a results folder, in the order in which they should be reviewed. Only the tables
/// are read, so that ten thousand studies take a fraction of a second. Copies share one list, which
/// grows while films are being measured. Thread-safe.
class Cohort {
 public:
  /// Reads measurements.csv, or the tables of all shards.
  /// @throws Error(not_found) if this is no results folder of spine-pipeline or spine-measure,
  /// Error(usage | unreadable) if a table is damaged
  explicit Cohort(const std::filesystem::path& output);
  /// The same, but an empty list if there are no results yet.
  static Cohort or_empty(const std::filesystem::path& output);

  /// The studies as they are now; no position ever changes.
  [[nodiscard]] std::shared_ptr<const std::vector<CohortStudy>> studies() const;
  /// Adds studies at the end; one whose id is there replaces it.
  void put(const std::vector<CohortStudy>& studies);
  /// Positions of the studies that were put, in order of time, without the first `since`.
  [[nodiscard]] std::vector<std::size_t> changes(std::size_t since) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return output_; }
  /// The folder of a study's results.
  [[nodiscard]] std::filesystem::path folder_of(const CohortStudy& study) const {
    return output_ / study.id;
  }
  /// A message without the path of the folder, which may name patients.
  [[nodiscard]] std::string shown(const std::string& message) const;
  /// Checks that a file to be written replaces no result: it lies neither in a study's folder nor
  /// is it a table or record of a run.
  /// @throws Error(usage) naming it
  void require_no_result(const std::filesystem::path& file) const;
  /// Index of a study by id; nullopt if there is none.
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view id) const;

 private:
  struct List;
  explicit Cohort(std::filesystem::path output, std::vector<CohortStudy> studies);

  std::filesystem::path output_;
  /// At first: missing values, then those with most reasons for review, then the rest; failures and
  /// excluded files last. By id within each.
  std::shared_ptr<List> list_;
};

}  // namespace spine::review
