#include "spine/review/service.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/batch/event_log.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/core/structure.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/review/assets.h"
#include "spine/review/guard.h"
#include "spine/review/http_server.h"
#include "spine/review/pictures.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLongestText = 2000;  // of reasons and notes, bytes
constexpr int kPreviewSide = 1200;
constexpr std::array<int, 3> kThumbnailSides{240, 480, 960};  // of the list; of the mosaic

HttpResponse json_response(const json& document, int status = 200) {
  // Names of files need not be UTF-8.
  return {status, "application/json",
          document.dump(-1, ' ', false, json::error_handler_t::replace)};
}

HttpResponse problem(int status, const std::string& text) {
  return json_response({{"problem", text}}, status);
}

/// The status of an answer to a request that failed.
int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 400;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::unreadable:
    case ErrorKind::unsupported:
      return 422;
    case ErrorKind::output:
      return 507;
    default:
      return 500;
  }
}

json parsed(const std::string& body) {
  if (is_nested_too_deep(body)) throw Error(ErrorKind::usage, "request: nested too deep");
  json document = json::parse(body, nullptr, false);
  if (document.is_discarded()) throw Error(ErrorKind::usage, "request: expected JSON");
  return document;
}

std::optional<std::size_t> whole_number(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

/// The value of a query's key; `otherwise` where it is not given.
std::string asked(const HttpRequest& request, const char* key, const std::string& otherwise) {
  const auto entry = request.query.find(key);
  return entry == request.query.end() ? otherwise : entry->second;
}

/// The side of a thumbnail, pixels. @throws Error(usage) for any other than kThumbnailSides
int thumbnail_side(const HttpRequest& request) {
  const std::string side = asked(request, "side", std::to_string(kThumbnailSides.front()));
  for (const int known : kThumbnailSides) {
    if (side == std::to_string(known)) return known;
  }
  throw Error(ErrorKind::usage, "thumbnail: expected a side of 240, 480 or 960");
}

/// The part of a film on which its landmarks can be judged: all of them, a level above the highest
/// body, and three quarters as wide as it is high, as a tile of the mosaic is.
cv::Rect around(const Landmarks& landmarks) {
  std::vector<cv::Point2d> points;
  const auto add = [&](const Endplate& e) { points.insert(points.end(), {e.post, e.ant}); };
  for (const auto& body : landmarks.vertebrae) {
    if (!body) continue;
    add(body->sup);
    add(body->inf);
  }
  if (landmarks.s1) add(*landmarks.s1);
  for (const auto& head : landmarks.femoral_heads) {
    const cv::Point2d radius(head.radius, head.radius);
    points.insert(points.end(), {head.center - radius, head.center + radius});
  }
  if (points.empty()) return {};
  std::vector<cv::Point2f> corners(points.begin(), points.end());
  const cv::Rect box = cv::boundingRect(corners);
  const int above = box.height / 5, below = box.height / 12;
  const int height = box.height + above + below;
  const int width = std::max(box.width + box.height / 10, height * 3 / 4);
  return {box.x + (box.width - width) / 2, box.y - above, width, height};
}

/// Standard deviations as lines are styled by: of endplates their direction, degrees; of heads
/// their centre, radii.
json uncertainty_json(const LandmarkUncertainty& uncertainty) {
  json result = json::object();
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (const auto& body = uncertainty.vertebrae[i]) {
      result[level_name(i) + ".sup"] = body->sup.turn_deg;
      result[level_name(i) + ".inf"] = body->inf.turn_deg;
    }
  }
  if (uncertainty.s1) result["S1.sup"] = uncertainty.s1->turn_deg;
  for (std::size_t i = 0; i < uncertainty.femoral_heads.size(); ++i) {
    if (const auto& head = uncertainty.femoral_heads[i]) {
      result["F" + std::to_string(i + 1)] = *head;
    }
  }
  return result;
}

Measurements measured(const MachineResult& machine, const json& landmarks, bool blind) {
  return blind ? measure_blind_reading(machine, landmarks) : measure_reading(machine, landmarks);
}

}  // namespace

