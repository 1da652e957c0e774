#include "spine/eval/rater.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/core/statistics.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/moments.h"
#include "spine/eval/stats_table.h"
#include "spine/eval/text_table.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"

namespace spine {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

RaterLandmarks::Point point_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return cv::Point2d(json.at(0).get<double>(), json.at(1).get<double>());
}

RaterLandmarks from_json(const Json& json) {
  RaterLandmarks read;
  read.size = {json.at("size").at(0).get<int>(), json.at("size").at(1).get<int>()};
  read.anterior = json.at("anterior").get<std::string>() == "right" ? Side::right : Side::left;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto found = json.at("vertebrae").find(level_name(i));
    if (found == json.at("vertebrae").end() || found->is_null()) continue;
    read.vertebrae[i] = {point_from(found->at("sup_post")), point_from(found->at("sup_ant")),
                         point_from(found->at("inf_post")), point_from(found->at("inf_ant"))};
  }
  if (!json.at("S1").is_null()) {
    read.s1_post = point_from(json.at("S1").at("sup_post"));
    read.s1_ant = point_from(json.at("S1").at("sup_ant"));
  }
  for (const auto& head : json.at("femoral_heads")) {
    if (!head.is_null()) read.head_centers.push_back(*point_from(head.at("center")));
  }
  if (json.contains("confidence") && json.at("confidence").contains("S1")) {
    read.numbering_certain = json.at("confidence").at("S1").get<double>() > 0;
  }
  return read;
}

using Ends = std::pair<RaterLandmarks::Point, RaterLandmarks::Point>;  // posterior, anterior

/// Slope of an endplate against the film's rows, degrees, positive where the anterior end is lower.
/// @param anterior  the film's side that the patient faces
double slope_deg(cv::Point2d post, cv::Point2d ant, Side anterior) {
  const double forward = anterior == Side::right ? 1 : -1;
  return deg_from_rad(std::atan2(ant.y - post.y, forward * (ant.x - post.x)));
}

/// The error between two directions, degrees; a reversed endplate is one that was not found.
double direction_error_deg(double deg) {
  return std::clamp(std::remainder(deg, 360.0), -kNotFoundDeg, kNotFoundDeg);
}

class Comparer {
 public:
  Comparer(const RaterLandmarks& rater, const Landmarks& predicted,
           const std::vector<Measurement>& values)
      : rater_(rater), predicted_(predicted), values_(values) {}

  RaterComparison run() {
    out_.numbering_certain = rater_.numbering_certain;
    out_.anterior_right = rater_.anterior == predicted_.anterior;
    for (std::size_t i = 0; i < kLumbarCount; ++i) body(i);
    out_.levels_right = out_.bodies_read > 0 && out_.bodies_right == out_.bodies_read;
    sacrum();
    heads();
    intervals();
    return std::move(out_);
  }

 private:
  void body(std::size_t level) {
    const auto& read = rater_.vertebrae[level];
    const auto& found = predicted_.vertebrae[level];
    const bool right = read.sup_post && read.sup_ant && found && nearest_level(*found) == level;
    if (read.sup_post && read.sup_ant) {
      ++out_.bodies_read;
      if (found) ++(right ? out_.bodies_right : out_.bodies_wrong);
    }
    endplate({read.sup_post, read.sup_ant}, found ? &found->sup : nullptr, right);
    endplate({read.inf_post, read.inf_ant}, found ? &found->inf : nullptr, right);
  }

  /// Of L1-L5 (0..4) and S1 (5), the rater's one that is nearest.
  [[nodiscard]] std::size_t nearest_level(const VertebraCorners& found) const {
    std::size_t best = kLumbarCount + 1;
    double distance = 1e300;
    for (std::size_t i = 0; i <= kLumbarCount; ++i) {
      const Ends ends = i < kLumbarCount
                            ? Ends{rater_.vertebrae[i].sup_post, rater_.vertebrae[i].sup_ant}
                            : Ends{rater_.s1_post, rater_.s1_ant};
      if (!ends.first || !ends.second) continue;
      const double d = cv::norm(0.5 * (*ends.first + *ends.second) - midpoint(found.sup));
      if (d < distance) {
        best = i;
        distance = d;
      }
    }
    return best;
  }

  void endplate(const Ends& read, const Endplate* found, bool right) {
    if (!read.first || !read.second) return;
    const cv::Point2d post = *read.first, ant = *read.second;
    out_.endplate_deg.push_back(found ? std::abs(direction_error_deg(angle_between_deg(
                                            ant - post, found->ant - found->post)))
                                      : kNotFoundDeg);
    if (found && right) corners(post, ant, *found);
  }

  void corners(cv::Point2d post, cv::Point2d ant, const Endplate& found) {
    out_.corner_percent.push_back(percent(cv::norm(post - found.post)));
    out_.corner_percent.push_back(percent(cv::norm(ant - found.ant)));
  }

