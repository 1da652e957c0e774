#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/scene.h"

namespace spine::sim {

/// A total hip replacement of one side.
struct HipProsthesisForm {
  HeadTruth head;  ///< of the prosthesis
  double cup_radius_mm = 27;
  cv::Vec3d
      cup_opening;  ///< unit vector out of the cup, usually lateral, down and a little forwards
  cv::Vec3d shaft_top,
      shaft_bottom;  ///< axis of the femur's shaft: at the neck's height and farther down
  double stem_length_mm = 140;
  double stem_radius_mm = 8;      ///< near the top; tapers to about half
  bool cemented = false;          ///< a mantle around the stem and under the cup
  bool polyethylene_cup = false;  ///< no metal shell: only a wire marks the cup
};

/// Cup, liner, head, neck and stem as closed meshes, named after `side` ("left" or "right").
std::vector<ImplantPart> make_hip_prosthesis(const HipProsthesisForm& form,
                                             const std::string& side);

}  // namespace spine::sim