Event event_from_page(const json& document) {
  const auto refuse = [](const char* what) {
    throw Error(ErrorKind::usage, std::string("event: expected ") + what);
  };
  if (!document.is_object() || !document.contains("action") || !document["action"].is_string()) {
    refuse("an action");
  }
  Event event;
  event.action = action_from(document["action"].get<std::string>());
  const json changes = document.value("changes", json::array());
  if (!changes.is_array()) refuse("a list of changes");
  for (const json& change : changes) event.changes.push_back(change_from_json(change));
  const json text = document.value("text", json(""));
  if (!text.is_string() || text.get_ref<const std::string&>().size() > kLongestText) {
    refuse("a text of at most 2000 bytes");
  }
  event.text = text.get<std::string>();
  const json seconds = document.value("seconds", json(0));
  if (!seconds.is_number() || !(seconds.get<double>() >= 0) || seconds.get<double>() > 86400) {
    refuse("seconds from 0 to 86400");
  }
  event.seconds = std::round(seconds.get<double>() * 10) / 10;
  return event;
}

json values_json(const Measurements& measurements) {
  json values = json::object();
  for (const Measurement& m : measurements.values) {
    values[m.name] = {{"value", number_or_null(m.value)},
                      {"unit", m.unit},
                      {"status", m.status},
                      {"standard_error", number_or_null(m.standard_error)}};
  }
  const Assessment judged = assess(measurements);
  return {{"measurements", values},
          {"flags", measurements.qc},
          {"status", std::string(to_string(judged.verdict))},
          {"reasons", judged.reasons}};
}

ReviewService::ReviewService(Cohort cohort, batch::InputOptions films, ReviewOptions options)
    : cohort_(std::move(cohort)), films_(std::move(films)), options_(std::move(options)) {}

ReviewService::ReviewService(Cohort cohort, ReviewOptions options)
    : cohort_(std::move(cohort)), options_(std::move(options)) {}

bool ReviewService::is_blind(const CohortStudy& study) const {
  if (options_.blind.session) return true;
  if (options_.blind.first <= 0 || !study.has_results()) return false;
  return shown_reading(study, ReviewFile::read(cohort_.folder_of(study), study.id)).session > 0;
}

HttpResponse ReviewService::answer(const HttpRequest& request) {
  constexpr std::string_view kStudies = "/api/studies/";
  try {
    if (request.path == "/api/cohort") return json_response(cohort_json());
    if (request.path == "/api/measuring") return json_response(measuring_json(request));
    if (request.path == kUploadPath) return take_film(request);
    if (request.path.starts_with(kStudies)) {
      return answer_of_study(request, request.path.substr(kStudies.size()));
    }
    return page(request.path);
  } catch (const Error& error) {
    return problem(status_of(error.kind()), cohort_.shown(error.what()));
  } catch (const std::exception& error) {
    return problem(500, cohort_.shown(error.what()));
  }
}

HttpResponse ReviewService::page(const std::string& path) const {
  const std::string name = path == "/" ? "index.html" : path.substr(1);
  const Asset* asset = find_asset(name);
  if (asset == nullptr) return problem(404, "no such page");
  std::string content(asset->content);
  if (!options_.web_root.empty()) content = read_file(options_.web_root / asset->name);
  return {200, std::string(asset->type), std::move(content)};
}

HttpResponse ReviewService::answer_of_study(const HttpRequest& request, const std::string& rest) {
  const auto slash = rest.find('/');
  const std::string number = rest.substr(0, slash);
  const std::string part = slash == std::string::npos ? "" : rest.substr(slash + 1);
  const auto position = whole_number(number);
  const auto studies = cohort_.studies();
  if (!position || *position >= studies->size()) return problem(404, "no such study");
  const CohortStudy& study = (*studies)[*position];
  const bool posts = request.method == "POST";
  if (posts && part == "values") return json_response(values(study, request.body));
  if (posts && part == "events") return take_event(study, request);
  if (posts) return problem(405, "expected GET");
  if (part.empty()) return json_response(study_json(study));
  if (part == "film") return film(study, asked(request, "view", "plain"));
  if (part == "preview") return preview(study);
  if (is_blind(study)) return problem(403, "not shown in a blind reading");
  if (part == "outlines") {
    const fs::path masks = cohort_.folder_of(study) / "masks.tif";
    // Measured landmarks have no masks beside them.
    if (!fs::exists(masks)) return json_response(json::object());
    return json_response(outlines(read_mask_crops(masks)));
  }
  if (part == "overlay") return overlay(study, 0);
  if (part == "thumbnail") return overlay(study, thumbnail_side(request));
  return problem(404, "no such part of a study");
}

