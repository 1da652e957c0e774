#include "spine/sim/vertebra_deformation.h"

#include <algorithm>
#include <cmath>

#include "spine/sim/mesh_build.h"

namespace spine::sim {

cv::Vec4d basis(double a, double b) {
  const double bounded = a < -1 ? -1 - 0.5 * std::tanh((-1 - a) / 0.5) : std::min(a, 1.5);
  return {1, a, b, bounded * b};
}

Coefficients interpolate(const std::array<cv::Vec2d, 4>& at,
                         const std::array<cv::Vec3d, 4>& values) {
  cv::Matx44d rows;
  for (int i = 0; i < 4; ++i) {
    const cv::Vec4d phi =
        basis(at[static_cast<std::size_t>(i)][0], at[static_cast<std::size_t>(i)][1]);
    for (int k = 0; k < 4; ++k) rows(i, k) = phi[k];
  }
  const cv::Matx44d inverse = rows.inv();
  Coefficients out;
  for (int c = 0; c < 3; ++c) {
    cv::Vec4d rhs;
    for (int i = 0; i < 4; ++i) rhs[i] = values[static_cast<std::size_t>(i)][c];
    out[static_cast<std::size_t>(c)] = inverse * rhs;
  }
  return out;
}

Deformation::Deformation(const VertebraModel::Size& size, const VertebraModel::Variation& variation,
                         const Rng& rng)
    : size_(size),
      shape_(variation.shape),
      depth_((shape_.depth_sup + shape_.depth_inf) / 2),
      height_((shape_.height_ant + shape_.height_post) / 2),
      scale_sup_(shape_.width_sup / size.width_sup),
      scale_inf_(shape_.width_inf / size.width_inf),
      transverse_(1 - 0.6 * variation.thoracic),
      body_noise_(rng.split("body"), 0.5 * variation.freedom, 60),
      arch_noise_(rng.split("arch"), 2.0 * variation.freedom, 90) {
  Rng draw = rng.split("arch shape");
  spinous_length_ = 1 + variation.freedom * draw.normal_within(0, 0.08, -0.2, 0.2);
  spinous_drop_ = variation.freedom * draw.normal(0, 0.06) + 0.45 * variation.thoracic;
  Rng nodes = rng.split("dents");
  for (Dent& dent : dents_) {
    dent.depth_mm = nodes.chance(0.07 * variation.freedom) ? nodes.uniform(1, 4) : 0;
    dent.a = nodes.uniform(-0.5, 0.4);
    dent.y = nodes.uniform(-8, 8);
    dent.radius_mm = nodes.uniform(3, 6);
  }
}

Deformed Deformation::operator()(const cv::Vec3d& own) const {
  const double arch = smoothstep(-1.2, -2.4, own[0]);
  double a = own[0];
  double y = own[1];
  const double b = own[2];
  double drop = 0;
  if (a < kSpinousStart) {
    drop = spinous_drop_ * (a - kSpinousStart) * size_.half_depth;
    a = kSpinousStart + (a - kSpinousStart) * spinous_length_;
  }
  const double lateral = std::abs(y) - kProcessStartMm;
  if (lateral > 0 && arch > 0) {
    y = std::copysign(kProcessStartMm + lateral * (1 + arch * (transverse_ - 1)), y);
  }
  const double t = std::clamp((b + 1) / 2, 0.0, 1.0);
  const double body_scale = scale_inf_ + t * (scale_sup_ - scale_inf_);
  y *= body_scale * (1 - arch) + mean_width_scale() * arch;

  Deformed out{basis(a, b), cv::Vec3d(0, y, drop)};
  if (a > -1.2) out.rest += body_shape(a, own[1], b);
  const cv::Vec3d at(a * depth_ / 2, y, b * height_ / 2);
  if (arch < 1) out.rest += body_noise_(at) * (1 - arch);
  if (arch > 0) out.rest += arch_noise_(at) * arch;
  return out;
}

cv::Vec3d Deformation::osteophytes(const cv::Vec3d& own) const {
  cv::Vec3d shift(0, 0, 0);
  if (own[0] < -1.3) return shift;
  for (std::size_t k = 0; k < shape_.osteophyte.size(); ++k) {
    if (shape_.osteophyte[k] <= 0) continue;
    const double out = k % 2 == 0 ? -1 : 1;  // sup_post, sup_ant, inf_post, inf_ant
    const double up = k < 2 ? 1 : -1;
    const double da = (own[0] - out) * size_.half_depth;
    const double db = (own[2] - up * 0.93) * size_.half_height;
    const double w = std::exp(-(da * da / 18 + db * db / 8 + own[1] * own[1] / 200));
    shift += shape_.osteophyte[k] * w * cv::Vec3d(out, 0, up * 0.25);
  }
  return shift;
}

VertebraFrame Deformation::frame(const LevelPose& pose) const {
  VertebraFrame frame;
  frame.center = pose.center;
  frame.anterior = {pose.axes(0, 0), pose.axes(1, 0), pose.axes(2, 0)};
  frame.left = {pose.axes(0, 1), pose.axes(1, 1), pose.axes(2, 1)};
  frame.up = {pose.axes(0, 2), pose.axes(1, 2), pose.axes(2, 2)};
  frame.depth_mm = depth_;
  frame.width_mm = (shape_.width_sup + shape_.width_inf) / 2;
  frame.height_mm = height_;
  return frame;
}

cv::Vec3d Deformation::body_shape(double a, double y, double b) const {
  cv::Vec3d shift(0, 0, 0);
  shift[0] =
      -(shape_.waist - kMeanWaist) * depth_ * std::max(0.0, 1 - b * b) * std::clamp(a, -1.0, 1.0);
  const double yn = 2 * y / (size_.width_sup + size_.width_inf);
  const double dish = std::max(0.0, 1 - a * a) * std::max(0.0, 1 - 4 * yn * yn);
  for (std::size_t plate = 0; plate < 2; ++plate) {
    const double up = plate == 0 ? 1 : -1;
    const double near = smoothstep(0.2, 0.8, up * b);
    if (near <= 0) continue;
    const double deeper = plate == 0 ? shape_.concavity_sup - size_.concavity_sup
                                     : shape_.concavity_inf - size_.concavity_inf;
    shift[2] -= up * near * deeper * dish;
    const Dent& dent = dents_[plate];
    if (dent.depth_mm <= 0) continue;
    const double d = std::hypot((a - dent.a) * size_.half_depth, y - dent.y) / dent.radius_mm;
    shift[2] -= up * near * dent.depth_mm * std::exp(-d * d);
  }
  return shift;
}

}  // namespace spine::sim
