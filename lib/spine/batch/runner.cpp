#include "spine/batch/runner.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "spine/batch/failure.h"
#include "spine/batch/study_status.h"
#include "spine/util/thread_group.h"

namespace spine::batch {

namespace {

ReportRow failed_row(const Study& study, const Failure& failure, const DisplayNames& names) {
  return {study.id,
          study.shown,
          std::string(to_string(status_of(failure.kind))),
          names(without_path(failure.message, study)),
          {}};
}

/// The run ends after this many consecutive results that could not be written.
constexpr int kMostUnwritten = 5;

class Run {
 public:
  Run(const std::vector<Study>& studies, const PrepareStudy& prepare, const RunnerOptions& options)
      : studies_(studies),
        prepare_(prepare),
        options_(options),
        allowed_(std::max(1, options.workers)),
        reports_(studies.size()) {}

  RunnerResult run() {
    ThreadGroup threads;
    const auto most = std::min(studies_.size(), static_cast<std::size_t>(allowed_));
    while (threads.size() + 1 < most && threads.start([this] { work(); })) {
    }
    work();
    threads.join();
    return collect();
  }

 private:
  /// A study assigned to a thread.
  struct Taken {
    std::size_t index;
    bool alone;         ///< no other study was in memory when it started
    std::size_t begun;  ///< number of starts so far, including this one
  };

  void work() {
    try {
      while (const auto taken = take()) {
        finalize_one(*taken);
        give_back();
      }
    } catch (...) {  // from on_study: the other threads end too
      const std::lock_guard lock(mutex_);
      broken_ = true;
      freed_.notify_all();
      throw;
    }
  }

  /// The next study for this thread, as soon as one more may be in memory. A study put back is
  /// taken again at the latest by the thread that put it back.
  std::optional<Taken> take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (should_stop() || (again_.empty() && next_ == studies_.size())) return std::nullopt;
      if (busy_ < allowed_) break;
      freed_.wait(lock);
    }
    ++busy_;
    Taken taken{next_, busy_ == 1, ++begun_};
    if (again_.empty()) {
      ++next_;
    } else {
      taken.index = again_.back();
      again_.pop_back();
    }
    return taken;
  }

  void give_back() {
    const std::lock_guard lock(mutex_);
    --busy_;
    freed_.notify_all();
  }

  /// Requires the mutex.
  bool should_stop() {
    if (options_.stop_requested()) interrupted_ = true;
    return interrupted_ || failed_fast_ || cannot_write_ || broken_;
  }

  void finalize_one(const Taken& taken) {
    const std::size_t index = taken.index;
    const Study& study = studies_[index];
    if (!study.error.empty()) {
      return finalize_failure(index, {study.error_kind, one_line(study.error)});
    }
    std::variant<WriteStudy, ReportRow> prepared;
    try {
      prepared = prepare_(study);
    } catch (...) {
      const Failure failure = describe_failure(std::current_exception());
      if (failure.kind == ErrorKind::out_of_memory && try_again(taken)) return;
      return finalize_failure(index, failure);
    }
    if (auto* row = std::get_if<ReportRow>(&prepared)) {
      return finalize(index, std::move(*row), /*skipped=*/true);
    }
    write(index, std::get<WriteStudy>(prepared));
  }

  void write(std::size_t index, const WriteStudy& write_study) {
    std::optional<ReportRow> row;
    Failure failure;
    try {
      row = write_study();
    } catch (...) {
      failure = describe_failure(std::current_exception());
    }
    {
      const std::lock_guard lock(mutex_);
      const bool unwritten = !row && failure.kind == ErrorKind::output;
      unwritten_in_a_row_ = unwritten ? unwritten_in_a_row_ + 1 : 0;
      if (unwritten_in_a_row_ >= kMostUnwritten) cannot_write_ = true;
    }
    if (row) return finalize(index, std::move(*row), /*skipped=*/false);
    finalize_failure(index, failure);
  }

  /// Puts back a study that ran out of memory beside others. @returns whether it did
  bool try_again(const Taken& taken) {
    const std::lock_guard lock(mutex_);
    if (taken.alone && taken.begun == begun_) return false;  // it had all memory to itself
    allowed_ = std::max(1, std::min(allowed_, busy_) / 2);
    again_.push_back(taken.index);
    return true;
  }

  void finalize(std::size_t index, ReportRow row, bool skipped) {
    const std::lock_guard lock(finalize_mutex_);
    if (options_.fail_fast && is_failure(row)) {
      const std::lock_guard state(mutex_);
      failed_fast_ = true;
    }
    reports_[index] = StudyReport{index, std::move(row), skipped};
    options_.on_study(*reports_[index]);
    reports_[index]->row.measurements = {};
  }

  void finalize_failure(std::size_t index, const Failure& failure) {
    finalize(index, failed_row(studies_[index], failure, options_.names), /*skipped=*/false);
  }

  RunnerResult collect() {
    RunnerResult result;
    for (std::size_t i = 0; i < studies_.size(); ++i) {
      if (!reports_[i]) {
        const std::string reason = interrupted_   ? "the run was interrupted"
                                   : failed_fast_ ? "the run stopped at its first failure"
                                                  : "results could no longer be written";
        const Failure failure{ErrorKind::interrupted, "not reached: " + reason};
        reports_[i] = StudyReport{i, failed_row(studies_[i], failure, options_.names), false};
      }
      result.studies.push_back(std::move(*reports_[i]));
    }
    result.interrupted = interrupted_;
    return result;
  }

  const std::vector<Study>& studies_;
  const PrepareStudy& prepare_;
  const RunnerOptions& options_;

  std::mutex mutex_;  ///< guards the following members, up to the reports
  std::condition_variable freed_;
  int allowed_;                     ///< maximum number of studies in memory
  int busy_ = 0;                    ///< studies in memory
  std::size_t begun_ = 0;           ///< number of starts
  std::size_t next_ = 0;            ///< first study not yet started
  std::vector<std::size_t> again_;  ///< studies to retry
  int unwritten_in_a_row_ = 0;
  bool interrupted_ = false, failed_fast_ = false, cannot_write_ = false;
  bool broken_ = false;  ///< a thread ended by an exception

  std::mutex finalize_mutex_;
  std::vector<std::optional<StudyReport>> reports_;
};

}  // namespace

RunnerResult run_studies(const std::vector<Study>& studies, const PrepareStudy& prepare,
                         const RunnerOptions& options) {
  return Run(studies, prepare, options).run();
}

}  // namespace spine::batch
