#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/review/blind.h"
#include "spine/review/cohort.h"
#include "spine/review/film_library.h"
#include "spine/review/groups.h"
#include "spine/review/http.h"
#include "spine/review/machine_results.h"
#include "spine/review/measuring.h"
#include "spine/review/review_file.h"

namespace spine::review {

/// Options of a review.
struct ReviewOptions {
  std::string reader;      ///< name or initials, written with every event
  BlindOptions blind;      ///< what is read without the machine's results
  Groups groups;           ///< by which the list can be filtered
  bool read_only = false;  ///< nothing is stored
  std::string version;     ///< of the program, written with every event
  /// Folder with the page's files, read anew for each request; empty: those of the program.
  std::filesystem::path web_root;
};

/// Answers the requests of the page:
///   GET  /, /FILE                     the page
///   GET  /api/cohort                  all studies with their verdicts
///   GET  /api/measuring?since=N       what is being measured; studies that joined the list
///   POST /api/films                   a film to be measured -> the id of its study
///   GET  /api/studies/N               landmarks, values, reading of a study
///   GET  /api/studies/N/outlines      outlines of the masks
///   GET  /api/studies/N/film          pixels: gzip, X-Film-Width, -Height, -Bits;
///                                     ?view=clahe: with local_contrast()
///   GET  /api/studies/N/preview       JPEG of the film
///   GET  /api/studies/N/overlay       the overlay; /thumbnail: JPEG of its part around
///                                     the landmarks, ?side=240 (otherwise), 480 or 960 pixels
///   POST /api/studies/N/values        landmarks -> values
///   POST /api/studies/N/events        an event, with If-Match -> the new state, or 412
/// N is the position in the list. Blind readings get no landmarks, values, outlines or overlays of
/// the machine or of others. Thread-safe.
class ReviewService {
 public:
  ReviewService(Cohort cohort, batch::InputOptions films, ReviewOptions options);
  ReviewService(Cohort cohort, ReviewOptions options);

  [[nodiscard]] HttpResponse answer(const HttpRequest& request);

  /// Where films are looked for.
  [[nodiscard]] FilmLibrary& films() { return films_; }
  /// Shows what is measured meanwhile, and takes films unless the reading is blind or read-only.
  /// To be called before the first request.
  /// @param measuring  must outlive the requests
  void show(Measuring& measuring) { measuring_ = &measuring; }
  /// Whether films are taken.
  [[nodiscard]] bool takes_films() const;

 private:
  [[nodiscard]] HttpResponse answer_of_study(const HttpRequest& request, const std::string& rest);
  [[nodiscard]] HttpResponse page(const std::string& path) const;
  [[nodiscard]] nlohmann::json cohort_json();
  [[nodiscard]] nlohmann::json entry_json(const CohortStudy& study) const;
  [[nodiscard]] nlohmann::json measuring_json(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse take_film(const HttpRequest& request);
  [[nodiscard]] nlohmann::json study_json(const CohortStudy& study);
  [[nodiscard]] nlohmann::json state_json(const MachineResult& machine, const ReviewFile& review,
                                          const ReadingId& id);
  [[nodiscard]] nlohmann::json values(const CohortStudy& study, const std::string& body);
  [[nodiscard]] HttpResponse take_event(const CohortStudy& study, const HttpRequest& request);
  [[nodiscard]] Image film_of(const CohortStudy& study);
  [[nodiscard]] HttpResponse film(const CohortStudy& study, const std::string& view);
  [[nodiscard]] HttpResponse preview(const CohortStudy& study);
  [[nodiscard]] HttpResponse overlay(const CohortStudy& study, int side) const;
  /// Whose reading the page shows of a study.
  [[nodiscard]] ReadingId shown_reading(const CohortStudy& study, const ReviewFile& review) const {
    return reading_of(options_.blind, options_.reader, study.id, review);
  }
  [[nodiscard]] bool is_blind(const CohortStudy& study) const;

  Cohort cohort_;
  FilmLibrary films_;
  Measuring* measuring_ = nullptr;
  MachineResults machine_results_;
  ReviewOptions options_;
  std::mutex writing_;  ///< of review files
};

/// An event as the page sends it: {"action", "changes", "text", "seconds"}.
/// @throws Error(usage) for any other document
Event event_from_page(const nlohmann::json& json);

/// {"name": {"value", "unit", "status", "standard_error"}, ...} and flags, as the page shows them.
nlohmann::json values_json(const Measurements& measurements);

}  // namespace spine::review