  void sacrum() {
    if (!rater_.s1_post || !rater_.s1_ant) return;
    out_.s1_deg = kNotFoundDeg;
    if (!predicted_.s1) return;
    out_.s1_deg =
        direction_error_deg(slope_deg(predicted_.s1->post, predicted_.s1->ant, rater_.anterior) -
                            slope_deg(*rater_.s1_post, *rater_.s1_ant, rater_.anterior));
    corners(*rater_.s1_post, *rater_.s1_ant, *predicted_.s1);
  }

  void heads() {
    const auto& read = rater_.head_centers;
    const auto& found = predicted_.femoral_heads;
    out_.heads_read = static_cast<int>(read.size());
    const auto distance = [&](std::size_t i, std::size_t j) {
      return percent(cv::norm(read[i] - found[j].center));
    };
    if (read.size() == 2 && found.size() == 2) {
      const bool crossed = distance(0, 1) + distance(1, 0) < distance(0, 0) + distance(1, 1);
      out_.head_percent = crossed ? std::vector<double>{distance(0, 1), distance(1, 0)}
                                  : std::vector<double>{distance(0, 0), distance(1, 1)};
      return;
    }
    double best = 1e300;
    for (std::size_t i = 0; i < read.size(); ++i) {
      for (std::size_t j = 0; j < found.size(); ++j) best = std::min(best, distance(i, j));
    }
    if (best < 1e300) out_.head_percent.push_back(best);
  }

  void intervals() {
    if (!rater_.s1_post || !rater_.s1_ant) return;
    const double ss = slope_deg(*rater_.s1_post, *rater_.s1_ant, rater_.anterior);
    out_.ss_in_interval = in_interval("SS", ss);
    const auto& l1 = rater_.vertebrae[0];
    if (!l1.sup_post || !l1.sup_ant) return;
    out_.ll_in_interval =
        in_interval("LL", ss - slope_deg(*l1.sup_post, *l1.sup_ant, rater_.anterior));
  }

  [[nodiscard]] std::optional<bool> in_interval(const std::string& name, double rater) const {
    const Measurement* found = find_measurement(values_, name);
    if (found == nullptr || !found->value || !found->standard_error) return std::nullopt;
    return std::abs(direction_error_deg(*found->value - rater)) <=
           kWithin90 * *found->standard_error;
  }

  [[nodiscard]] double percent(double distance_px) const {
    return 100 * distance_px / rater_.size.width;
  }

  const RaterLandmarks& rater_;
  const Landmarks& predicted_;
  const std::vector<Measurement>& values_;
  RaterComparison out_;
};

TextTable film_table(const std::vector<RaterComparison>& films) {
  TextTable table({"film", "levels", "right", "wrong", "read", "front", "endplate median (deg)",
                   "endplate p90 (deg)", "S1 (deg)", "corner median (% width)", "heads",
                   "head median (% width)", "remark"});
  for (const auto& film : films) {
    const std::string remark = !film.error.empty()       ? film.error
                               : !film.numbering_certain ? "numbering not certain, not counted"
                                                         : "";
    table.add({film.film, film.levels_right ? "right" : "wrong", std::to_string(film.bodies_right),
               std::to_string(film.bodies_wrong), std::to_string(film.bodies_read),
               !film.error.empty()   ? ""
               : film.anterior_right ? "right"
                                     : "wrong",
               format_number(percentile_of(film.endplate_deg, 50), 1),
               format_number(percentile_of(film.endplate_deg, 90), 1),
               film.s1_deg ? format_number(*film.s1_deg, 1) : "",
               format_number(percentile_of(film.corner_percent, 50), 1),
               std::to_string(film.head_percent.size()) + "/" + std::to_string(film.heads_read),
               format_number(percentile_of(film.head_percent, 50), 1), remark});
  }
  return table;
}

/// How often the rater's values lie within the predicted intervals; empty without standard errors.
std::string intervals_line(const std::vector<RaterComparison>& films) {
  const auto share = [&](std::optional<bool> RaterComparison::*inside) {
    std::size_t covered = 0, known = 0;
    for (const auto& film : films) {
      if (!film.numbering_certain || !(film.*inside)) continue;
      ++known;
      covered += *(film.*inside) ? 1 : 0;
    }
    return known == 0 ? std::string()
                      : std::to_string(covered) + " of " + std::to_string(known) + " films";
  };
  const std::string ss = share(&RaterComparison::ss_in_interval);
  const std::string ll = share(&RaterComparison::ll_in_interval);
  if (ss.empty() && ll.empty()) return {};
  return "Rater's value within the 90 % interval: SS on " + (ss.empty() ? "none" : ss) +
         ", LL on " + (ll.empty() ? "none" : ll) + ".\n";
}

