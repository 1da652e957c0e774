#include "spine/review/review_file.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "spine/core/error.h"
#include "spine/core/structure.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"
#include "spine/util/schema.h"
#include "spine/util/sha256.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<std::pair<Action, const char*>, 8> kActions{{{Action::edit, "edit"},
                                                                  {Action::undo, "undo"},
                                                                  {Action::redo, "redo"},
                                                                  {Action::restart, "restart"},
                                                                  {Action::approve, "approve"},
                                                                  {Action::reject, "reject"},
                                                                  {Action::reopen, "reopen"},
                                                                  {Action::note, "note"}}};

std::string name_of(Action action) {
  const auto* entry = std::find_if(kActions.begin(), kActions.end(),
                                   [&](const auto& a) { return a.first == action; });
  return entry->second;
}

std::string hash_of(const json& landmarks) { return sha256_of_text(landmarks.dump()); }

json to_json(const Event& event) {
  json changes = json::array();
  for (const LandmarkChange& change : event.changes) changes.push_back(to_json(change));
  json entry{{"action", name_of(event.action)}, {"reader", event.reader},
             {"seconds", event.seconds},        {"time", event.time},
             {"version", event.version},        {"film_sha256", event.film_sha256},
             {"base_sha256", event.base_sha256}};
  if (event.session) entry["session"] = *event.session;
  if (!event.changes.empty()) entry["changes"] = changes;
  if (!event.text.empty()) entry["text"] = event.text;
  return entry;
}

Event event_from(const json& entry) {
  Event event;
  event.action = action_from(entry.at("action").get<std::string>());
  event.reader = entry.at("reader").get<std::string>();
  if (entry.contains("session")) event.session = entry.at("session").get<int>();
  for (const json& change : entry.value("changes", json::array())) {
    event.changes.push_back(change_from_json(change));
  }
  event.text = entry.value("text", "");
  event.seconds = entry.at("seconds").get<double>();
  event.time = entry.at("time").get<std::string>();
  event.version = entry.value("version", "");
  event.film_sha256 = entry.value("film_sha256", "");
  event.base_sha256 = entry.at("base_sha256").get<std::string>();
  return event;
}

/// A reading while its events are replayed.
class Replay {
 public:
  explicit Replay(json start) { state_.landmarks = std::move(start); }

  /// @param start  landmarks after a restart
  void take(const Event& event, const json& start) {
    switch (event.action) {
      case Action::edit:
        if (event.changes.empty()) refuse("expected changes, got none");
        make_changes(event.changes, state_.landmarks);
        done_.push_back(event.changes);
        undone_.clear();
        withdraw_approval();
        break;
      case Action::undo:
        move_last(done_, undone_, true);
        break;
      case Action::redo:
        move_last(undone_, done_, false);
        break;
      case Action::restart: {
        // A new machine's landmarks cannot be undone to.
        const auto changes = difference(state_.landmarks, start);
        if (changes.empty()) return;
        state_.landmarks = start;
        done_.push_back(changes);
        undone_.clear();
        withdraw_approval();
        break;
      }
      case Action::approve:
        state_.verdict = Reading::Verdict::approved;
        break;
      case Action::reject:
        if (event.text.empty()) refuse("expected a reason, got none");
        state_.verdict = Reading::Verdict::rejected;
        state_.reason = event.text;
        break;
      case Action::reopen:
        state_.verdict = Reading::Verdict::open;
        state_.reason.clear();
        break;
      case Action::note:
        state_.note = event.text;
        break;
    }
    state_.seconds += event.seconds;
    if (event.action == Action::note) return;
    state_.reader = event.reader;
    state_.time = event.time;
  }

  [[nodiscard]] Reading result() const {
    Reading reading = state_;
    reading.edits = done_.size();
    reading.can_undo = !done_.empty();
    reading.can_redo = !undone_.empty();
    return reading;
  }

 private:
  using Edits = std::vector<std::vector<LandmarkChange>>;

  [[noreturn]] static void refuse(const std::string& why) {
    throw Error(ErrorKind::usage, "review: " + why);
  }

  void move_last(Edits& from, Edits& to, bool backwards) {
    if (from.empty()) refuse(backwards ? "nothing to undo" : "nothing to redo");
    make_changes(backwards ? inverse(from.back()) : from.back(), state_.landmarks);
    to.push_back(std::move(from.back()));
    from.pop_back();
    withdraw_approval();
  }

  /// An approval is of the landmarks as they were.
  void withdraw_approval() {
    if (state_.verdict == Reading::Verdict::approved) state_.verdict = Reading::Verdict::open;
  }

