#include "spine/batch/runner.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include "spine/batch/bounded_queue.h"
#include "spine/batch/failure.h"
#include "spine/core/review.h"
#include "spine/core/thread_group.h"

namespace spine::batch {

bool is_success(const ReportRow& row) {
  return row.status == to_string(Verdict::ok) || row.status == to_string(Verdict::review) ||
         row.status == to_string(Verdict::missing);
}

bool is_failure(const ReportRow& row) {
  return !is_success(row) && row.status != to_string(ErrorKind::excluded);
}

namespace detail {
namespace {

ReportRow failed_row(const Study& study, const Failure& failure, const DisplayNames& names) {
  return {study.id,
          study.shown,
          std::string(to_string(failure.kind)),
          names(without_path(failure.message, study)),
          {}};
}

/// Lets the calling thread run where the others leave a processor idle: what reads and writes gives
/// way to the network, whose threads wait for one another.
void give_way() {
  constexpr int kNicer = 10;
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNicer);
}

/// After so many results that could not be written, one after the other, a run ends.
constexpr int kMostUnwritten = 5;

class Pipeline {
 public:
  Pipeline(const std::vector<Study>& studies, const PayloadSteps& steps,
           const RunnerOptions& options)
      : studies_(studies),
        steps_(steps),
        options_(options),
        batch_size_(static_cast<std::size_t>(std::max(1, options.batch_size))),
        loaded_(batch_size_ + 1),
        processed_(batch_size_ + 1),
        reports_(studies.size()) {}

  RunnerResult run() {
    ThreadGroup threads;
    reads_aside_ = threads.start([this] { or_end([this] { read_all(); }); });
    writes_aside_ = threads.start([this] { or_end([this] { write_all(); }); });
    or_end([this] { process_all(); });
    threads.join();
    return collect();
  }

 private:
  struct Loaded {
    std::size_t index;
    Payload payload;
  };
  struct Processed {
    std::size_t index;
    Payload loaded, processed;
  };

  /// Does a thread's work; what it throws ends the others too, which would wait for it.
  template <typename Work>
  void or_end(Work work) {
    try {
      work();
    } catch (...) {
      cannot_write_ = true;
      loaded_.close();
      processed_.close();
      throw;
    }
  }

  bool should_stop() {
    if (options_.stop_requested()) interrupted_ = true;
    return interrupted_ || failed_fast_ || cannot_write_;
  }

  void settle(std::size_t index, ReportRow row, bool skipped) {
    const std::lock_guard lock(settle_mutex_);
    if (options_.fail_fast && is_failure(row)) failed_fast_ = true;
    reports_[index] = StudyReport{index, std::move(row), skipped};
    options_.on_study(*reports_[index]);
    reports_[index]->row.measurements = {};
  }

  void settle_failure(std::size_t index, const std::exception_ptr& thrown) {
    settle(index, failed_row(studies_[index], describe_failure(thrown), options_.names), false);
  }

  void read_all() {
    give_way();
    for (std::size_t i = 0; i < studies_.size() && !should_stop(); ++i) read_one(i);
    loaded_.close();
  }

  void read_one(std::size_t index) {
    const Study& study = studies_[index];
    if (!study.error.empty()) {
      const Failure known{study.error_kind, one_line(study.error)};
      return settle(index, failed_row(study, known, options_.names), false);
    }
    try {
      std::variant<Payload, ReportRow> result = steps_.load(study);
      if (auto* row = std::get_if<ReportRow>(&result)) {
        settle(index, std::move(*row), true);
      } else {
        loaded_.push({index, std::move(std::get<Payload>(result))});
      }
    } catch (...) {
      settle_failure(index, std::current_exception());
    }
  }

  /// The next film that was read: by the reader, or here where no thread for it could be started.
  std::optional<Loaded> next_film() {
    if (reads_aside_) return loaded_.pop();
    while (next_to_read_ < studies_.size() && !should_stop()) {
      read_one(next_to_read_++);
      if (auto film = loaded_.try_pop()) return film;
    }
    return std::nullopt;
  }

  void process_all() {
    std::vector<Loaded> films;
    while (auto film = next_film()) {
      if (should_stop()) continue;  // empties the queue, so that the reader can end
      films.push_back(std::move(*film));
      if (films.size() < batch_size_) continue;
      process(films);
      films.clear();
      if (!writes_aside_) write_pending();
    }
    if (!films.empty() && !should_stop()) process(films);
    if (!writes_aside_) write_pending();
    processed_.close();
  }

  void process(std::span<const Loaded> films) {
    if (films.size() > batch_size_) return process_halves(films);
    std::vector<Payload> payloads;
    for (const auto& film : films) payloads.push_back(film.payload);
    try {
      std::vector<Payload> results = steps_.process(payloads);
      if (results.size() != films.size()) {
        throw Error(ErrorKind::internal, "process: expected " + std::to_string(films.size()) +
                                             " results, got " + std::to_string(results.size()));
      }
      for (std::size_t i = 0; i < films.size(); ++i) {
        processed_.push({films[i].index, films[i].payload, std::move(results[i])});
      }
    } catch (...) {
      const auto thrown = std::current_exception();
      if (films.size() == 1) return settle_failure(films.front().index, thrown);
      if (describe_failure(thrown).kind == ErrorKind::out_of_memory) {
        batch_size_ = (films.size() + 1) / 2;
      }
      process_halves(films);
    }
  }

  void process_halves(std::span<const Loaded> films) {
    const std::size_t half = (films.size() + 1) / 2;
    process(films.first(half));
    process(films.subspan(half));
  }

  void write_all() {
    give_way();
    while (auto item = processed_.pop()) write_one(*item);
  }

  /// What is processed, where no thread for writing could be started.
  void write_pending() {
    while (auto item = processed_.try_pop()) write_one(*item);
  }

  void write_one(const Processed& item) {
    const Study& study = studies_[item.index];
    try {
      settle(item.index, steps_.write(study, item.loaded, item.processed), false);
      unwritten_in_a_row_ = 0;
    } catch (...) {
      const auto thrown = std::current_exception();
      const bool unwritten = describe_failure(thrown).kind == ErrorKind::output;
      unwritten_in_a_row_ = unwritten ? unwritten_in_a_row_ + 1 : 0;
      if (unwritten_in_a_row_ >= kMostUnwritten) cannot_write_ = true;
      settle_failure(item.index, thrown);
    }
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
  const PayloadSteps& steps_;
  const RunnerOptions& options_;
  std::size_t batch_size_;  ///< of the calling thread, after construction
  BoundedQueue<Loaded> loaded_;
  BoundedQueue<Processed> processed_;
  bool reads_aside_ = false, writes_aside_ = false;  ///< whether threads of their own do
  std::size_t next_to_read_ = 0;                     ///< where the calling thread reads
  int unwritten_in_a_row_ = 0;                       ///< of the thread that writes
  std::mutex settle_mutex_;
  std::vector<std::optional<StudyReport>> reports_;
  std::atomic<bool> interrupted_{false};
  std::atomic<bool> failed_fast_{false};
  std::atomic<bool> cannot_write_{false};
};

}  // namespace

RunnerResult run_payloads(const std::vector<Study>& studies, const PayloadSteps& steps,
                          const RunnerOptions& options) {
  return Pipeline(studies, steps, options).run();
}

}  // namespace detail
}  // namespace spine::batch
