#include "spine/stages/segment.h"

#include <array>
#include <cmath>
#include <string>

#include "spine/core/error.h"
#include "spine/stages/close_up.h"

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

std::vector<Segmentation> look(std::span<const Image* const> films, Model& model,
                               const SegmentOptions& options) {
  std::vector<Letterbox> boxes;
  std::vector<cv::Mat> squares;
  for (const Image* film : films) {
    boxes.push_back(letterbox(film->size(), film->info().spacing, model.info().input.size));
    squares.push_back(to_net_square(*film, boxes.back()));
  }
  const auto probabilities = probabilities_of(squares, model, options.mirror_average);
  std::vector<Segmentation> results;
  for (std::size_t i = 0; i < films.size(); ++i) {
    results.push_back(masks_from_probabilities(probabilities[i], boxes[i], options));
  }
  return results;
}

void look_again(std::span<const Image* const> films, Model& model, const SegmentOptions& options,
                std::vector<Segmentation>& results) {
  const int net = model.info().input.size;
  std::vector<std::vector<CloseUp>> close_ups(films.size());
  std::vector<cv::Mat> squares;
  for (std::size_t i = 0; i < films.size(); ++i) {
    if (!results[i].spine_found) continue;
    close_ups[i] = plan_close_ups(results[i].masks, films[i]->info().spacing, net);
    for (const CloseUp& c : close_ups[i]) squares.push_back(to_close_up_square(*films[i], c.box));
  }
  const auto probabilities = probabilities_of(squares, model, options.mirror_average);
  auto next = probabilities.begin();
  for (std::size_t i = 0; i < films.size(); ++i) {
    const auto end = next + static_cast<long>(close_ups[i].size());
    redraw_from_close_ups(close_ups[i], {next, end}, options, results[i]);
    next = end;
  }
}

}  // namespace

std::vector<Segmentation> segment(std::span<const Image* const> films, Segmenter& segmenter,
                                  const SegmentOptions& options) {
  auto results = look(films, segmenter.model, options);
  if (segmenter.close_up) look_again(films, *segmenter.close_up, options, results);
  return results;
}

}  // namespace spine