json ReviewService::entry_json(const CohortStudy& study) const {
  json entry{{"study", study.id}, {"status", study.status}};
  std::optional<ReadingId> id;
  const fs::path folder = cohort_.folder_of(study);
  if (study.has_results() && fs::exists(folder / ReviewFile::kName)) {
    const auto review = ReviewFile::read(folder, study.id);
    id = shown_reading(study, review);
    const Reading reading = review.reading(*id, json::object());
    entry["verdict"] = std::string(to_string(reading.verdict));
    entry["edits"] = reading.edits;
    entry["reader"] = reading.reader;
  }
  entry["blind"] = id ? id->session > 0 : is_blind(study);
  if (entry["blind"]) {
    // That there is something to read, and not what the machine thinks of it.
    if (study.has_results()) entry["status"] = "ok";
    return entry;
  }
  const auto groups = options_.groups.find(study.id);
  if (groups != options_.groups.end()) entry["groups"] = groups->second;
  entry["flags"] = study.flags;
  entry["error"] = study.error;
  for (const auto& [name, value] : {std::pair{"PT", study.pt}, std::pair{"SS", study.ss},
                                    std::pair{"PI", study.pi}, std::pair{"LL", study.ll}}) {
    entry[name] = number_or_null(value);
  }
  return entry;
}

json ReviewService::cohort_json() {
  // Counted before, so that what is put meanwhile is told twice and not never.
  const std::size_t changes = cohort_.changes(0).size();
  const auto rows = cohort_.studies();
  json studies = json::array();
  for (const CohortStudy& study : *rows) studies.push_back(entry_json(study));
  return {{"studies", studies},
          {"reader", options_.reader},
          {"session", options_.blind.session ? json(*options_.blind.session) : json(nullptr)},
          {"read_only", options_.read_only},
          {"films", films_.is_given()},
          {"changes", changes},
          {"measures", measuring_ != nullptr},
          {"takes_films", takes_films()},
          {"version", options_.version}};
}

bool ReviewService::takes_films() const {
  return measuring_ != nullptr && !options_.blind.session && !options_.read_only;
}

json ReviewService::measuring_json(const HttpRequest& request) const {
  const auto since = whole_number(asked(request, "since", "0"));
  if (!since) throw Error(ErrorKind::usage, "request: expected since=N");
  json document = measuring_ == nullptr ? json::object() : measuring_->state();
  // Messages may tell what is found on a film.
  if (options_.blind.session || options_.blind.first > 0) document.erase("details");
  const auto changes = cohort_.changes(*since);
  const auto rows = cohort_.studies();
  json studies = json::array();
  for (const std::size_t position : changes) {
    json entry = entry_json((*rows)[position]);
    entry["position"] = position;
    studies.push_back(std::move(entry));
  }
  document["changes"] = *since + changes.size();
  document["studies"] = std::move(studies);
  return document;
}

HttpResponse ReviewService::take_film(const HttpRequest& request) {
  if (request.method != "POST") return problem(405, "expected POST");
  if (!takes_films()) return problem(403, "films are not taken");
  if (!request.upload) return problem(415, "expected " + std::string(kUploadType));
  return json_response({{"study", measuring_->add(*request.upload)}});
}

json ReviewService::state_json(const MachineResult& machine, const ReviewFile& review,
                               const ReadingId& id) {
  const Reading reading = review.reading(id, machine.landmarks);
  json state{{"revision", review.revision()},
             {"landmarks", reading.landmarks},
             {"values", values_json(measured(machine, reading.landmarks, id.session > 0))},
             {"edited", edited_landmarks(machine.landmarks, reading.landmarks)},
             {"verdict", std::string(to_string(reading.verdict))},
             {"reason", reading.reason},
             {"note", reading.note},
             {"reader", reading.reader},
             {"time", reading.time},
             {"can_undo", reading.can_undo},
             {"can_redo", reading.can_redo},
             {"stale", reading.stale},
             {"blind", id.session > 0}};
  if (id.session > 0) state.erase("edited");
  return state;
}

