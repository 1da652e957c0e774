#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/review/landmark_change.h"

namespace spine::review {

/// What a reader did.
enum class Action {
  edit,     ///< changed landmarks
  undo,     ///< took back the last edit that was not undone
  redo,     ///< made the last undone edit again
  restart,  ///< went back to the machine's landmarks (in a blind reading: to none)
  approve,
  reject,  ///< with a reason
  reopen,  ///< took back an approval or rejection
  note,    ///< wrote a note, which replaces an earlier one
};

/// The action of this name: "edit", "undo", ... @throws Error(usage) for any other text
Action action_from(const std::string& name);

/// Whose reading an event belongs to. Readers who see each other's work share one reading; each
/// blind session is a reading of its own.
struct ReadingId {
  std::string reader;  ///< empty: the shared reading
  int session = 0;     ///< 0: the shared reading
  friend auto operator<=>(const ReadingId&, const ReadingId&) = default;
};

/// An entry of review.json.
struct Event {
  Action action = Action::edit;
  std::string reader;          ///< name or initials
  std::optional<int> session;  ///< of a blind reading, from 1; nullopt: the shared reading
  std::vector<LandmarkChange> changes = {};  ///< of an edit
  std::string text = {};                     ///< reason, note, or how it was done: io/README.md
  double seconds = 0;                        ///< active time since the reader's previous event
  std::string time = {};                     ///< UTC, "2026-11-30T14:35:25Z"
  std::string version = {};                  ///< of the program
  std::string film_sha256 = {};              ///< of the film that was shown; empty: none
  std::string base_sha256 = {};              ///< of the machine's landmarks.json at that time

  [[nodiscard]] ReadingId reading() const {
    return session ? ReadingId{reader, *session} : ReadingId{};
  }
};

/// The state of a reading after its events.
struct Reading {
  enum class Verdict { open, approved, rejected };
  nlohmann::json landmarks;         ///< "spine-landmarks/2"
  Verdict verdict = Verdict::open;  ///< an approval ends when the landmarks change
  std::string reason, note;
  std::string reader;     ///< of the last event that is no note; empty: none
  std::string time;       ///< of that event
  double seconds = 0;     ///< active time of all events
  std::size_t edits = 0;  ///< edits that hold
  bool can_undo = false, can_redo = false;
  /// The machine's landmarks have changed since the reading began, as after a repeated run with
  /// other weights.
  bool stale = false;
};

/// "open", "approved", "rejected".
std::string_view to_string(Reading::Verdict verdict);

/// The file review.json of a study ("spine-review/1"): the machine's landmarks that readers started
/// from, and what readers did, in order. Events are only ever appended.
class ReviewFile {
 public:
  static constexpr const char* kName = "review.json";

  /// Reads the file of a study's folder; empty if there is none.
  /// @param study  id of the study
  /// @throws Error(unreadable) naming the file
  static ReviewFile read(const std::filesystem::path& folder, const std::string& study);

  /// Checks and appends an event, then replaces the file atomically and durably.
  /// @param machine  the machine's landmarks as they are now, "spine-landmarks/2"
  /// @throws Error(usage) if the event does not fit the state of its reading; Error(output) if it
  /// could not be written: the state is then as before
  void append(const Event& event, const nlohmann::json& machine);

  /// Identifies the events so far, for optimistic locking; "0" if there are none.
  [[nodiscard]] std::string revision() const;
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

  /// The state of a reading.
  /// @param machine  the machine's landmarks as they are now
  [[nodiscard]] Reading reading(const ReadingId& id, const nlohmann::json& machine) const;
  /// Ids of the readings with events, sorted.
  [[nodiscard]] std::vector<ReadingId> readings() const;

 private:
  ReviewFile(std::filesystem::path file, std::string study)
      : file_(std::move(file)), study_(std::move(study)) {}
  void parse(const nlohmann::json& document);
  /// Replays all readings. @throws Error(usage) if an event does not fit
  void check() const;
  [[nodiscard]] nlohmann::json document() const;

  std::filesystem::path file_;
  std::string study_;
  std::vector<Event> events_;
  /// Machine's landmarks, without what the reader does not change, by their hash.
  std::map<std::string, nlohmann::json> bases_;
};

/// What readers change of "spine-landmarks/2": schema, size, side, bodies, S1, heads.
nlohmann::json plain_landmarks(const nlohmann::json& landmarks);

/// Landmarks of a film on which nothing was found.
/// @param machine  for size and anterior side
nlohmann::json no_landmarks(const nlohmann::json& machine);

}  // namespace spine::review
