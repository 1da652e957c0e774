#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/review/child_process.h"
#include "spine/review/cohort.h"
#include "spine/review/dropped_films.h"
#include "spine/review/film_library.h"
#include "spine/util/display_names.h"

namespace spine::review {

/// How films without results are measured.
struct MeasuringOptions {
  std::filesystem::path program;       ///< spine-pipeline
  std::vector<std::string> films;      ///< arguments that name the films; empty: none were given
  std::vector<std::string> arguments;  ///< of every run, besides -o
  std::size_t most_waiting = 1000;     ///< films that were dropped and wait to be measured
  DisplayNames names;                  ///< applied to messages
  /// Receives one line about each run that failed.
  std::function<void(const std::string&)> on_problem = [](const std::string&) {};
};

/// Measures films in the background: spine-pipeline runs as a child process, one at a time, and
/// adds to the results folder. First the given films, if any of them has no row in the table; then
/// those that were dropped on the page, also in an earlier session. Studies join the list as they
/// are finished. Thread-safe.
class Measuring {
 public:
  /// Begins.
  /// @param cohort  whose list grows
  /// @param films   that were given
  Measuring(MeasuringOptions options, Cohort cohort, DroppedFilms dropped, FilmLibrary& films);
  Measuring(const Measuring&) = delete;
  Measuring& operator=(const Measuring&) = delete;
  Measuring(Measuring&&) = delete;
  Measuring& operator=(Measuring&&) = delete;
  /// Ends a run: its finished studies stay, the rest is measured next time.
  ~Measuring();

  /// Takes a film that was uploaded to the folder of dropped films, and queues it.
  /// @returns the id of its study
  /// @throws Error(usage) if too many are waiting or it is empty, Error(output)
  std::string add(const std::filesystem::path& upload);

  /// What is being done:
  ///   running    whether a run is under way
  ///   done, all  studies of this run; all: null until they are counted
  ///   waiting    films that wait for their run
  ///   problem    why the last run failed; empty: it did not
  ///   details    last messages of that run
  ///   failures   number of runs that failed so far
  [[nodiscard]] nlohmann::json state() const;
  /// Whether a run is under way or films are waiting.
  [[nodiscard]] bool is_busy() const;

 private:
  void work();
  void measure_given();
  void measure_dropped();
  [[nodiscard]] bool lacks_results();
  void run(const std::vector<std::string>& films);
  void take_event(const std::string& line);
  void take_message(const std::string& line);
  void fail(const std::string& problem);
  [[nodiscard]] bool stopping() const;
  /// A message without paths, which may name patients.
  [[nodiscard]] std::string shown(const std::string& message) const;

  MeasuringOptions options_;
  Cohort cohort_;
  DroppedFilms dropped_;
  FilmLibrary& films_;

  mutable std::mutex mutex_;  ///< of what follows
  std::condition_variable changed_;
  bool stopping_ = false, running_ = false;
  std::size_t done_ = 0, failures_ = 0;
  std::optional<std::size_t> all_;
  std::vector<std::string> waiting_;  ///< ids of dropped films
  std::deque<std::string> messages_;  ///< last ones of the run
  std::string problem_;
  std::vector<std::string> details_;
  std::thread thread_;  ///< last, as it uses all others
};

}  // namespace spine::review
