#include "spine/train/augment.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <opencv2/imgproc.hpp>

#include "spine/core/affine.h"
#include "spine/core/geometry.h"
#include "spine/nets/endplate_net.h"
#include "spine/sim/expose.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/preprocess/roi.h"
#include "spine/train/endplate_windows.h"
#include "spine/train/film_variation.h"
#include "spine/train/foreign_objects.h"
#include "spine/train/intensity_augmentation.h"
#include "spine/train/random_erasing.h"

namespace spine::train {
namespace {

/// The position of the augmented film in the network's square, and the mapping from the source.
struct Placement {
  cv::Rect content;  ///< in the square
  cv::Matx23d content_to_source;
  cv::Matx23d source_to_content;
  double scale = 1;  ///< content pixels per source pixel, mean of both axes
  bool mirrored = false;
  int border = cv::BORDER_CONSTANT;
};

/// Mean of the vertebral corners and the S1 endplate, source pixels.
std::optional<cv::Point2d> spine_center(const Landmarks& landmarks) {
  cv::Point2d sum;
  int count = 0;
  const auto add = [&](const Endplate& plate) {
    sum += plate.post + plate.ant;
    count += 2;
  };
  for (const auto& vertebra : landmarks.vertebrae) {
    if (!vertebra) continue;
    add(vertebra->sup);
    add(vertebra->inf);
  }
  if (landmarks.s1) add(*landmarks.s1);
  if (count == 0) return std::nullopt;
  return sum / count;
}

/// Sets the mappings such that a point of the source maps to a point of the content.
/// @param scale    content pixels per source pixel
/// @param squeeze  logarithm of horizontal over vertical scale
void place_at(Placement& place, cv::Point2d source, cv::Point2d content, double scale,
              double squeeze, double turn_deg) {
  const double angle = rad_from_deg(turn_deg);
  const double c = std::cos(angle), s = std::sin(angle);
  const double scale_x = scale * std::exp(0.5 * squeeze);
  const double scale_y = scale * std::exp(-0.5 * squeeze);
  const double sign = place.mirrored ? -1 : 1;
  cv::Matx23d m(c * scale_x * sign, -s * scale_y, 0, s * scale_x * sign, c * scale_y, 0);
  const cv::Point2d moved = apply(m, source);
  m(0, 2) = content.x - moved.x;
  m(1, 2) = content.y - moved.y;
  place.source_to_content = m;
  place.content_to_source = inverted(m);
  place.scale = scale;
}

Placement draw_placement(const TrainingFilm& film, int side, const AugmentOptions& options,
                         sim::Rng& rng) {
  const cv::Size source = film.paths.structures.size();
  Placement place;
  // Aspect ratio of the window: close to that of the film, sometimes square as in many archives.
  const double own = static_cast<double>(source.width) / source.height;
  const double aspect =
      rng.chance(0.1) ? 1.0 : std::clamp(own * std::exp(rng.uniform(-0.15, 0.15)), 0.4, 2.0);
  const int width = aspect < 1 ? static_cast<int>(std::lround(side * aspect)) : side;
  const int height = aspect < 1 ? side : static_cast<int>(std::lround(side / aspect));
  place.content = {(side - width) / 2, (side - height) / 2, width, height};

  const double cover = std::max(static_cast<double>(width) / source.width,
                                static_cast<double>(height) / source.height);
  const double low = std::log(options.min_scale);
  const double high = std::log(options.max_scale);
  const double scale = cover * std::exp(rng.uniform(low, high));
  const double squeeze = draw_squeeze(options, rng);
  const double turn = rng.chance(0.5)
                          ? rng.uniform(-1, 1) * options.max_rotation_deg
                          : rng.normal_within(0, 0.25, -1, 1) * options.max_rotation_deg;
  place.mirrored = rng.chance(options.mirror_chance);
  // Films are centred between their own centre and the lumbar spine.
  const cv::Point2d middle(0.5 * (source.width - 1), 0.5 * (source.height - 1));
  const cv::Point2d center_source =
      middle + rng.uniform() * (spine_center(film.paths.landmarks).value_or(middle) - middle);
  const cv::Point2d center_content(
      0.5 * (width - 1) + rng.uniform(-1, 1) * options.max_shift * width,
      0.5 * (height - 1) + rng.uniform(-1, 1) * options.max_shift * height);
  place_at(place, center_source, center_content, scale, squeeze, turn);
  // Outside the source there is either a shutter or more of the same tissue.
  place.border = rng.chance(0.5) ? cv::BORDER_CONSTANT : cv::BORDER_REPLICATE;
  return place;
}

/// Unpacks the structures of a bit map.
Blobs blobs_of(const cv::Mat& structures) {
  Blobs blobs;
  cv::Mat shown;
  for (const Structure s : kStructures) {
    cv::bitwise_and(structures, cv::Scalar(1 << index(s)), shown);
    blobs[index(s)] = blob_of(shown > 0);
  }
  return blobs;
}

/// Whether an implant overlaps a femoral head.
bool implant_over_heads(const sim::PathLengthProjections& paths) {
  if (paths.implant.empty()) return false;
  cv::Mat heads;
  constexpr int kHeads = 1 << index(Structure::F1) | 1 << index(Structure::F2);
  cv::bitwise_and(paths.structures, cv::Scalar(kHeads), heads);
  return cv::countNonZero((heads > 0) & (paths.implant > 0)) > 0;
}

/// The part shown by an ROI. Few patients have a prosthesis, so the hip is chosen more often for
/// them.
RoiPart draw_part(const TrainingFilm& film, sim::Rng rng) {
  constexpr double kProsthesis = 0.8;
  if (implant_over_heads(film.paths) && rng.chance(kProsthesis)) return RoiPart::hips;
  const auto last = static_cast<int>(kRoiParts.size()) - 1;
  return kRoiParts[static_cast<std::size_t>(rng.integer(0, last))];
}

/// The window of an ROI, with position and size errors like those of the whole-film prediction.
Placement draw_roi_placement(const TrainingFilm& film, RoiPart part, int side,
                             const AugmentOptions& options, sim::Rng& rng) {
  const cv::Mat& structures = film.paths.structures;
  // A film without vertebral bodies also gets an ROI.
  const RoiView anywhere{{0.5 * (structures.cols - 1), 0.5 * (structures.rows - 1)}, 1.0};
  const RoiView view = roi_view(blobs_of(structures), part, side).value_or(anywhere);
  // ROIs around implants are planned before vertebral bodies are known: their scale is that of the
  // film.
  const double widen = options.target == Target::implants ? 2.4 : 1;
  const double scale = view.scale * std::exp(widen * rng.normal_within(0, 0.1, -0.25, 0.25));
  const double squeeze = draw_squeeze(options, rng);
  const double turn = rng.normal_within(0, 0.5, -1, 1) * options.max_rotation_deg;
  const double middle = 0.5 * (side - 1);
  const cv::Point2d target(middle + rng.normal(0, 0.03) * side,
                           middle + rng.normal(0, 0.03) * side);
  Placement place;
  place.content = {0, 0, side, side};
  place.mirrored = rng.chance(options.mirror_chance);
  place_at(place, view.middle, target, scale, squeeze, turn);
  return place;
}

/// Resamples maps of the source to the content grid. For strong reduction the map is averaged to
/// about the target size first, like film pixels at inference.
class Warp {
 public:
  Warp(const Placement& place, cv::Size source) : place_(place) {
    if (place.scale < 0.75) {
      const double factor = place.scale / 0.9;
      reduced_ = {std::max(1, static_cast<int>(std::lround(source.width * factor))),
                  std::max(1, static_cast<int>(std::lround(source.height * factor)))};
      to_source_ =
          resized(place.content_to_source, static_cast<double>(reduced_.width) / source.width,
                  static_cast<double>(reduced_.height) / source.height);
    } else {
      to_source_ = place.content_to_source;
    }
  }
  [[nodiscard]] cv::Mat operator()(const cv::Mat& map, int border) const {
    cv::Mat from = map;
    if (!reduced_.empty()) cv::resize(map, from, reduced_, 0, 0, cv::INTER_AREA);
    cv::Mat out;
    cv::warpAffine(from, out, to_source_, place_.content.size(),
                   cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, border);
    return out;
  }

