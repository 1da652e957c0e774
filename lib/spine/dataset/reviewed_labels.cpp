#include "spine/dataset/reviewed_labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::excluded, why); }

/// What an export says about a study.
ReviewedLabels read_labels(const fs::path& folder) {
  const fs::path file = folder / kReviewedLandmarks;
  if (!is_file(file)) {
    refuse(std::string("no ") + kReviewedLandmarks +
           ": rejected, undecided, or not exported (spine-review RESULTS --export CSV)");
  }
  const json document = read_json(file);
  try {
    const json& review = document.at("review");
    if (review.at("verdict") == "rejected") refuse("rejected by a reader");
    if (review.at("stale").get<bool>()) refuse("read before the machine's landmarks changed");
    for (const auto& [key, name] : {std::pair("landmarks_sha256", "landmarks.json"),
                                    std::pair("review_sha256", "review.json")}) {
      if (review.at(key) != sha256_of_file(folder / name)) {
        refuse(std::string(name) + " changed after the export: export again");
      }
    }
    return {folder, review.at("reader").get<std::string>(),
            review.at("revision").get<std::string>(), review.value("film_sha256", "")};
  } catch (const json::exception& error) {
    throw Error(
        ErrorKind::unreadable,
        "read " + file.string() + ": expected an export of spine-review, got: " + error.what());
  }
}

using Corners = std::array<cv::Point2f, 4>;

Corners corners_of(const VertebraCorners& body) {
  return {cv::Point2f(body.sup.post), cv::Point2f(body.sup.ant), cv::Point2f(body.inf.ant),
          cv::Point2f(body.inf.post)};
}

/// The largest distance of two corners, pixels.
double distance(const Corners& a, const Corners& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, cv::norm(a[i] - b[i]));
  return most;
}

constexpr double kSame = 1e-3;  // pixels, the precision of the files

void fill(MaskStack& masks, Structure structure, const Corners& corners) {
  cv::Mat mask = cv::Mat::zeros(masks.size(), CV_8UC1);
  std::vector<cv::Point> polygon;
  for (const auto& corner : corners) polygon.emplace_back(cvRound(corner.x), cvRound(corner.y));
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{polygon}, cv::Scalar(255));
  masks.set(structure, mask);
}

/// The body of the machine that lies nearest to a reader's.
std::optional<std::size_t> nearest_body(const Landmarks& machine, const Corners& reader) {
  std::optional<std::size_t> nearest;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!machine.vertebrae[i]) continue;
    const double apart = distance(corners_of(*machine.vertebrae[i]), reader);
    if (apart < least) std::tie(nearest, least) = std::pair(std::optional(i), apart);
  }
  return nearest;
}

/// Moves the mask of a body with its corners.
void put_body(const MaskStack& found, const Landmarks& machine, const Corners& reader,
              Structure structure, MaskStack& masks) {
  const auto nearest = nearest_body(machine, reader);
  const Structure source = nearest ? kStructures[*nearest] : structure;
  if (!nearest || !found.has(source)) return fill(masks, structure, reader);
  const Corners before = corners_of(*machine.vertebrae[*nearest]);
  if (distance(before, reader) < kSame) return masks.set(structure, found.crop(source));
  const cv::Mat transform = cv::getPerspectiveTransform(before.data(), reader.data());
  cv::Mat moved;
  cv::warpPerspective(found[source], moved, transform, masks.size(), cv::INTER_NEAREST);
  // Corners that cross one another give no map of the plane.
  const double area = cv::contourArea(std::vector<cv::Point2f>(reader.begin(), reader.end()));
  const double share = cv::countNonZero(moved) / std::max(1.0, area);
  if (!cv::checkRange(transform) || share < 0.5 || share > 2) {
    return fill(masks, structure, reader);
  }
  masks.set(structure, moved);
}

/// Moves the sacrum with its endplate: rotated, scaled and shifted.
void put_sacrum(const MaskStack& found, const Landmarks& machine, const Endplate& reader,
                MaskStack& masks) {
  if (!machine.s1 || !found.has(Structure::S)) {
    throw Error(ErrorKind::unsupported,
                "labels: the reader added S1, which does not give the outline of the sacrum");
  }
  const cv::Point2d from = machine.s1->ant - machine.s1->post, to = reader.ant - reader.post;
  const double square = from.dot(from);
  if (cv::norm(machine.s1->post - reader.post) < kSame && cv::norm(from - to) < kSame) {
    return masks.set(Structure::S, found.crop(Structure::S));
  }
  if (square < kSame || cv::norm(to) < kSame) {
    throw Error(ErrorKind::unreadable, "labels: the ends of the endplate of S1 are the same");
  }
  const double a = from.dot(to) / square, b = from.cross(to) / square;
  const cv::Point2d p = machine.s1->post, q = reader.post;
  const cv::Matx23d transform(a, -b, q.x - a * p.x + b * p.y, b, a, q.y - b * p.x - a * p.y);
  cv::Mat moved;
  cv::warpAffine(found[Structure::S], moved, transform, masks.size(), cv::INTER_NEAREST);
  masks.set(Structure::S, moved);
}

