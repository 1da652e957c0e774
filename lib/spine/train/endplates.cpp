#include "spine/train/endplates.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/dataset/study_set.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/locate/locate.h"
#include "spine/stages/locate/locate_methods.h"
#include "spine/train/film_source.h"

namespace spine::train {
namespace {

constexpr double kMisreadDeg = 20, kMaxTargetDeg = 5;
constexpr std::size_t kMinSamples = 100;

Endplate in_frame(const Endplate& plate, const AnatomicalFrame& frame) {
  return {frame.to_anatomical(plate.post), frame.to_anatomical(plate.ant)};
}

/// Angle from one direction to another, anti-clockwise.
double turn_between(const Endplate& from, const Endplate& to) {
  const cv::Point2d a = from.ant - from.post, b = to.ant - to.post;
  return deg_from_rad(std::atan2(a.cross(b), a.dot(b)));
}

/// Aspect ratio of the pixels of the film beside masks; nullopt if there is none, or pixels are
/// square.
std::optional<Spacing> pixel_shape(const std::filesystem::path& study) {
  const auto film = film_in(study);
  if (!film) return std::nullopt;
  const auto spacing = read_film(*film).info().spacing;
  if (!spacing || spacing->row_mm == spacing->col_mm) return std::nullopt;
  return relative_spacing(spacing->row_mm / spacing->col_mm);
}

void add_samples(const MaskStack& masks, const Landmarks& truth,
                 const std::optional<Spacing>& shape, std::vector<EndplateSample>& samples) {
  LocateOptions options;
  options.spacing = shape;
  options.anterior = truth.anterior;
  options.correct_endplates = false;
  const Landmarks found = locate(masks, options).landmarks;
  const AnatomicalFrame frame(truth.anterior, shape);
  for (std::size_t level = 0; level < kLumbarCount; ++level) {
    if (!truth.vertebrae[level] || !found.vertebrae[level]) continue;
    const auto region = largest_region(masks[kStructures[level]]);
    if (!region) continue;
    const auto& body = *found.vertebrae[level];
    const VertebraCorners corners{in_frame(body.sup, frame), in_frame(body.inf, frame)};
    EndplateSample sample;
    sample.profile = contour_profile(anatomical_outline(*region, masks.size(), frame), corners);
    sample.turn_deg = {turn_between(corners.sup, in_frame(truth.vertebrae[level]->sup, frame)),
                       turn_between(corners.inf, in_frame(truth.vertebrae[level]->inf, frame))};
    const auto [low, high] = std::minmax(sample.turn_deg[0], sample.turn_deg[1]);
    if (low > -kMisreadDeg && high < kMisreadDeg) samples.push_back(sample);
  }
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string rule_source(const std::string& name, const EndplateRule& rule) {
  std::string text("constexpr ContourProfile ");
  text.append(name).append("{");
  for (std::size_t i = 0; i < rule.weight_deg.size(); ++i) {
    if (i > 0) text += i % 10 == 0 ? ",\n    " : ", ";
    text += number(rule.weight_deg[i]);
  }
  return text.append("};\n");
}

}  // namespace

std::vector<EndplateSample> endplate_samples(const std::filesystem::path& truth) {
  DiscoverOptions options;
  options.kind = StudyKind::masks;
  std::vector<EndplateSample> samples;
  for (const Study& study : discover({truth}, options)) {
    if (!study.error.empty()) throw Error(study.error_kind, "endplates: " + study.error);
    const auto folder =
        std::filesystem::is_directory(study.path) ? study.path : study.path.parent_path();
    add_samples(read_masks(study.path), read_landmarks(folder / "landmarks.json"),
                pixel_shape(folder), samples);
  }
  return samples;
}

double EndplateRule::turn(const ContourProfile& profile) const {
  double sum = 0;
  for (std::size_t i = 0; i < profile.size(); ++i) sum += weight_deg[i] * profile[i];
  return obliquity(profile) * sum;
}

std::array<EndplateRule, 2> fit_endplate_rules(const std::vector<EndplateSample>& samples,
                                               double ridge) {
  if (samples.size() < kMinSamples) {
    throw Error(ErrorKind::usage, "endplates: expected " + std::to_string(kMinSamples) +
                                      " bodies or more, found " + std::to_string(samples.size()));
  }
  const int count = static_cast<int>(samples.size());
  const int width = static_cast<int>(std::tuple_size_v<ContourProfile>);
  cv::Mat x(count, width, CV_64FC1), y(count, 2, CV_64FC1);
  for (int r = 0; r < count; ++r) {
    const auto& sample = samples[static_cast<std::size_t>(r)];
    const double share = obliquity(sample.profile);
    for (int i = 0; i < width; ++i) {
      x.at<double>(r, i) = share * sample.profile[static_cast<std::size_t>(i)];
    }
    for (int k = 0; k < 2; ++k) {
      y.at<double>(r, k) =
          std::clamp(sample.turn_deg[static_cast<std::size_t>(k)], -kMaxTargetDeg, kMaxTargetDeg);
    }
  }
  const cv::Mat normal = x.t() * x + ridge * count * cv::Mat::eye(width, width, CV_64FC1);
  cv::Mat weights;
  cv::solve(normal, x.t() * y, weights, cv::DECOMP_CHOLESKY);
  std::array<EndplateRule, 2> rules;
  for (int k = 0; k < 2; ++k) {
    EndplateRule& rule = rules[static_cast<std::size_t>(k)];
    for (int i = 0; i < width; ++i) {
      rule.weight_deg[static_cast<std::size_t>(i)] = weights.at<double>(i, k);
    }
  }
  return rules;
}

double mean_residual_deg(const std::vector<EndplateSample>& samples, std::size_t plate,
                         const EndplateRule& rule) {
  double sum = 0;
  for (const auto& s : samples) sum += std::abs(s.turn_deg[plate] - rule.turn(s.profile));
  return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

std::string endplate_rules_source(const std::array<EndplateRule, 2>& rules,
                                  const std::string& origin) {
  return std::string("// clang-format off\n// Generated: ") + origin + "\n" +
         rule_source("kSuperiorTurn", rules[0]) + rule_source("kInferiorTurn", rules[1]) +
         "// clang-format on\n";
}

}  // namespace spine::train
