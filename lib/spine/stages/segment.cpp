#include "spine/stages/segment.h"

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "spine/core/error.h"
#include "spine/stages/heads.h"
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

/// A film, and maybe the same without its metal.
struct Film {
  const Image* film;
  const Image* restored;
  [[nodiscard]] const FilmInfo& info() const { return film->info(); }
};

/// Squares that show the same, as a network sees them.
using Squares = std::vector<cv::Mat>;

/// A film's squares, made by `make` of each of its pictures.
template <typename Make>
Squares squares_of(const Film& film, Make&& make) {
  Squares squares{make(*film.film)};
  if (film.restored != nullptr) squares.push_back(make(*film.restored));
  return squares;
}

/// Probabilities in kStructures' order, averaged over squares that show the same.
std::vector<std::vector<cv::Mat>> probabilities_of(const std::vector<Squares>& films, Model& model,
                                                   bool mirror_average) {
  const ModelInfo& info = model.info();
  const auto order = channel_order(info);
  std::vector<std::vector<cv::Mat>> batch;
  for (const Squares& squares : films) {
    for (const cv::Mat& square : squares) {
      batch.push_back(make_views(square, info.input.views));
      if (mirror_average) batch.push_back(make_views(mirrored(square), info.input.views));
    }
  }
  const auto logits = model.run(batch);
  std::vector<std::vector<cv::Mat>> result;
  auto pass = logits.begin();
  for (const Squares& squares : films) {
    std::vector<cv::Mat> sums;
    for (std::size_t k = 0; k < squares.size() * (mirror_average ? 2 : 1); ++k, ++pass) {
      const bool turned = mirror_average && k % 2 == 1;
      for (std::size_t s = 0; s < order.size(); ++s) {
        const cv::Mat p = sigmoid((*pass)[order[s]]);
        if (k == 0) {
          sums.push_back(p);
        } else {
          sums[s] += turned ? mirrored(p) : p;
        }
      }
    }
    const double passes = static_cast<double>(squares.size()) * (mirror_average ? 2 : 1);
    for (cv::Mat& sum : sums) sum /= passes;
    result.push_back(std::move(sums));
  }
  return result;
}

/// What a look at the whole film gave.
struct Look {
  Segmentation segmentation;
  /// Width over height that a pixel seems to have, beyond what its spacing tells.
  double aspect = 1;

  /// A pixel's size as it seems to be; without tags only its width over height is true.
  [[nodiscard]] Spacing spacing(const FilmInfo& film) const {
    Spacing result = film.spacing.value_or(Spacing{1, 1});
    result.col_mm *= aspect;
    return result;
  }
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
std::vector<Look> look(const std::vector<Film>& films, Model& model,
                       const SegmentOptions& options) {
  struct Change {
    double x, y;
  };
  static constexpr Change kChanges[] = {{0.78, 1}, {0.75, 0.75}, {0.6, 0.77}};
  constexpr double kBetter = 0.25;  // in worth()

  std::vector<Letterbox> boxes;
  std::vector<Squares> squares;
  const auto add_square = [](const Film& film, const Letterbox& box, std::vector<Squares>& to) {
    to.push_back(squares_of(film, [&](const Image& image) { return to_net_square(image, box); }));
  };
  for (const Film& film : films) {
    boxes.push_back(letterbox(film.film->size(), film.info().spacing, model.info().input.size));
    add_square(film, boxes.back(), squares);
  }
  const auto probabilities =
      probabilities_of(squares, model, options.mirror_average && !options.plain);
  std::vector<Look> looks;
  for (std::size_t i = 0; i < films.size(); ++i) {
    looks.push_back({masks_from_probabilities(probabilities[i], boxes[i], options)});
    const bool enough = options.plain || !options.enforce_order;
    if (enough || column_complete(looks[i].segmentation)) continue;
    double best = worth(looks[i].segmentation) + kBetter;
    for (const Change& change : kChanges) {  // one by one, in no more memory than the first look
      const Letterbox box = shrunk(boxes[i], change.x, change.y);
      std::vector<Squares> square;
      add_square(films[i], box, square);
      const auto seen = probabilities_of(square, model, options.mirror_average);
      Look other{masks_from_probabilities(seen.front(), box, options), change.x / change.y};
      if (worth(other.segmentation) <= best) continue;
      best = worth(other.segmentation);
      looks[i] = std::move(other);
    }
  }
  return looks;
}

constexpr int kCloseLooks = 2;

/// The windows of one film and what a network says of them.
struct Windows {
  std::vector<CloseUp> close_ups;
  std::vector<std::vector<cv::Mat>> probabilities;
};

/// Adds to each film's windows those that its masks ask for now.
void look_closely(const std::vector<Film>& films, const std::vector<Look>& looks, Model& model,
                  const SegmentOptions& options, std::vector<Windows>& windows) {
  std::vector<std::vector<CloseUp>> planned(films.size());
  std::vector<Squares> squares;
  for (std::size_t i = 0; i < films.size(); ++i) {
    const Look& look = looks[i];
    if (!look.segmentation.spine_found) continue;
    planned[i] = plan_close_ups(look.segmentation.masks, look.spacing(films[i].info()),
                                model.info().input.size);
    for (const CloseUp& c : planned[i]) {
      // The head of a prosthesis is the hip's, and on the restored film it is gone.
      Film film = films[i];
      if (c.part == CloseUpPart::hips) film.restored = nullptr;
      squares.push_back(
          squares_of(film, [&](const Image& image) { return to_close_up_square(image, c.box); }));
    }
  }
  const auto probabilities = probabilities_of(squares, model, options.mirror_average);
  auto next = probabilities.begin();
  for (std::size_t i = 0; i < films.size(); ++i) {
    for (const CloseUp& c : planned[i]) {
      windows[i].close_ups.push_back(c);
      windows[i].probabilities.push_back(*next++);
    }
  }
}

/// Looks at the windows that the first look asks for, then at those that what was seen there asks
/// for; each time everything is drawn anew from all windows so far.
void look_again(const std::vector<Film>& films, Model& model, const SegmentOptions& options,
                std::vector<Look>& looks) {
  std::vector<Windows> windows(films.size());
  for (int round = 0; round < kCloseLooks; ++round) {
    look_closely(films, looks, model, options, windows);
    for (std::size_t i = 0; i < films.size(); ++i) {
      if (!looks[i].segmentation.spine_found) continue;
      redraw_from_close_ups(windows[i].close_ups, windows[i].probabilities, options,
                            looks[i].segmentation);
    }
  }
}

}  // namespace

std::vector<Segmentation> segment(std::span<const Image* const> films, Segmenter& segmenter,
                                  const SegmentOptions& options,
                                  std::span<const Image* const> restored) {
  std::vector<Film> pictures;
  for (std::size_t i = 0; i < films.size(); ++i) {
    pictures.push_back({films[i], restored.empty() ? nullptr : restored[i]});
  }
  auto looks = look(pictures, segmenter.model, options);
  if (segmenter.close_up && !options.plain)
    look_again(pictures, *segmenter.close_up, options, looks);
  std::vector<Segmentation> results;
  results.reserve(looks.size());
  for (std::size_t i = 0; i < looks.size(); ++i) {
    if (!options.plain) {
      round_heads(looks[i].spacing(pictures[i].info()), looks[i].segmentation);
    }
    results.push_back(std::move(looks[i].segmentation));
  }
  return results;
}

}  // namespace spine
