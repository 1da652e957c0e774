#include "spine/train/uncertainty_fit.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/core/statistics.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"

namespace spine::train {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMinSamples = 50;

/// In endplate lengths; the components of the shift along and across the true endplate.
std::array<double, 3> endplate_error(const Endplate& found, const Endplate& truth) {
  const cv::Point2d a = truth.ant - truth.post;
  const cv::Point2d b = found.ant - found.post;
  const cv::Point2d shift = midpoint(found) - midpoint(truth);
  const double square = a.dot(a);
  return {deg_from_rad(std::atan2(a.cross(b), a.dot(b))), shift.dot(a) / square,
          a.cross(shift) / square};
}

std::array<double, 3> head_error(const FemoralHead& found, const FemoralHead& truth) {
  const double distance = cv::norm(found.center - truth.center) / truth.radius;
  const double along_an_axis = distance / std::sqrt(2.0);
  return {along_an_axis, along_an_axis, along_an_axis};
}

/// The reference head matched to each predicted one.
std::vector<const FemoralHead*> paired_heads(const std::vector<FemoralHead>& found,
                                             const std::vector<FemoralHead>& truth) {
  if (truth.empty()) return std::vector<const FemoralHead*>(found.size(), nullptr);
  const auto distance = [&](std::size_t i, std::size_t j) {
    return cv::norm(found[i].center - truth[j].center);
  };
  if (found.size() == 2 && truth.size() == 2) {
    const bool straight = distance(0, 0) + distance(1, 1) <= distance(0, 1) + distance(1, 0);
    return {&truth[straight ? 0 : 1], &truth[straight ? 1 : 0]};
  }
  std::vector<const FemoralHead*> pairs;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool second = truth.size() == 2 && distance(i, 1) < distance(i, 0);
    pairs.push_back(&truth[second ? 1 : 0]);
  }
  return pairs;
}

/// Error of a named landmark between two sets of landmarks.
std::optional<std::array<double, 3>> error_of(const std::string& name, const Landmarks& found,
                                              const Landmarks& truth) {
  if (name == "S1.sup") {
    if (!found.s1 || !truth.s1) return std::nullopt;
    return endplate_error(*found.s1, *truth.s1);
  }
  const auto number = static_cast<std::size_t>(name[1] - '1');
  if (name[0] == 'F') {
    if (number >= found.femoral_heads.size()) return std::nullopt;
    const FemoralHead* pair = paired_heads(found.femoral_heads, truth.femoral_heads)[number];
    if (pair == nullptr) return std::nullopt;
    return head_error(found.femoral_heads[number], *pair);
  }
  const auto& a = found.vertebrae[number];
  const auto& b = truth.vertebrae[number];
  if (!a || !b) return std::nullopt;
  return name.ends_with("sup") ? endplate_error(a->sup, b->sup) : endplate_error(a->inf, b->inf);
}

/// Contour quality near the landmarks from a record of spine-pipeline.
std::vector<std::pair<std::string, ContourQuality>> qualities_in(const fs::path& file) {
  const nlohmann::json record = read_json(file);
  std::vector<std::pair<std::string, ContourQuality>> qualities;
  try {
    for (const auto& [name, seen] : record.at("provenance").at("outlines").items()) {
      qualities.emplace_back(name, ContourQuality{seen.at("width"), seen.at("scatter"),
                                                  seen.at("coverage"), seen.at("confidence")});
    }
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::unreadable, "uncertainty: " + file.string() +
                                           ": expected provenance.outlines, as spine-pipeline "
                                           "writes it, got: " +
                                           e.what());
  }
  return qualities;
}

LandmarkKind kind_of(const std::string& name) {
  if (name[0] == 'F') return LandmarkKind::head;
  if (name == "S1.sup") return LandmarkKind::sacral;
  return name.ends_with("sup") ? LandmarkKind::superior : LandmarkKind::inferior;
}

