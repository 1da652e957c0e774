#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/inputs.h"
#include "spine/batch/study_job.h"

namespace spine::batch {

/// Options of a batch run, as parsed from the command line.
struct BatchOptions {
  std::string command;                    ///< e.g. "spine-pipeline"
  std::string version;                    ///< of this toolkit
  std::vector<std::string> command_line;  ///< rebuilt from the options, for the run record
  nlohmann::json options_given = nlohmann::json::object();  ///< the same, by name
  InputOptions input;
  std::filesystem::path output;  ///< OUT, with one folder per study
  int workers = 1;               ///< number of studies processed concurrently
  bool force = false;            ///< replace results made with other options
  bool add = false;              ///< studies outside this run keep their results and rows
  bool fail_fast = false;        ///< stop at the first failure
  bool dry_run = false;          ///< only print what would be done
  bool wait = false;             ///< wait for another run in the same folder instead of failing
  std::filesystem::path log;     ///< event log, JSON lines; empty: none
  bool progress = true;          ///< show the progress line
  bool quiet = false;            ///< print errors only
  int verbosity = 0;             ///< 1: also print details
  std::function<bool()> stop_requested = [] { return false; };  ///< polled between studies
};

/// Waits, if requested by the options, until no other run is active in the output folder. Call it
/// before studies are collected, as the other run may be producing them.
/// @throws Error(output) if another run is active and waiting was not requested, Error(interrupted)
void wait_for_turn(const BatchOptions& options);

/// How a run ended: mapped to the exit status by the command.
enum class BatchStatus { all_done, some_failed, interrupted };

/// Runs a job over all studies: skips up-to-date results, isolates failures, shows progress, and
/// always ends by writing run.json and the tables, with one row per study. A study that was not
/// reached, or whose earlier results may not be replaced, keeps its earlier row; if there are no
/// other studies, run.json is left unchanged.
/// @throws Error(usage | not_found | output) if the run as a whole cannot be done
BatchStatus run_batch(const BatchOptions& options, const StudyList& list, const StudyJob& job);

}  // namespace spine::batch