 private:
  const Placement& place_;
  cv::Size reduced_;
  cv::Matx23d to_source_;
};

/// Keeps F1 the more anterior head after rotation.
bool heads_swapped(const Landmarks& landmarks, const Placement& place) {
  if (landmarks.femoral_heads.size() != 2) return false;
  const double first = apply(place.source_to_content, landmarks.femoral_heads[0].center).x;
  const double second = apply(place.source_to_content, landmarks.femoral_heads[1].center).x;
  const bool anterior_left = (landmarks.anterior == Side::left) != place.mirrored;
  return is_more_anterior(second, first, anterior_left ? Side::left : Side::right);
}

/// Films are exposed at this multiple of the network resolution and then averaged, like full-size
/// films at inference: edge enhancement, noise and the logarithm act on film pixels.
constexpr int kOversampling = 2;

Placement oversampled(const Placement& place) {
  constexpr double k = kOversampling, shift = 0.5 * (kOversampling - 1);
  Placement fine = place;
  fine.content = {0, 0, kOversampling * place.content.width, kOversampling * place.content.height};
  const auto& m = place.source_to_content;
  fine.source_to_content = {k * m(0, 0), k * m(0, 1), k * m(0, 2) + shift,
                            k * m(1, 0), k * m(1, 1), k * m(1, 2) + shift};
  fine.content_to_source = inverted(fine.source_to_content);
  fine.scale = k * place.scale;
  return fine;
}

/// @param visible  set to a CV_8UC1 mask of the content inside the collimation
cv::Mat expose_content(const sim::PathLengthProjections& source, const Placement& place,
                       const AugmentOptions& options, sim::Rng& rng, cv::Mat& visible) {
  const Placement fine = oversampled(place);
  const Warp warp(fine, source.structures.size());
  sim::PathLengthProjections maps;
  for (std::size_t i = 0; i < source.length_mm.size(); ++i) {
    if (!source.length_mm[i].empty()) {
      maps.length_mm[i] = warp(source.length_mm[i], fine.border);
    }
  }
  if (!source.implant.empty()) maps.implant = warp(source.implant, cv::BORDER_CONSTANT) > 127;
  maps.structures = cv::Mat::zeros(fine.content.size(), CV_8UC1);
  maps.pixel_mm = source.pixel_mm / fine.scale;
  maps.magnification = source.magnification;
  maps.landmarks.anterior = source.landmarks.anterior;
  maps.landmarks.size = fine.content.size();
  const sim::ExposureOptions exposure = draw_exposure(options, rng);
  cv::Mat open;
  const cv::Mat film = sim::expose(maps, exposure, rng, &open);
  cv::Mat grey, content;
  film.convertTo(grey, CV_32F, 1.0 / 65535.0);
  cv::resize(grey, content, place.content.size(), 0, 0, cv::INTER_AREA);
  cv::resize(open, visible, place.content.size(), 0, 0, cv::INTER_AREA);
  visible = visible > 127;
  return content;
}

/// The ROI of an exposed whole film.
/// @param visible  set to a CV_8UC1 mask of the content inside the collimation
cv::Mat expose_window(const sim::PathLengthProjections& source, const Warp& warp,
                      const AugmentOptions& options, sim::Rng& rng, cv::Mat& visible) {
  cv::Mat open;
  const cv::Mat grey = expose_whole(source, options, rng, open);
  visible = warp(open, cv::BORDER_CONSTANT) > 127;
  return warp(grey, cv::BORDER_CONSTANT);
}

/// Noise at several scales: an image without a spine.
cv::Mat clouds(cv::Size size, sim::Rng& rng) {
  cv::Mat sum = cv::Mat::zeros(size, CV_32FC1);
  for (const int cells : {3, 9, 30}) {
    cv::Mat grid(cells, cells, CV_32FC1), field;
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) grid.at<float>(y, x) = static_cast<float>(rng.normal());
    }
    cv::resize(grid, field, size, 0, 0, cv::INTER_CUBIC);
    sum += rng.uniform() * field;
  }
  return sum;
}