UncertaintyFeatures fit(const std::vector<const UncertaintySample*>& samples, std::size_t error,
                        double ridge) {
  constexpr double kFloor = 1e-4;  // avoids the logarithm of 0
  const int count = static_cast<int>(samples.size());
  const int width = static_cast<int>(kUncertaintyFeatures);
  cv::Mat x(count, width, CV_64FC1);
  cv::Mat y(count, 1, CV_64FC1);
  for (int r = 0; r < count; ++r) {
    const UncertaintySample& sample = *samples[static_cast<std::size_t>(r)];
    for (int i = 0; i < width; ++i) {
      x.at<double>(r, i) = sample.features[static_cast<std::size_t>(i)];
    }
    y.at<double>(r) = std::log(std::abs(sample.error[error]) + kFloor);
  }
  cv::Mat penalty = ridge * count * cv::Mat::eye(width, width, CV_64FC1);
  penalty.at<double>(0, 0) = 0;  // no penalty for the constant
  cv::Mat solved;
  cv::solve(x.t() * x + penalty, x.t() * y, solved, cv::DECOMP_CHOLESKY);
  UncertaintyFeatures weights{};
  for (int i = 0; i < width; ++i) weights[static_cast<std::size_t>(i)] = solved.at<double>(i);
  std::vector<double> ratios;
  for (const UncertaintySample* sample : samples) {
    ratios.push_back(std::abs(sample->error[error]) /
                     std::exp(log_deviation(weights, sample->features)));
  }
  weights[0] += std::log(quantile(ratios, 0.9) / kWithin90);
  return weights;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

std::vector<UncertaintySample> uncertainty_samples(const fs::path& predictions,
                                                   const fs::path& truth) {
  const FolderListing listing = list_folder(truth);
  if (!is_folder(truth)) {
    throw Error(ErrorKind::not_found, "uncertainty: " + truth.string() + ": no such folder");
  }
  if (listing.error) {
    throw Error(ErrorKind::unreadable,
                "uncertainty: " + truth.string() +
                    ": expected a folder that can be read, got: " + listing.error.message());
  }
  std::vector<UncertaintySample> samples;
  for (const fs::path& study : listing.entries) {
    const fs::path prediction = predictions / study.filename();
    if (!is_file(prediction / "measurements.json")) continue;
    const Landmarks found = read_landmarks(prediction / "landmarks.json");
    const Landmarks true_marks = read_landmarks(study / "landmarks.json");
    for (const auto& [name, quality] : qualities_in(prediction / "measurements.json")) {
      const auto error = error_of(name, found, true_marks);
      if (error) samples.push_back({kind_of(name), uncertainty_features(quality), *error});
    }
  }
  return samples;
}

std::array<UncertaintyRule, kLandmarkKinds> fit_uncertainty_model(
    const std::vector<UncertaintySample>& samples, double ridge) {
  std::array<UncertaintyRule, kLandmarkKinds> rules{};
  for (std::size_t kind = 0; kind < kLandmarkKinds; ++kind) {
    std::vector<const UncertaintySample*> own;
    for (const auto& sample : samples) {
      if (static_cast<std::size_t>(sample.kind) == kind) own.push_back(&sample);
    }
    if (own.size() < kMinSamples) {
      throw Error(ErrorKind::usage, "uncertainty: expected " + std::to_string(kMinSamples) +
                                        " landmarks of each kind or more, found " +
                                        std::to_string(own.size()));
    }
    for (std::size_t error = 0; error < 3; ++error) rules[kind][error] = fit(own, error, ridge);
  }
  return rules;
}

double coverage_of(const std::vector<UncertaintySample>& samples, LandmarkKind kind,
                   std::size_t error, const UncertaintyRule& rule) {
  int inside = 0;
  int count = 0;
  for (const auto& sample : samples) {
    if (sample.kind != kind) continue;
    ++count;
    const double deviation = std::exp(log_deviation(rule[error], sample.features));
    if (std::abs(sample.error[error]) <= kWithin90 * deviation) ++inside;
  }
  return count == 0 ? 0 : static_cast<double>(inside) / count;
}

std::string uncertainty_model_source(const std::array<UncertaintyRule, kLandmarkKinds>& rules,
                                     const std::string& origin) {
  std::string text =
      "// clang-format off\n// Generated: " + origin +
      "\nconstexpr std::array<UncertaintyRule, kLandmarkKinds> kUncertaintyRules{{\n";
  for (const UncertaintyRule& rule : rules) {
    text += "    {{";
    for (std::size_t e = 0; e < rule.size(); ++e) {
      text += e == 0 ? "{" : ",\n      {";
      for (std::size_t i = 0; i < kUncertaintyFeatures; ++i) {
        text += (i == 0 ? "" : ", ") + number(rule[e][i]);
      }
      text += "}";
    }
    text += "}},\n";
  }
  return text + "}};\n// clang-format on\n";
}

}  // namespace spine::train
