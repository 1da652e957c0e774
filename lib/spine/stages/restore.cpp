#include "spine/stages/restore.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/stages/grey_match.h"
#include "spine/stages/preprocess.h"

namespace spine {
namespace {

constexpr int kWindows = 8;  // of match_greys along a square's side

/// A film as a network sees it.
struct Seen {
  Letterbox box;
  cv::Mat square;
};

Seen see(const Image& film, const Model& model) {
  Seen seen;
  seen.box = letterbox(film.size(), film.info().spacing, model.info().input.size);
  seen.square = to_net_square(film, seen.box);
  return seen;
}

std::vector<std::vector<cv::Mat>> run(Model& model, const std::vector<Seen>& films) {
  std::vector<std::vector<cv::Mat>> batch;
  batch.reserve(films.size());
  for (const Seen& film : films) {
    batch.push_back(make_views(film.square, model.info().input.views));
  }
  return model.run(batch);
}

/// What the autoencoder makes of the films, in [0,1].
std::vector<cv::Mat> draw(Model& autoencoder, const std::vector<Seen>& films) {
  const InputSpec& input = autoencoder.info().input;
  std::vector<cv::Mat> drawn;
  for (const auto& planes : run(autoencoder, films)) {
    cv::Mat sum = planes.front().clone();  // as many channels as the film was repeated in
    for (std::size_t i = 1; i < planes.size(); ++i) sum += planes[i];
    sum = sum * (input.std / static_cast<double>(planes.size())) + input.mean;
    drawn.emplace_back(cv::min(cv::max(sum, 0), 1));
  }
  return drawn;
}

std::vector<cv::Mat> metal_probabilities(Model& finder, const std::vector<Seen>& films) {
  std::vector<cv::Mat> probabilities;
  for (const auto& planes : run(finder, films)) {
    cv::Mat odds;
    cv::exp(-planes.front(), odds);
    probabilities.emplace_back(1.0 / (1.0 + odds));
  }
  return probabilities;
}

void require_output(const Model& model, const std::string& output) {
  const ModelInfo& info = model.info();
  if (!info.outputs.empty() && info.outputs.front() == output) return;
  throw Error(ErrorKind::weights, "restore: " + info.file.string() + ": expected an output \"" +
                                      output + "\"; these weights are for something else");
}

double pixel_mm(const Image& film) {
  constexpr double kUsualHeightMm = 450;
  const auto& spacing = film.info().spacing;
  return spacing ? 0.5 * (spacing->row_mm + spacing->col_mm) : kUsualHeightMm / film.size().height;
}

InpaintOptions inpaint_options(const Image& film, const RestoreOptions& options) {
  const bool report = options.method == RestoreMethod::report;
  InpaintOptions inpaint;
  inpaint.method = options.inpainting.value_or(
      options.method == RestoreMethod::standard ? Inpainting::texture : Inpainting::telea);
  inpaint.radius_px = std::clamp(options.radius_mm / pixel_mm(film), 1.0, 30.0);
  inpaint.rim_px = report ? 0 : std::min(options.rim_mm / pixel_mm(film), 30.0);
  return inpaint;
}

std::vector<ImplantPart> parts_of(const cv::Mat& mask) {
  std::vector<ImplantPart> parts;
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids);
  for (int i = 1; i < count; ++i) {
    parts.push_back({{stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                      stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT)},
                     static_cast<double>(stats.at<int>(i, cv::CC_STAT_AREA)),
                     1});
  }
  std::sort(parts.begin(), parts.end(),
            [](const ImplantPart& a, const ImplantPart& b) { return a.area_px > b.area_px; });
  return parts;
}

/// Leaves a film as it is on which more would be filled in than is left.
void refuse_too_much(Restoration& result, double largest_share) {
  const double share = static_cast<double>(cv::countNonZero(result.implant_mask)) /
                       static_cast<double>(result.implant_mask.total());
  if (share <= largest_share) return;
  result.notes.push_back("left as it is: metal seems to cover " +
                         std::to_string(std::lround(100 * share)) + " % of the film");
  result.implant_mask.setTo(0);
  result.parts.clear();
}