/// What is drawn of a film, and how.
struct View {
  std::optional<RoiPart> part;  ///< of an ROI
  Placement place;
  bool shows_spine = true;
  sim::Rng no_film;  ///< random numbers of an image without a spine
};

View draw_view(const TrainingFilm& film, int side, const AugmentOptions& options,
               const sim::Rng& rng) {
  View view{.part = {}, .place = {}, .no_film = rng.split("no film")};
  sim::Rng geometry = rng.split("geometry");
  if (options.roi) view.part = draw_part(film, rng.split("part"));
  view.place = view.part ? draw_roi_placement(film, *view.part, side, options, geometry)
                         : draw_placement(film, side, options, geometry);
  view.shows_spine = !view.no_film.chance(options.no_film_chance);
  return view;
}

/// Grey values of the content before augmentation.
/// @param visible  set to a CV_8UC1 mask of the content inside the collimation; empty: all of it
cv::Mat draw_content(const TrainingFilm& film, const View& view, const Warp& warp,
                     const AugmentOptions& options, const sim::Rng& rng, cv::Mat& visible) {
  sim::Rng exposure = rng.split("exposure");
  if (!view.shows_spine) {
    sim::Rng no_film = view.no_film;
    return clouds(view.place.content.size(), no_film);
  }
  if (!film.film.empty()) return warp(film.film, view.place.border);
  if (options.roi) return expose_window(film.paths, warp, options, exposure, visible);
  return expose_content(film.paths, view.place, options, exposure, visible);
}

