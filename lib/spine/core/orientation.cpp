#include "spine/core/orientation.h"

namespace spine {
namespace {

/// An orientation as an optional transposition followed by optional mirroring along x and y.
struct Steps {
  bool exchange, mirror_x, mirror_y;
};

Steps steps_of(Orientation orientation) {
  switch (orientation) {
    case Orientation::top_left:
      return {false, false, false};
    case Orientation::top_right:
      return {false, true, false};
    case Orientation::bottom_right:
      return {false, true, true};
    case Orientation::bottom_left:
      return {false, false, true};
    case Orientation::left_top:
      return {true, false, false};
    case Orientation::right_top:
      return {true, true, false};
    case Orientation::right_bottom:
      return {true, true, true};
    case Orientation::left_bottom:
      return {true, false, true};
  }
  return {false, false, false};
}

cv::Mat mirrored(const cv::Mat& picture, const Steps& steps) {
  if (!steps.mirror_x && !steps.mirror_y) return picture.clone();
  constexpr int kAroundX = 0, kAroundY = 1, kAroundBoth = -1;
  cv::Mat result;
  cv::flip(picture, result,
           steps.mirror_x && steps.mirror_y ? kAroundBoth
           : steps.mirror_x                 ? kAroundY
                                            : kAroundX);
  return result;
}

}  // namespace

std::optional<Orientation> orientation_of_tag(int value) {
  if (value < 1 || value > 8) return std::nullopt;
  return static_cast<Orientation>(value);
}

bool exchanges_sides(Orientation orientation) { return steps_of(orientation).exchange; }

cv::Mat upright(const cv::Mat& stored, Orientation orientation) {
  const Steps steps = steps_of(orientation);
  return mirrored(steps.exchange ? cv::Mat(stored.t()) : stored, steps);
}

cv::Mat as_stored(const cv::Mat& upright, Orientation orientation) {
  const Steps steps = steps_of(orientation);
  const cv::Mat unmirrored = mirrored(upright, steps);
  return steps.exchange ? cv::Mat(unmirrored.t()) : unmirrored;
}

}  // namespace spine
