#include "spine/stages/preprocess/roi.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <opencv2/imgproc.hpp>

namespace spine {
namespace {

// Expected area of the sacrum, relative to L5's, and distance of its centre from L5, in steps from
// L4 to L5.
constexpr double kSacrumArea = 2, kSacrumSteps = 1.6;

/// The structures on which the window of a part is centred.
std::span<const Structure> structures_of(RoiPart part) {
  using enum Structure;
  static constexpr std::array<Structure, 4> kUpperBodies{L1, L2, L3, L4};
  static constexpr std::array<Structure, 3> kHeads{S, F1, F2};
  static constexpr std::array<Structure, 2> kLowest{L5, S};
  if (part == RoiPart::upper) return kUpperBodies;
  if (part == RoiPart::lower) return kLowest;
  return kHeads;
}

/// The film pixels that the window covers; may reach beyond the film.
cv::Rect window_of(const Letterbox& box) {
  const cv::Point2d first = box.to_film({-0.5, -0.5});
  const cv::Point2d last = box.to_film({box.net - 0.5, box.net - 0.5});
  const cv::Point top_left(cvRound(first.x + 0.5), cvRound(first.y + 0.5));
  return {top_left, cv::Point(cvRound(last.x + 0.5), cvRound(last.y + 0.5))};
}

/// A window of an image of the film's size, zero beyond it, resized to the network's size.
cv::Mat crop_and_resize(const cv::Mat& image, const Letterbox& box) {
  const cv::Rect window = window_of(box);
  const cv::Rect inside = window & cv::Rect({}, image.size());
  cv::Mat all = cv::Mat::zeros(window.size(), image.type());
  if (!inside.empty()) image(inside).copyTo(all(inside - window.tl()));
  const bool shrinks = window.width >= box.net && window.height >= box.net;
  cv::Mat square;
  cv::resize(all, square, {box.net, box.net}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return square;
}

/// The structures in the network's frame, including those beyond the window.
Blobs blobs_of(const MaskStack& masks, const Letterbox& box) {
  Blobs blobs;
  for (const Structure s : kStructures) {
    Blob& blob = blobs[index(s)];
    blob = blob_of(masks.crop(s));
    blob.area *= box.scale_x * box.scale_y;
    blob.center = box.to_net(blob.center);
  }
  return blobs;
}

/// Adds missing bodies and a missing sacrum where their neighbours' positions suggest them, so that
/// the windows include them.
void add_expected_levels(Blobs& blobs) {
  const auto has = [&](std::size_t i) { return i < kLumbarCount && blobs[i].area > 0; };
  const auto put = [&](std::size_t i, double weight, std::size_t a, std::size_t b) {
    if (has(i) || !has(a) || !has(b)) return;
    blobs[i] = {blobs[a].area, blobs[a].center + weight * (blobs[a].center - blobs[b].center)};
  };
  for (std::size_t i = 1; i < kLumbarCount; ++i) put(i, -0.5, i - 1, i + 1);
  for (std::size_t i = kLumbarCount; i-- > 0;) put(i, 1, i + 1, i + 2);
  for (std::size_t i = 2; i < kLumbarCount; ++i) put(i, 1, i - 1, i - 2);
  constexpr std::size_t l4 = index(Structure::L4), l5 = index(Structure::L5);
  Blob& sacrum = blobs[index(Structure::S)];
  if (sacrum.area > 0 || !has(l4) || !has(l5)) return;
  sacrum = {kSacrumArea * blobs[l5].area,
            blobs[l5].center + kSacrumSteps * (blobs[l5].center - blobs[l4].center)};
}

}  // namespace

Blob blob_of(const MaskCrop& crop) {
  if (crop.box.empty()) return {};
  Blob blob = blob_of(crop.pixels);
  blob.center += cv::Point2d(crop.box.tl());
  return blob;
}

Blob blob_of(const cv::Mat& mask) {
  const cv::Rect box = cv::boundingRect(mask);
  if (box.empty()) return {};
  const cv::Moments m = cv::moments(mask(box), /*binaryImage=*/true);
  return {m.m00, cv::Point2d(box.tl()) + cv::Point2d(m.m10 / m.m00, m.m01 / m.m00)};
}

std::optional<RoiView> roi_view(const Blobs& blobs, RoiPart part, int net_size) {
  double area = 0;
  int bodies = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (blobs[i].area <= 0) continue;
    area += blobs[i].area;
    ++bodies;
  }
  cv::Point2d sum;
  int found = 0;
  for (const Structure s : structures_of(part)) {
    if (blobs[index(s)].area <= 0) continue;
    sum += blobs[index(s)].center;
    ++found;
  }
  if (bodies == 0 || found == 0) return std::nullopt;
  return RoiView{sum / found, kRoiBodySide * net_size / std::sqrt(area / bodies)};
}

std::vector<Roi> plan_rois(const MaskStack& masks, const std::optional<Spacing>& spacing,
                           int net_size) {
  // In units of row spacing; columns may be wider or narrower.
  const double aspect = spacing ? spacing->col_mm / spacing->row_mm : 1.0;
  Letterbox square_pixels;
  square_pixels.scale_x = aspect;
  Blobs blobs = blobs_of(masks, square_pixels);
  add_expected_levels(blobs);
  std::vector<Roi> result;
  for (const RoiPart part : kRoiParts) {
    const auto view = roi_view(blobs, part, net_size);
    if (!view) continue;
    // Sizes and positions are rounded to a grid, so that small changes of the masks do not move the
    // window, and to whole film pixels, so that area averaging needs no fractional pixels.
    constexpr double kLogSizeStep = 0.04, kPositionStep = 1.0 / 24;
    const double side =
        std::exp(std::round(std::log(net_size / view->scale) / kLogSizeStep) * kLogSizeStep);
    const int width = std::max(1, cvRound(side / aspect));
    const int height = std::max(1, cvRound(side));
    const auto at = [](double middle, int length) {
      const int step = std::max(1, cvRound(kPositionStep * length));
      return step * cvRound((middle - 0.5 * length) / step);
    };
    Roi roi;
    roi.part = part;
    Letterbox& box = roi.box;
    box.film = masks.size();
    box.net = net_size;
    box.scale_x = static_cast<double>(net_size) / width;
    box.scale_y = static_cast<double>(net_size) / height;
    const int left = at(view->middle.x / aspect, width);
    const int top = at(view->middle.y, height);
    box.offset_x = (0.5 - left) * box.scale_x - 0.5;
    box.offset_y = (0.5 - top) * box.scale_y - 0.5;
    result.push_back(roi);
  }
  return result;
}

bool nearly_coincide(const Roi& a, const Roi& b) {
  constexpr double kSame = 0.05;  // of a window's side (distance of middles) and of its scale
  const double side = a.box.net;
  const cv::Point2d middle(0.5 * side, 0.5 * side);
  const cv::Point2d moved = a.box.to_net(b.box.to_film(middle)) - middle;
  return a.part == b.part && std::abs(a.box.scale_x / b.box.scale_x - 1) < kSame &&
         std::abs(a.box.scale_y / b.box.scale_y - 1) < kSame && cv::norm(moved) < kSame * side;
}

cv::Mat to_roi_square(const Image& film, const Letterbox& box) {
  cv::Mat square;
  crop_and_resize(film.pixels(), box).convertTo(square, CV_32F);
  stretch_range(square, {0, 0, box.net, box.net});
  return square;
}

cv::Mat window_mask(const cv::Mat& mask, const Letterbox& box) {
  const cv::Matx23d to_film(1 / box.scale_x, 0, -box.offset_x / box.scale_x,  //
                            0, 1 / box.scale_y, -box.offset_y / box.scale_y);
  cv::Mat shown;
  cv::warpAffine(mask, shown, to_film, {box.net, box.net},
                 cv::INTER_NEAREST | cv::WARP_INVERSE_MAP);
  return shown;
}

cv::Mat window_weight(int net) {
  constexpr double kFeather = 0.2;  // width of the border with reduced weight, of the window's side
  cv::Mat inside(net + 2, net + 2, CV_8UC1, cv::Scalar(255));
  cv::rectangle(inside, cv::Rect({}, inside.size()), 0);
  cv::Mat distance;
  cv::distanceTransform(inside, distance, cv::DIST_C, cv::DIST_MASK_3);
  const cv::Mat weight = cv::min(distance({1, 1, net, net}) / (kFeather * net), 1.0);
  return weight.mul(weight);
}

WindowMasks window_masks(const MaskStack& masks, const Letterbox& box) {
  WindowMasks shown;
  for (const Structure s : kStructures) {
    if ((masks.box(s) & window_of(box)).empty()) continue;
    const cv::Mat mask = window_mask(masks[s], box);
    if (cv::countNonZero(mask) > 0) shown[index(s)] = mask;
  }
  return shown;
}

}  // namespace spine
