#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/scene.h"

namespace spine::sim {

/// A total hip replacement of one side; millimetres, world frame.
struct HipProsthesisForm {
  HeadTruth head;  ///< of the prosthesis
  double cup_radius_mm = 27;
  /// Unit vector out of the cup, usually lateral, down and slightly forwards.
  cv::Vec3d cup_opening;
  /// Axis of the femoral shaft: at the height of the neck and farther down.
  cv::Vec3d shaft_top, shaft_bottom;
  double stem_length_mm = 140;
  double stem_radius_mm = 8;      ///< near the top; tapers to about half
  bool cemented = false;          ///< cement around the stem and under the cup
  bool polyethylene_cup = false;  ///< no metal shell: only a wire marks the cup
};

/// Builds cup, liner, head, neck and stem as closed meshes, named after `side` ("left" or "right").
std::vector<ImplantPart> make_hip_prosthesis(const HipProsthesisForm& form,
                                             const std::string& side);

}  // namespace spine::sim
