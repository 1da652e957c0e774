#include "spine/stages/segment.h"

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "spine/core/error.h"
#include "spine/stages/redraw.h"

namespace spine {

namespace {

/// For each structure, the network's output that shows it.
std::array<std::size_t, kStructureCount> channel_order(const ModelInfo& info) {
  std::array<std::size_t, kStructureCount> order{};
  for (const Structure s : kStructures) {
    std::size_t channel = 0;
    while (channel < info.outputs.size() && info.outputs[channel] != to_string(s)) ++channel;
    if (channel == info.outputs.size()) {
      throw Error(ErrorKind::weights, "segment: " + info.file.string() +
                                          ": expected an output channel " +
                                          std::string(to_string(s)) + " among the " +
                                          std::to_string(info.outputs.size()) + " there are");
    }
    order[index(s)] = channel;
  }
  return order;
}

cv::Mat mirrored(const cv::Mat& plane) {
  cv::Mat result;
  cv::flip(plane, result, 1);
  return result;
}

cv::Mat sigmoid(const cv::Mat& logits) {
  cv::Mat probability;
  cv::exp(-logits, probability);
  probability += 1.0;
  cv::divide(1.0, probability, probability);
  return probability;
}

/// Squares to probabilities in kStructures' order.
std::vector<std::vector<cv::Mat>> probabilities_of(const std::vector<cv::Mat>& squares,
                                                   Model& model, bool mirror_average) {
  const ModelInfo& info = model.info();
  const auto order = channel_order(info);
  std::vector<std::vector<cv::Mat>> batch;
  for (const cv::Mat& square : squares) {
    batch.push_back(make_views(square, info.input.views));
    if (mirror_average) batch.push_back(make_views(mirrored(square), info.input.views));
  }
  const auto logits = model.run(batch);
  const std::size_t passes = mirror_average ? 2 : 1;
  std::vector<std::vector<cv::Mat>> result(squares.size());
  for (std::size_t i = 0; i < squares.size(); ++i) {
    for (const std::size_t channel : order) {
      cv::Mat p = sigmoid(logits[passes * i][channel]);
      if (mirror_average) p = 0.5 * (p + mirrored(sigmoid(logits[passes * i + 1][channel])));
      result[i].push_back(p);
    }
  }
  return result;
}

/// What a look at the whole film gave.
struct Look {
  Segmentation segmentation;
  /// Width over height that a pixel seems to have, beyond what its spacing tells.
  double aspect = 1;
};

/// Sum of the structures' confidences: more for more structures, and for surer ones.
double worth(const Segmentation& segmentation) {
  double sum = 0;
  if (!segmentation.spine_found) return sum;
  for (const double confidence : segmentation.confidence) sum += confidence;
  return sum;
}

bool column_complete(const Segmentation& segmentation) {
  for (std::size_t i = 0; i <= index(Structure::S); ++i) {
    if (segmentation.confidence[i] <= 0) return false;
  }
  return true;
}

/// Looks at the whole film; where the column is not complete, also at a narrower and at smaller
/// ones, as films exist that are stored too wide or show little more than the column.
std::vector<Look> look(std::span<const Image* const> films, Model& model,
                       const SegmentOptions& options) {
  struct Change {
    double x, y;
  };
  static constexpr Change kChanges[] = {{0.78, 1}, {0.75, 0.75}, {0.6, 0.77}};
  constexpr double kBetter = 0.25;  // in worth()

  std::vector<Letterbox> boxes;
  std::vector<cv::Mat> squares;
  for (const Image* film : films) {
    boxes.push_back(letterbox(film->size(), film->info().spacing, model.info().input.size));
    squares.push_back(to_net_square(*film, boxes.back()));
  }
  const auto probabilities = probabilities_of(squares, model, options.mirror_average);
  std::vector<Look> looks;
  for (std::size_t i = 0; i < films.size(); ++i) {
    looks.push_back({masks_from_probabilities(probabilities[i], boxes[i], options)});
    if (!options.enforce_order || column_complete(looks[i].segmentation)) continue;
    std::vector<Letterbox> others;
    std::vector<cv::Mat> other_squares;
    for (const Change& change : kChanges) {
      others.push_back(shrunk(boxes[i], change.x, change.y));
      other_squares.push_back(to_net_square(*films[i], others.back()));
    }
    const auto seen = probabilities_of(other_squares, model, options.mirror_average);
    double best = worth(looks[i].segmentation) + kBetter;
    for (std::size_t k = 0; k < others.size(); ++k) {
      Look other{masks_from_probabilities(seen[k], others[k], options),
                 kChanges[k].x / kChanges[k].y};
      if (worth(other.segmentation) <= best) continue;
      best = worth(other.segmentation);
      looks[i] = std::move(other);
    }
  }
  return looks;
}

void look_again(std::span<const Image* const> films, Model& model, const SegmentOptions& options,
                std::vector<Look>& looks) {
  const int net = model.info().input.size;
  std::vector<std::vector<CloseUp>> close_ups(films.size());
  std::vector<cv::Mat> squares;
  for (std::size_t i = 0; i < films.size(); ++i) {
    const Segmentation& first = looks[i].segmentation;
    if (!first.spine_found) continue;
    Spacing spacing = films[i]->info().spacing.value_or(Spacing{1, 1});
    spacing.col_mm *= looks[i].aspect;
    close_ups[i] = plan_close_ups(first.masks, spacing, net);
    for (const CloseUp& c : close_ups[i]) squares.push_back(to_close_up_square(*films[i], c.box));
  }
  const auto probabilities = probabilities_of(squares, model, options.mirror_average);
  auto next = probabilities.begin();
  for (std::size_t i = 0; i < films.size(); ++i) {
    const auto end = next + static_cast<long>(close_ups[i].size());
    redraw_from_close_ups(close_ups[i], {next, end}, options, looks[i].segmentation);
    next = end;
  }
}

}  // namespace

std::vector<Segmentation> segment(std::span<const Image* const> films, Segmenter& segmenter,
                                  const SegmentOptions& options) {
  auto looks = look(films, segmenter.model, options);
  if (segmenter.close_up) look_again(films, *segmenter.close_up, options, looks);
  std::vector<Segmentation> results;
  results.reserve(looks.size());
  for (Look& look : looks) results.push_back(std::move(look.segmentation));
  return results;
}

}  // namespace spine