/// The mask of the machine in which a head's centre lies; nullopt if there is none.
std::optional<Structure> head_mask(const MaskStack& found, const FemoralHead& head) {
  const cv::Point centre(cvRound(head.center.x), cvRound(head.center.y));
  for (const Structure s : {Structure::F1, Structure::F2}) {
    if (found.box(s).contains(centre)) return s;
  }
  return std::nullopt;
}

void put_heads(const MaskStack& found, const Landmarks& machine,
               const std::vector<FemoralHead>& reader, MaskStack& masks) {
  for (std::size_t i = 0; i < std::min<std::size_t>(reader.size(), 2); ++i) {
    const FemoralHead& head = reader[i];
    const Structure structure = i == 0 ? Structure::F1 : Structure::F2;
    const bool is_machines = std::any_of(machine.femoral_heads.begin(), machine.femoral_heads.end(),
                                         [&](const FemoralHead& other) {
                                           return cv::norm(other.center - head.center) < kSame &&
                                                  std::abs(other.radius - head.radius) < kSame;
                                         });
    // Of two heads that overlap, only the order of the masks tells which is which.
    const bool all_machines = is_machines && reader.size() == machine.femoral_heads.size();
    const auto source = all_machines && reader.size() == 2 ? std::optional(structure)
                        : is_machines                      ? head_mask(found, head)
                                                           : std::nullopt;
    if (source && found.has(*source)) {
      masks.set(structure, found.crop(*source));
      continue;
    }
    cv::Mat disc = cv::Mat::zeros(masks.size(), CV_8UC1);
    cv::circle(disc, {cvRound(head.center.x), cvRound(head.center.y)}, cvRound(head.radius),
               cv::Scalar(255), cv::FILLED);
    masks.set(structure, disc);
  }
}

}  // namespace

std::vector<ReviewedFolder> find_reviewed(const fs::path& results) {
  if (!is_folder(results)) {
    throw Error(ErrorKind::not_found, "cohort: " + results.string() + ": no such folder");
  }
  std::vector<ReviewedFolder> studies;
  for (const fs::path& folder : list_folder(results).entries) {
    if (!is_folder(folder) || !may_be_file(folder / "review.json")) continue;
    ReviewedFolder study{folder, std::nullopt, ""};
    try {
      study.labels = read_labels(folder);
    } catch (...) {
      study.error = describe_failure(std::current_exception()).message;
    }
    studies.push_back(std::move(study));
  }
  return studies;
}

FilmFinder::FilmFinder(std::vector<fs::path> folders) : folders_(std::move(folders)) {}

fs::path FilmFinder::find(const ReviewedLabels& labels) {
  if (folders_.empty()) {
    throw Error(ErrorKind::not_found, "expected --films with the folder of the film");
  }
  if (!films_) {
    films_ = discover(folders_, {.recursive = true});
    std::erase_if(*films_, [](const Study& film) { return !film.error.empty(); });
  }
  const std::string name = labels.folder.filename().string();
  const auto fits = [&](const Study& film) {
    if (labels.film_sha256.empty()) return film.id == name;
    std::string& hash = hashes_[film.path];
    if (hash.empty()) hash = sha256_of_file(film.path);
    return hash == labels.film_sha256;
  };
  // Those of the same name first: other films need not be hashed then.
  for (const bool named : {true, false}) {
    for (const Study& film : *films_) {
      if ((film.id == name) == named && fits(film)) return film.path;
    }
  }
  throw Error(ErrorKind::not_found, "expected its film in --films, found none of its content");
}

Landmarks landmarks_of(const ReviewedLabels& labels) {
  return read_landmarks(labels.folder / kReviewedLandmarks);
}

MaskStack masks_of(const ReviewedLabels& labels) {
  const Landmarks machine = read_landmarks(labels.folder / "landmarks.json");
  const Landmarks reader = landmarks_of(labels);
  const MaskStack found = read_masks(labels.folder / "masks.tif");
  if (found.size() != reader.size) {
    throw Error(ErrorKind::unreadable, "labels: " + labels.folder.string() +
                                           ": masks and landmarks are of different sizes");
  }
  MaskStack masks(found.size());
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!reader.vertebrae[i]) continue;
    put_body(found, machine, corners_of(*reader.vertebrae[i]), kStructures[i], masks);
  }
  if (reader.s1) put_sacrum(found, machine, *reader.s1, masks);
  put_heads(found, machine, reader.femoral_heads, masks);
  return masks;
}

}  // namespace spine