/// Intensity changes, foreign objects and inpainted implants.
void augment_content(cv::Mat& content, const TrainingFilm& film, const View& view, const Warp& warp,
                     const AugmentOptions& options, const sim::Rng& rng) {
  augment_intensities(content, {options.grey_strength, options.inversion_chance, options.marks},
                      rng.split("grey"));
  sim::Rng foreign = rng.split("foreign");
  if (foreign.chance(options.foreign_chance)) content = with_foreign_objects(content, foreign);
  sim::Rng restored = rng.split("restored");
  // Hips are not refined on restored films (segment.h).
  if (!film.paths.implant.empty() && view.shows_spine && view.part != RoiPart::hips &&
      restored.chance(options.restored_chance)) {
    const cv::Mat implant = warp(film.paths.implant, cv::BORDER_CONSTANT);
    content = with_implants_filled_in(content, implant, restored);
  }
}

/// Targets of the network on its square, CV_8UC1 coverage 0..255.
std::vector<cv::Mat> draw_targets(const TrainingFilm& film, const View& view, const Warp& warp,
                                  const AugmentOptions& options, int side, const cv::Mat& visible) {
  const auto on_square = [&](const cv::Mat& bit) {
    cv::Mat target = cv::Mat::zeros(side, side, CV_8UC1);
    if (view.shows_spine && !bit.empty()) {
      cv::Mat covered = warp(bit, cv::BORDER_CONSTANT);
      if (!visible.empty()) covered.setTo(0, visible == 0);
      covered.copyTo(target(view.place.content));
    }
    return target;
  };
  if (options.target == Target::implants) return {on_square(film.paths.implant)};
  const bool swap = heads_swapped(film.paths.landmarks, view.place);
  std::vector<cv::Mat> targets;
  for (const Structure s : kStructures) {
    Structure from = s;
    if (swap && s == Structure::F1) from = Structure::F2;
    if (swap && s == Structure::F2) from = Structure::F1;
    cv::Mat bit;
    cv::bitwise_and(film.paths.structures, cv::Scalar(1 << index(from)), bit);
    targets.push_back(on_square(bit > 0));
  }
  return targets;
}

}  // namespace

std::vector<std::string> output_names(Target target) {
  if (target == Target::implants) return {"implant"};
  if (target == Target::endplates) return {kEndplateOutputs.begin(), kEndplateOutputs.end()};
  std::vector<std::string> names;
  for (const Structure s : kStructures) names.emplace_back(to_string(s));
  return names;
}

Sample make_sample(const TrainingFilm& film, const InputSpec& input, const AugmentOptions& options,
                   sim::Rng rng) {
  if (options.target == Target::endplates) {
    Sample sample;
    sample.endplates = draw_endplates(film, input.size, options, rng);
    return sample;
  }
  const View view = draw_view(film, input.size, options, rng);
  const Warp warp(view.place, film.paths.structures.size());
  cv::Mat visible;
  cv::Mat content = draw_content(film, view, warp, options, rng, visible);
  augment_content(content, film, view, warp, options, rng);

  Sample sample;
  sample.square = cv::Mat::zeros(input.size, input.size, CV_32FC1);
  content.copyTo(sample.square(view.place.content));
  stretch_range(sample.square, view.place.content);
  sample.targets = draw_targets(film, view, warp, options, input.size, visible);

  cv::Mat seen = sample.square;
  sim::Rng erasing = rng.split("erasing");
  if (erasing.chance(options.erasing_chance)) {
    std::span<const cv::Mat> structures;
    if (options.target == Target::structures) structures = sample.targets;
    seen = with_erasing(sample.square, view.place.content, structures, erasing);
  }
  sample.views = make_views(seen, input.views);
  return sample;
}

}  // namespace spine::train
