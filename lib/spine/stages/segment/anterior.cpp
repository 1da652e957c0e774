#include "spine/stages/segment/anterior.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace spine {

void AnteriorVotes::add(double offset_in_bodies, double weight) {
  sum += weight * std::clamp(offset_in_bodies, -1.0, 1.0);
  ++count;
}

AnteriorVotes vote_anterior(const Regions& regions) {
  AnteriorVotes votes;
  const auto at = [&](Structure s) -> const std::optional<Region>& { return regions[index(s)]; };
  const auto body = median_body_area(regions);
  const auto& sacrum = at(Structure::S);
  double side = body ? std::sqrt(*body) : sacrum ? std::sqrt(sacrum->area_px / 3) : 0;
  if (side <= 0) return votes;

  std::vector<cv::Point2d> centers;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (regions[i]) centers.push_back(regions[i]->centroid_px);
  }
  if (sacrum) {
    // The hip axis lies in front of the sacrum, even in a steep pelvis.
    for (const Structure head : {Structure::F1, Structure::F2}) {
      if (at(head)) votes.add((at(head)->centroid_px.x - sacrum->centroid_px.x) / side, 1.0);
    }
    // The sacrum lies behind the lowest body.
    if (!centers.empty()) votes.add((centers.back().x - sacrum->centroid_px.x) / side, 1.0);
    centers.push_back(sacrum->centroid_px);
  }
  if (centers.size() >= 4 && centers.back().y > centers.front().y) {
    // Lordosis: the middle of the spine lies in front of the chord between its ends.
    const cv::Point2d chord = centers.back() - centers.front();
    double bulge = 0;
    for (std::size_t i = 1; i + 1 < centers.size(); ++i) {
      const double t = (centers[i].y - centers.front().y) / chord.y;
      bulge += centers[i].x - (centers.front().x + t * chord.x);
    }
    votes.add(bulge / (static_cast<double>(centers.size() - 2) * side), 1.0);
  }
  return votes;
}

std::optional<Side> find_anterior(const MaskStack& masks) {
  const AnteriorVotes votes = vote_anterior(find_regions(masks));
  if (votes.count == 0 || votes.sum == 0) return std::nullopt;
  return votes.sum > 0 ? Side::right : Side::left;
}

bool heads_reversed(const MaskStack& masks) {
  if (!masks.has(Structure::F1) || !masks.has(Structure::F2)) return false;
  const auto anterior = find_anterior(masks);
  if (!anterior) return false;
  const auto middle = [&](Structure s) {
    const cv::Moments m = cv::moments(masks[s], true);
    return m.m10 / m.m00;
  };
  return is_more_anterior(middle(Structure::F2), middle(Structure::F1), *anterior);
}

}  // namespace spine