RaterComparison compare_film(const fs::path& study, const fs::path& rater) {
  const fs::path prediction = study / "landmarks.json";
  RaterLandmarks read;
  read.numbering_certain = false;  // in case the file cannot be read
  Landmarks found;
  std::vector<Measurement> values;
  std::string error;
  try {
    read = read_rater_landmarks(rater);
    if (!may_be_file(prediction)) {
      error = kNoPrediction;
    } else {
      found = read_landmarks(prediction);
      if (found.size != read.size) {
        throw Error(ErrorKind::unreadable, "film of another size than the rater's");
      }
      values = values_of_study(study);
    }
  } catch (...) {
    error = describe_failure(std::current_exception()).message;
    found = {};
  }
  RaterComparison film = compare_with_rater(read, found, values);
  film.film = rater.stem().string();
  film.error = error;
  return film;
}

}  // namespace

RaterLandmarks read_rater_landmarks(const fs::path& file) {
  const Json json = read_json(file);
  try {
    return from_json(json);
  } catch (const Json::exception& e) {
    throw Error(ErrorKind::unreadable, "read rater's landmarks " + file.string() +
                                           ": expected size, anterior, vertebrae, S1 and "
                                           "femoral_heads, got: " +
                                           e.what());
  }
}

RaterComparison compare_with_rater(const RaterLandmarks& rater, const Landmarks& predicted,
                                   const std::vector<Measurement>& values) {
  return Comparer(rater, predicted, values).run();
}

std::vector<RaterComparison> compare_folders_with_rater(const fs::path& predictions,
                                                        const fs::path& rater) {
  std::vector<fs::path> files;
  for (const auto& entry : list_folder(rater).entries) {
    if (entry.extension() == ".json") files.push_back(entry);
  }
  if (files.empty()) {
    throw Error(ErrorKind::not_found,
                "evaluate: " + rater.string() + ": expected JSON files of a rater, found none");
  }
  std::vector<RaterComparison> films;
  for (const auto& file : files) {
    films.push_back(compare_film(predictions / file.stem(), file));
  }
  return films;
}

bool any_unreadable(const std::vector<RaterComparison>& films) {
  return std::any_of(films.begin(), films.end(),
                     [](const RaterComparison& film) { return is_fault(film.error); });
}

SacrumSummary summarize_sacrum(const std::vector<RaterComparison>& films) {
  constexpr double kLargeDeg = 5, kOtherEndplateDeg = 12;
  std::vector<double> absolute;
  SacrumSummary summary;
  double sum = 0;
  std::size_t near = 0;
  for (const auto& film : films) {
    if (!film.numbering_certain || !film.s1_deg) continue;
    const double error = std::abs(*film.s1_deg);
    absolute.push_back(error);
    if (error > kLargeDeg) summary.share_beyond_5_deg += 1;
    if (error > kOtherEndplateDeg) {
      ++summary.count_beyond_12_deg;
    } else {
      sum += *film.s1_deg;
      ++near;
    }
  }
  summary.films = absolute.size();
  if (absolute.empty()) return summary;
  summary.median_deg = percentile_of(absolute, 50).value_or(0);
  summary.share_beyond_5_deg /= static_cast<double>(absolute.size());
  summary.bias_deg = near > 0 ? sum / static_cast<double>(near) : 0;
  return summary;
}

std::string to_markdown(const std::vector<RaterComparison>& films) {
  std::vector<double> endplates, corners, heads;
  int right = 0, counted = 0;
  for (const auto& film : films) {
    if (!film.numbering_certain) continue;
    endplates.insert(endplates.end(), film.endplate_deg.begin(), film.endplate_deg.end());
    corners.insert(corners.end(), film.corner_percent.begin(), film.corner_percent.end());
    heads.insert(heads.end(), film.head_percent.begin(), film.head_percent.end());
    ++counted;
    right += film.levels_right ? 1 : 0;
  }
  std::string text = film_table(films).to_markdown();
  text += "\nLevels right on " + std::to_string(right) + " of " + std::to_string(counted) +
          " films with certain numbering.\n";
  text += percentiles_line("Endplate direction error of L1-L5", endplates, " deg");
  if (const SacrumSummary s1 = summarize_sacrum(films); s1.films > 0) {
    text += "Endplate direction error of S1: median " + format_number(s1.median_deg, 2) + " deg, " +
            format_number(100 * s1.share_beyond_5_deg, 0) + " % beyond 5 deg, " +
            std::to_string(s1.count_beyond_12_deg) + " films beyond 12 deg, mean of the others " +
            format_number(s1.bias_deg, 2) +
            " deg (positive: steeper; n = " + std::to_string(s1.films) + ").\n";
  }
  text += intervals_line(films);
  text += percentiles_line("Corner error", corners, " % of the width");
  text += percentiles_line("Head centre error", heads, " % of the width");
  return text;
}

std::string to_csv(const std::vector<RaterComparison>& films) { return film_table(films).to_csv(); }

}  // namespace spine
