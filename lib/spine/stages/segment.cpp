#include "spine/stages/segment.h"

#include <array>
#include <cmath>
#include <string>

#include "spine/core/error.h"

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

}  // namespace

std::vector<Segmentation> segment(std::span<const Image* const> films, Model& model,
                                  const SegmentOptions& options) {
  const ModelInfo& info = model.info();
  const auto order = channel_order(info);
  std::vector<Letterbox> boxes;
  std::vector<std::vector<cv::Mat>> batch;
  for (const Image* film : films) {
    boxes.push_back(letterbox(film->size(), film->info().spacing, info.input.size));
    const cv::Mat square = to_net_square(*film, boxes.back());
    batch.push_back(make_views(square, info.input.views));
    if (options.mirror_average) batch.push_back(make_views(mirrored(square), info.input.views));
  }
  const auto logits = model.run(batch);

  std::vector<Segmentation> results;
  const std::size_t passes = options.mirror_average ? 2 : 1;
  for (std::size_t i = 0; i < films.size(); ++i) {
    std::vector<cv::Mat> probabilities;
    for (const std::size_t channel : order) {
      cv::Mat p = sigmoid(logits[passes * i][channel]);
      if (options.mirror_average) {
        p = 0.5 * (p + mirrored(sigmoid(logits[passes * i + 1][channel])));
      }
      probabilities.push_back(p);
    }
    results.push_back(masks_from_probabilities(probabilities, boxes[i], options));
  }
  return results;
}

}  // namespace spine
