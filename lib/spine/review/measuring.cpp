#include "spine/review/measuring.h"

#include <algorithm>
#include <set>
#include <utility>

#include "spine/batch/study_status.h"
#include "spine/batch/tables.h"
#include "spine/core/error.h"
#include "spine/util/json.h"
#include "spine/util/utf8.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMessages = 5;  // that are kept of a run
constexpr int kDone = 0, kSomeFailed = 4;

/// The row of a study that a run has finished.
CohortStudy study_of_event(const json& event, const Cohort& cohort) {
  CohortStudy study{text_at(event, "study"),
                    text_at(event, "path"),
                    text_at(event, "status"),
                    text_at(event, "error"),
                    {},
                    {},
                    {},
                    {},
                    {}};
  if (!study.has_results()) return study;
  const json record = read_json(cohort.folder_of(study) / "measurements.json");
  const auto found = batch::row_from_record({}, record).measurements;
  study.flags = found.qc;
  const auto value = [&](const char* name) {
    const Measurement* measurement = found.find(name);
    return measurement == nullptr ? std::nullopt : measurement->value;
  };
  study.pt = value("PT");
  study.ss = value("SS");
  study.pi = value("PI");
  study.ll = value("LL");
  return study;
}

/// Whether nothing is known of a study: its run was stopped before.
bool is_unmeasured(const CohortStudy& study) {
  return batch::parse_study_status(study.status) == batch::StudyStatus::interrupted;
}

std::set<std::string> measured(const Cohort& cohort) {
  std::set<std::string> ids;
  const auto studies = cohort.studies();
  for (const CohortStudy& study : *studies) {
    if (!is_unmeasured(study)) ids.insert(study.id);
  }
  return ids;
}

}  // namespace

Measuring::Measuring(MeasuringOptions options, Cohort cohort, DroppedFilms dropped,
                     FilmLibrary& films)
    : options_(std::move(options)),
      cohort_(std::move(cohort)),
      dropped_(std::move(dropped)),
      films_(films) {
  const auto known = measured(cohort_);
  for (const auto& id : dropped_.ids()) {
    if (known.count(id) == 0) waiting_.push_back(id);
  }
  running_ = !options_.films.empty();
  thread_ = std::thread([this] { work(); });
}

Measuring::~Measuring() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Measuring::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::string Measuring::shown(const std::string& message) const {
  return options_.names(cohort_.shown(to_printable(message)));
}

std::string Measuring::add(const fs::path& upload) {
  if (fs::file_size(upload) == 0) {
    throw Error(ErrorKind::usage, "film: expected a film, got an empty file");
  }
  if (auto known = dropped_.find_same(upload)) return std::move(*known);
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= options_.most_waiting) {
    throw Error(ErrorKind::usage, "film: expected at most " +
                                      std::to_string(options_.most_waiting) + " waiting films");
  }
  waiting_.push_back(dropped_.keep(upload, cohort_));
  changed_.notify_all();
  return waiting_.back();
}

json Measuring::state() const {
  const std::lock_guard lock(mutex_);
  return {{"running", running_},
          {"done", done_},
          {"all", all_ ? json(*all_) : json(nullptr)},
          {"waiting", waiting_.size()},
          {"problem", problem_},
          {"details", details_},
          {"failures", failures_}};
}

bool Measuring::is_busy() const {
  const std::lock_guard lock(mutex_);
  return running_ || !waiting_.empty();
}

void Measuring::work() {
  if (!options_.films.empty()) measure_given();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      running_ = false;
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      running_ = true;
    }
    measure_dropped();
  }
}

bool Measuring::lacks_results() {
  const auto known = measured(cohort_);
  if (known.empty()) return true;
  const auto ids = films_.ids();
  return std::any_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return known.count(id) == 0; });
}

void Measuring::measure_given() {
  try {
    if (lacks_results() && !stopping()) run(options_.films);
  } catch (const Error& error) {
    fail(error.what());
  }
}

void Measuring::measure_dropped() {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex_);
    ids.swap(waiting_);
  }
  try {
    run({"--manifest", dropped_.write_manifest(ids).string()});
  } catch (const Error& error) {
    fail(error.what());
  }
}

void Measuring::run(const std::vector<std::string>& films) {
  ChildCommand command{options_.program, films};
  const auto add = [&](const std::vector<std::string>& words) {
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  };
  add({"--output", cohort_.folder().string(), "--add", "--wait", "--no-progress", "--log",
       "/dev/fd/" + std::to_string(ChildCommand::kEvents)});
  add(options_.arguments);
  {
    const std::lock_guard lock(mutex_);
    done_ = 0;
    all_.reset();
    messages_.clear();
    problem_.clear();
    details_.clear();
  }
  const ChildEnd end = run_child(
      command, [this](const std::string& line) { take_event(line); },
      [this](const std::string& line) { take_message(line); }, [this] { return stopping(); });
  if (stopping() || (end.signal == 0 && (end.code == kDone || end.code == kSomeFailed))) return;
  fail(options_.program.filename().string() + " ended with " +
       (end.signal != 0 ? "signal " + std::to_string(end.signal)
                        : "exit code " + std::to_string(end.code)));
}

void Measuring::fail(const std::string& problem) {
  std::string line = shown(problem);
  {
    const std::lock_guard lock(mutex_);
    problem_ = line;
    ++failures_;
    details_.assign(messages_.begin(), messages_.end());
    for (const auto& message : details_) line += "\n  " + message;
  }
  options_.on_problem(line);
}

void Measuring::take_message(const std::string& line) {
  const std::lock_guard lock(mutex_);
  messages_.push_back(shown(line));
  if (messages_.size() > kMessages) messages_.pop_front();
}

void Measuring::take_event(const std::string& line) {
  const json event = json::parse(line, nullptr, false);
  if (!event.is_object()) return;
  if (text_at(event, "event") == "start") {
    const std::lock_guard lock(mutex_);
    if (event.value("studies", json()).is_number_unsigned()) {
      all_ = event["studies"].get<std::size_t>();
    }
  }
  if (text_at(event, "event") != "study") return;
  {
    const std::lock_guard lock(mutex_);
    ++done_;
  }
  try {
    const CohortStudy study = study_of_event(event, cohort_);
    if (study.id.empty() || is_unmeasured(study)) return;
    // A result of other settings that the run may not replace stays in the table.
    const auto position = cohort_.index_of(study.id);
    const bool has_results = position && cohort_.studies()->at(*position).has_results();
    const bool is_news = study.has_results() && event.value("skipped", json()) != json(true);
    if (!has_results || is_news) cohort_.put({study});
  } catch (const std::exception& error) {
    take_message(error.what());
  }
}

}  // namespace spine::review