json ReviewService::study_json(const CohortStudy& study) {
  if (!study.has_results()) {
    return {{"study", study.id}, {"status", study.status}, {"error", study.error}};
  }
  const fs::path folder = cohort_.folder_of(study);
  const auto held = machine_results_.read(folder, study.id);
  const MachineResult& machine = *held;
  const auto review = ReviewFile::read(folder, study.id);
  const ReadingId id = shown_reading(study, review);
  json document = state_json(machine, review, id);
  document["study"] = study.id;
  document["status"] = id.session > 0 ? "ok" : study.status;
  document["size"] = machine.landmarks.at("size");
  const auto& spacing = machine.options.spacing;
  document["spacing"] = spacing ? json{spacing->row_mm, spacing->col_mm} : json(nullptr);
  if (id.session == 0) {
    document["machine"] = {{"landmarks", machine.landmarks},
                           {"values", values_json(machine.measurements)},
                           {"uncertainty", uncertainty_json(machine.uncertainty)}};
  }
  return document;
}

json ReviewService::values(const CohortStudy& study, const std::string& body) {
  const json document = parsed(body);
  if (!document.is_object() || !document.contains("landmarks")) {
    throw Error(ErrorKind::usage, "request: expected landmarks");
  }
  try {
    landmarks_from_json(document["landmarks"]);
  } catch (const Error& error) {
    throw Error(ErrorKind::usage, error.what());
  }
  const auto held = machine_results_.read(cohort_.folder_of(study), study.id);
  const MachineResult& machine = *held;
  return values_json(measured(machine, plain_landmarks(document["landmarks"]), is_blind(study)));
}

HttpResponse ReviewService::take_event(const CohortStudy& study, const HttpRequest& request) {
  if (options_.read_only) return problem(403, "this review is read only");
  if (request.if_match.empty()) return problem(428, "expected If-Match with the revision");
  Event event = event_from_page(parsed(request.body));
  event.reader = options_.reader;
  event.time = batch::utc_now();
  event.version = options_.version;
  const fs::path folder = cohort_.folder_of(study);
  const auto held = machine_results_.read(folder, study.id);
  const MachineResult& machine = *held;
  event.film_sha256 = machine.film_sha256;
  const std::lock_guard lock(writing_);
  auto review = ReviewFile::read(folder, study.id);
  const ReadingId id = shown_reading(study, review);
  if (review.revision() != request.if_match) {
    json current = state_json(machine, review, id);
    current["problem"] = "the study was changed elsewhere meanwhile";
    return json_response(current, 412);
  }
  if (id.session > 0) event.session = id.session;
  review.append(event, machine.landmarks);
  return json_response(state_json(machine, review, id));
}

Image ReviewService::film_of(const CohortStudy& study) {
  const auto held = machine_results_.read(cohort_.folder_of(study), study.id);
  const MachineResult& machine = *held;
  const json size = machine.landmarks.at("size");
  return films_.read(study.id, machine.film_sha256, {size.at(0).get<int>(), size.at(1).get<int>()});
}

HttpResponse ReviewService::film(const CohortStudy& study, const std::string& view) {
  if (view != "plain" && view != "clahe") {
    throw Error(ErrorKind::usage, "film: expected the view plain or clahe");
  }
  const Image image = film_of(study);
  const cv::Mat pixels = view == "clahe" ? local_contrast(image.pixels()) : image.pixels();
  HttpResponse response{200, "application/octet-stream", gzip_pixels(pixels)};
  response.headers = {{"Content-Encoding", "gzip"},
                      {"X-Film-Width", std::to_string(pixels.cols)},
                      {"X-Film-Height", std::to_string(pixels.rows)},
                      {"X-Film-Bits", pixels.depth() == CV_8U ? "8" : "16"}};
  return response;
}

HttpResponse ReviewService::preview(const CohortStudy& study) {
  return {200, "image/jpeg", preview_jpeg(film_of(study).pixels(), kPreviewSide)};
}

HttpResponse ReviewService::overlay(const CohortStudy& study, int side) const {
  const fs::path file = cohort_.folder_of(study) / "overlay.png";
  if (side == 0) return {200, "image/png", read_file(file)};
  const std::string bytes = read_file(file);
  const cv::Mat pixels =
      cv::imdecode(std::vector<unsigned char>(bytes.begin(), bytes.end()), cv::IMREAD_COLOR);
  if (pixels.empty()) throw Error(ErrorKind::unreadable, "overlay: expected a picture");
  const auto landmarks =
      landmarks_from_json(read_machine_result(cohort_.folder_of(study), study.id).landmarks);
  const cv::Rect part = around(landmarks) & cv::Rect({}, pixels.size());
  return {200, "image/jpeg", preview_jpeg(part.empty() ? pixels : pixels(part), side)};
}

}  // namespace spine::review
