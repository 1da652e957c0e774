#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "spine/util/display_names.h"

namespace spine::batch {

/// Progress counts of a run.
struct Counts {
  std::size_t studies = 0;  ///< total
  std::size_t done = 0;     ///< computed in this run
  std::size_t missing = 0;  ///< of the done or skipped ones: with missing values
  std::size_t review = 0;  ///< of the done or skipped ones: complete, but flagged for manual review
  std::size_t skipped = 0;      ///< already up to date
  std::size_t failed = 0;       ///< failed, with a reason
  std::size_t excluded = 0;     ///< DICOM files excluded by their tags, and duplicates
  std::size_t not_reached = 0;  ///< not reached because the run stopped early
};

/// Formats the progress line: counts, failures, rate and remaining time.
std::string progress_text(const Counts& counts, double elapsed_s);

/// Formats the last line of a run: counts, duration and seconds per computed study.
std::string summary_text(const Counts& counts, double seconds);

/// Prints messages and one progress line to stderr; thread-safe. The line is drawn only if stderr
/// is a terminal.
class Console {
 public:
  /// What is printed, and how.
  struct Options {
    std::string command;      ///< prefix of every message
    bool progress = true;     ///< show the progress line
    bool quiet = false;       ///< print errors only
    int verbosity = 0;        ///< 1: also print details
    DisplayNames names = {};  ///< applied to paths in every message
  };
  explicit Console(Options options);

  /// Prints an error message, always.
  void error(const std::string& message);
  void info(const std::string& message);    ///< unless quiet
  void detail(const std::string& message);  ///< only if verbose
  /// Redraws the progress line, at a limited rate.
  void progress(const Counts& counts);
  /// Clears the progress line.
  void end_progress();

 private:
  void print(const std::string& message);
  void wipe();

  Options options_;
  std::mutex mutex_;
  bool line_shown_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_drawn_{};
};

}  // namespace spine::batch