/// What the autoencoder makes of a film whose metal is gone, in the film's greys and size.
cv::Mat drawn_without_metal(const Image& filled, Model& autoencoder) {
  const Seen seen = see(filled, autoencoder);
  const cv::Mat drawn = draw(autoencoder, {seen}).front();
  // In the film's own greys, not in the square's stretched ones.
  cv::Mat grey;
  cv::Mat square = cv::Mat::zeros(seen.square.size(), CV_32FC1);
  const cv::Rect content = seen.box.content();
  filled.pixels().convertTo(grey, CV_32F);
  cv::resize(grey, grey, content.size(), 0, 0, cv::INTER_AREA);
  grey /= filled.max_value();
  grey.copyTo(square(content));
  const cv::Mat matched = match_greys(drawn, square, content, square.rows / kWindows);
  cv::Mat large;
  cv::resize(matched(content), large, filled.size(), 0, 0, cv::INTER_CUBIC);
  return large * filled.max_value();
}

Image fill(const Image& film, const cv::Mat& mask, InpaintOptions options, Model& autoencoder) {
  if (options.method != Inpainting::texture) return inpaint(film, mask, options);
  options.method = Inpainting::telea;
  const Image rough = inpaint(film, mask, options);
  options.method = Inpainting::texture;
  return inpaint(film, mask, options, drawn_without_metal(rough, autoencoder));
}

}  // namespace

void require_networks(const Restorer& restorer, RestoreMethod method) {
  require_output(restorer.autoencoder, "film");
  if (method != RestoreMethod::standard) return;
  if (!restorer.finder) {
    throw Error(ErrorKind::weights, "restore: " + restorer.autoencoder.info().file.string() +
                                        ": comes without a network that sees metal, which the "
                                        "standard method needs (--finder)");
  }
  require_output(*restorer.finder, "implant");
}

std::vector<Restoration> restore(std::span<const Image* const> films, Restorer& restorer,
                                 const RestoreOptions& options) {
  require_networks(restorer, options.method);
  const bool standard = options.method == RestoreMethod::standard;
  std::vector<Seen> seen;
  for (const Image* film : films) seen.push_back(see(*film, restorer.autoencoder));
  const auto drawn = draw(restorer.autoencoder, seen);

  std::vector<Seen> searched;
  std::vector<cv::Mat> metal;
  if (standard) {
    for (const Image* film : films) searched.push_back(see(*film, *restorer.finder));
    metal = metal_probabilities(*restorer.finder, searched);
  }

  std::vector<Restoration> results;
  for (std::size_t i = 0; i < films.size(); ++i) {
    const Image& film = *films[i];
    const cv::Rect content = seen[i].box.content();
    Restoration result{.film = film,
                       .implant_mask = cv::Mat::zeros(film.size(), CV_8UC1),
                       .parts = {},
                       .confidence = 0,
                       .notes = {},
                       .square = seen[i].square,
                       .drawn = drawn[i],
                       .difference = {},
                       .content = content};
    if (standard) {
      result.drawn = match_greys(drawn[i], seen[i].square, content, seen[i].box.net / kWindows);
      ImplantMask found = implant_mask(film, metal[i], searched[i].box, options.mask);
      result.implant_mask = found.mask;
      result.parts = std::move(found.parts);
      cv::minMaxLoc(metal[i], nullptr, &result.confidence);
    } else {
      result.implant_mask = options.method == RestoreMethod::report
                                ? implant_mask_by_report(seen[i].square, drawn[i], seen[i].box)
                                : implant_mask_by_brightness(film, options.brightness);
      result.parts = parts_of(result.implant_mask);
      result.confidence = result.found() ? 1 : 0;
    }
    cv::subtract(result.square, result.drawn, result.difference);
    result.difference = cv::max(result.difference, 0);
    refuse_too_much(result, options.largest_share);
    if (result.found()) {
      result.film =
          fill(film, result.implant_mask, inpaint_options(film, options), restorer.autoencoder);
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace spine
