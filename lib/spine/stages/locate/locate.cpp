#include "spine/stages/locate/locate.h"

#include <algorithm>
#include <cmath>

#include "spine/stages/locate/locate_methods.h"
#include "spine/stages/segment/anterior.h"

namespace spine {

namespace {

// Limits of the areas of bodies, sacrum and heads relative to the median area of the bodies.
constexpr double kBodyMin = 0.3, kBodyMax = 3.0;
constexpr double kSacrumMin = 0.5, kSacrumMax = 8.0;
constexpr double kHeadMin = 0.2, kHeadMax = 6.0;
// Absolute sum of votes below which the anterior side is uncertain.
constexpr double kCertain = 1.0;

/// Whether a region reaches to within two pixels of the film's edge.
bool ends_at_edge(const Region& region, cv::Size film) {
  const cv::Rect inner(2, 2, std::max(1, film.width - 4), std::max(1, film.height - 4));
  return (region.box & inner) != region.box;
}

/// The flag of a mask that cannot be fitted.
std::string unfitted_flag(Structure s, const Region& region, cv::Size film) {
  const bool is_head = s == Structure::F1 || s == Structure::F2;
  const char* why = is_head && ends_at_edge(region, film) ? "cropped_" : "implausible_";
  return why + std::string(to_string(s));
}

void drop_implausible(Regions& regions, cv::Size film, std::vector<std::string>& qc) {
  const auto body = median_body_area(regions);
  if (!body) return;
  for (const Structure s : kStructures) {
    auto& region = regions[index(s)];
    if (!region) continue;
    const double ratio = region->area_px / *body;
    const bool is_head = s == Structure::F1 || s == Structure::F2;
    const double low = is_head ? kHeadMin : s == Structure::S ? kSacrumMin : kBodyMin;
    const double high = is_head ? kHeadMax : s == Structure::S ? kSacrumMax : kBodyMax;
    if (ratio >= low && ratio <= high) continue;
    qc.push_back(unfitted_flag(s, *region, film));
    region.reset();
  }
}

/// Directions along the spine at each body, towards the head; unit vectors in the frame.
std::array<cv::Point2d, kLumbarCount> spine_course(const Regions& regions,
                                                   const AnatomicalFrame& frame) {
  std::array<cv::Point2d, kLumbarCount> up;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    std::optional<cv::Point2d> above, below;
    const auto center = [&](std::size_t k) { return frame.to_anatomical(regions[k]->centroid_px); };
    for (std::size_t k = 0; k <= i; ++k) {
      if (regions[k] && k < i) above = center(k);
    }
    for (std::size_t k = kLumbarCount; k-- > i + 1;) {
      if (regions[k]) below = center(k);
    }
    if (regions[i] && !above) above = center(i);
    if (regions[i] && !below) below = center(i);
    cv::Point2d direction(0, 1);
    if (above && below && cv::norm(*above - *below) > 0) {
      direction = (*above - *below) * (1 / cv::norm(*above - *below));
    }
    up[i] = direction;
  }
  return up;
}

/// Drops heads whose centres lie outside the exposed field.
void drop_unexposed(const std::optional<cv::Rect>& exposed, Regions& regions,
                    std::array<std::optional<FemoralHead>, 2>& heads) {
  if (!exposed) return;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (!heads[i] || cv::Rect2d(*exposed).contains(heads[i]->center)) continue;
    heads[i].reset();
    regions[index(Structure::F1) + i].reset();
  }
}

void order_heads(std::array<std::optional<FemoralHead>, 2> heads, Landmarks& landmarks) {
  for (const auto& head : heads) {
    if (head) landmarks.femoral_heads.push_back(*head);
  }
  auto& found = landmarks.femoral_heads;
  if (found.size() < 2) return;
  if (is_more_anterior(found[1].center.x, found[0].center.x, landmarks.anterior)) {
    std::swap(found[0], found[1]);
  }
}

}  // namespace

Located locate(const MaskStack& masks, const LocateOptions& options) {
  Located located;
  Landmarks& landmarks = located.landmarks;
  landmarks.size = masks.size();
  Regions regions = find_regions(masks);
  drop_implausible(regions, masks.size(), located.qc);

  const AnteriorVotes votes = vote_anterior(regions);
  const Side found = votes.sum > 0 ? Side::right : Side::left;
  const bool certain = std::abs(votes.sum) >= kCertain;
  landmarks.anterior = options.anterior.value_or(found);
  if (!options.anterior && !certain) located.qc.emplace_back("anterior_uncertain");
  if (certain && landmarks.anterior != found) located.qc.emplace_back("anterior_conflict");

  const AnatomicalFrame frame(landmarks.anterior, options.spacing);
  const LocateInput input{regions,
                          masks.size(),
                          landmarks.anterior,
                          frame,
                          spine_course(regions, frame),
                          options.correct_endplates};
  LocateMethodResult result =
      options.method == LandmarkMethod::baseline ? locate_baseline(input) : locate_fit(input);
  drop_unexposed(options.exposed, regions, result.heads);
  landmarks.vertebrae = result.vertebrae;
  landmarks.s1 = result.s1;
  order_heads(result.heads, landmarks);
  for (const Structure s : kStructures) {
    const std::size_t i = index(s);
    const bool fitted = i < kLumbarCount    ? result.vertebrae[i].has_value()
                        : s == Structure::S ? result.s1.has_value()
                                            : result.heads[i - index(Structure::F1)].has_value();
    if (regions[i] && !fitted) located.qc.push_back(unfitted_flag(s, *regions[i], masks.size()));
  }
  return located;
}

}  // namespace spine