  Reading state_;
  Edits done_, undone_;
};

}  // namespace

std::string_view to_string(Reading::Verdict verdict) {
  switch (verdict) {
    case Reading::Verdict::approved:
      return "approved";
    case Reading::Verdict::rejected:
      return "rejected";
    case Reading::Verdict::open:
      break;
  }
  return "open";
}

Action action_from(const std::string& name) {
  for (const auto& [action, known] : kActions) {
    if (name == known) return action;
  }
  throw Error(ErrorKind::usage, "review: expected an action, got \"" + name + "\"");
}

json plain_landmarks(const json& landmarks) {
  json plain = json::object();
  for (const char* key : {"schema", "size", "anterior", "vertebrae", "S1", "femoral_heads"}) {
    plain[key] = landmarks.contains(key) ? landmarks.at(key) : json();
  }
  return plain;
}

json no_landmarks(const json& machine) {
  json empty = plain_landmarks(machine);
  for (std::size_t i = 0; i < kLumbarCount; ++i) empty["vertebrae"][level_name(i)] = nullptr;
  empty["S1"] = nullptr;
  empty["femoral_heads"] = json::array();
  return empty;
}

ReviewFile ReviewFile::read(const fs::path& folder, const std::string& study) {
  ReviewFile review(folder / kName, study);
  if (!fs::exists(review.file_)) return review;
  const json document = read_json(review.file_);
  try {
    review.parse(document);
  } catch (const std::exception& error) {
    throw Error(ErrorKind::unreadable, "read " + review.file_.string() + ": expected " +
                                           std::string(kReviewSchema) + ", got: " + error.what());
  }
  return review;
}

void ReviewFile::parse(const json& document) {
  if (document.at("schema") != kReviewSchema) {
    throw Error(ErrorKind::unreadable, "another schema");
  }
  for (const auto& [hash, landmarks] : document.at("bases").items()) bases_[hash] = landmarks;
  for (const json& entry : document.at("events")) {
    events_.push_back(event_from(entry));
    if (!bases_.contains(events_.back().base_sha256)) {
      throw Error(ErrorKind::unreadable, "an event without the landmarks that it starts from");
    }
  }
  check();
}

void ReviewFile::check() const {
  for (const ReadingId& id : readings()) static_cast<void>(reading(id, bases_.begin()->second));
}

json ReviewFile::document() const {
  json events = json::array(), bases = json::object();
  for (const Event& event : events_) events.push_back(to_json(event));
  for (const auto& [hash, landmarks] : bases_) bases[hash] = landmarks;
  return {{"schema", kReviewSchema}, {"study", study_}, {"bases", bases}, {"events", events}};
}

void ReviewFile::append(const Event& event, const json& machine) {
  ReviewFile next = *this;
  Event entry = event;
  const json plain = plain_landmarks(machine);
  const std::string now = hash_of(plain);
  // A reading goes on from the landmarks that it began with, until it is restarted.
  entry.base_sha256 = now;
  for (const Event& earlier : events_) {
    if (earlier.reading() == entry.reading() && entry.action != Action::restart) {
      entry.base_sha256 = earlier.base_sha256;
    }
  }
  next.bases_.emplace(now, plain);
  next.events_.push_back(entry);
  next.check();
  write_json(next.file_, next.document());
  *this = std::move(next);
}

std::string ReviewFile::revision() const {
  if (events_.empty()) return "0";
  return std::to_string(events_.size()) + "-" +
         sha256_of_text(to_json(events_.back()).dump()).substr(0, 16);
}

Reading ReviewFile::reading(const ReadingId& id, const json& machine) const {
  const bool blind = id.session > 0;
  const json plain = plain_landmarks(machine);
  const auto start_of = [&](const json& base) { return blind ? no_landmarks(base) : base; };
  const Event* last = nullptr;
  std::optional<Replay> replay;
  for (const Event& event : events_) {
    if (event.reading() != id) continue;
    const json start = start_of(bases_.at(event.base_sha256));
    if (!replay) replay.emplace(start);
    replay->take(event, start);
    last = &event;
  }
  if (!replay) return Replay(start_of(plain)).result();
  Reading result = replay->result();
  result.stale = last->base_sha256 != hash_of(plain);
  return result;
}

std::vector<ReadingId> ReviewFile::readings() const {
  std::set<ReadingId> ids;
  for (const Event& event : events_) ids.insert(event.reading());
  return {ids.begin(), ids.end()};
}

}  // namespace spine::review
