#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "spine/util/display_names.h"

namespace spine::batch {

/// Counts of a run so far.
struct Counts {
  std::size_t studies = 0;      ///< all of them
  std::size_t done = 0;         ///< with results made in this run
  std::size_t missing = 0;      ///< of the done or skipped ones, those that lack some values
  std::size_t review = 0;       ///< of them, those that have all but should be looked at
  std::size_t skipped = 0;      ///< with results that were there already
  std::size_t failed = 0;       ///< rows with a reason
  std::size_t excluded = 0;     ///< DICOM files that are no films of the kind, and duplicates
  std::size_t not_reached = 0;  ///< when a run stops early
};

/// "90 s", "12 min", "3.4 h".
std::string duration_text(double seconds);

/// The progress line: counts, failures, rate and time left.
std::string progress_text(const Counts& counts, double elapsed_s);

/// Messages and one progress line on stderr, from any thread. The line is drawn only where stderr
/// is a terminal, and gives way to messages.
class Console {
 public:
  struct Options {
    std::string command;   ///< stands in front of every message
    bool progress = true;  ///< the progress line
    bool quiet = false;    ///< errors only
    int verbosity = 0;
    DisplayNames names = {};  ///< of paths, in every message
  };
  explicit Console(Options options);

  void error(const std::string& message);
  void info(const std::string& message);    ///< not with -q
  void detail(const std::string& message);  ///< only with -v
  void progress(const Counts& counts);
  /// Wipes the progress line.
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
