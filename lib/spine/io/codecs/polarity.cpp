#include "spine/io/codecs/polarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/statistics.h"

namespace spine {
namespace {

constexpr int kSide = 512;            // longer side of the reduced film, pixels
constexpr int kFieldMargin = 3;       // blurred edge of a shutter, pixels
constexpr double kNarrowRing = 0.04;  // fraction of the shorter side
constexpr double kWideRing = 0.2;

std::vector<float> values_in(const cv::Mat& image, const cv::Mat& mask) {
  std::vector<float> values;
  for (int y = 0; y < image.rows; ++y) {
    const auto* pixel = image.ptr<float>(y);
    const auto* inside = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x) {
      if (inside[x] != 0) values.push_back(pixel[x]);
    }
  }
  return values;
}

double mean_in(const cv::Mat& image, const cv::Mat& mask) { return cv::mean(image, mask)[0]; }

cv::Mat reduce(const cv::Mat& image) {
  cv::Mat reduced = image;
  // Decimate by an integer factor first, which takes a fifth of the time.
  if (const int step = std::max(image.rows, image.cols) / kSide; step > 1) {
    const cv::Size size(image.cols / step, image.rows / step);
    if (size.empty()) return image.clone();
    cv::resize(image(cv::Rect({0, 0}, size * step)), reduced, size, 0, 0, cv::INTER_AREA);
  }
  const double scale = static_cast<double>(kSide) / std::max(reduced.rows, reduced.cols);
  if (scale >= 1) return reduced.clone();
  cv::resize(reduced, reduced, {}, scale, scale, cv::INTER_AREA);
  return reduced;
}

/// 255 where the reduced film belongs to an area of one extreme value that touches the edge.
cv::Mat outside_field(const cv::Mat& film, double lowest, double highest) {
  const double tolerance = 0.015 * (highest - lowest);
  cv::Mat outside;
  for (const bool dark : {true, false}) {
    const cv::Mat extreme = dark ? film <= lowest + tolerance : film >= highest - tolerance;
    const cv::Mat solid = reduce(extreme) > 242;  // 95 %
    cv::Mat labels;
    const int count = cv::connectedComponents(solid, labels, 4, CV_32S);
    std::vector<bool> touches(static_cast<std::size_t>(count), false);
    const auto mark = [&](int y, int x) {
      touches[static_cast<std::size_t>(labels.at<int>(y, x))] = true;
    };
    for (int x = 0; x < labels.cols; ++x) {
      mark(0, x);
      mark(labels.rows - 1, x);
    }
    for (int y = 0; y < labels.rows; ++y) {
      mark(y, 0);
      mark(y, labels.cols - 1);
    }
    touches[0] = false;  // label 0: pixels that are not extreme
    if (outside.empty()) outside = cv::Mat::zeros(labels.size(), CV_8UC1);
    for (int y = 0; y < labels.rows; ++y) {
      for (int x = 0; x < labels.cols; ++x) {
        if (touches[static_cast<std::size_t>(labels.at<int>(y, x))])
          outside.at<std::uint8_t>(y, x) = 255;
      }
    }
  }
  return outside;
}

/// Pixels within `reach` of the area outside the field; the film's edge counts as outside.
cv::Mat near_outside(const cv::Mat& outside, int reach) {
  cv::Mat framed;
  cv::copyMakeBorder(outside, framed, 1, 1, 1, 1, cv::BORDER_CONSTANT, cv::Scalar(255));
  cv::Mat grown;
  cv::dilate(framed, grown,
             cv::getStructuringElement(cv::MORPH_RECT, {2 * reach + 1, 2 * reach + 1}));
  return grown(cv::Rect(1, 1, outside.cols, outside.rows)).clone();
}

/// Gaussian mean over pixels inside the field only.
class BlurInside {
 public:
  BlurInside(const cv::Mat& inside, double sigma) : inside_(inside), sigma_(sigma) {
    cv::GaussianBlur(inside, weight_, {}, sigma);
    cv::max(weight_, 1e-3, weight_);
  }
  [[nodiscard]] cv::Mat operator()(const cv::Mat& image) const {
    cv::Mat weighted;
    cv::GaussianBlur(image.mul(inside_), weighted, {}, sigma_);
    return weighted / weight_;
  }

 private:
  cv::Mat inside_, weight_;
  double sigma_;
};

/// Skewness of the blob filter's response, normalised by its local strength, so that neither the
/// bright pelvis nor a marker dominates.
double ridge_skewness(const cv::Mat& film, const cv::Mat& inside, const cv::Mat& core) {
  double sum = 0;
  const BlurInside blur(inside, 12);
  const std::vector<double> sigmas{1.0, 2.0, 3.0};
  for (const double sigma : sigmas) {
    cv::Mat smooth, response;
    cv::GaussianBlur(film, smooth, {}, sigma);
    cv::Laplacian(smooth, response, CV_32F);
    cv::Mat strength = blur(response.mul(response));
    cv::sqrt(strength, strength);
    cv::Mat normalised = -response / (strength + 2e-4);
    cv::min(normalised, 4, normalised);
    cv::max(normalised, -4, normalised);
    sum += mean_in(normalised.mul(normalised).mul(normalised), core);
  }
  return sum / static_cast<double>(sigmas.size());
}

double lower_minus_upper(const cv::Mat& film, const cv::Mat& field) {
  const cv::Rect box = cv::boundingRect(field);
  const int third = box.height / 3;
  if (third == 0) return 0;
  const auto median = [&](int top) {
    const cv::Range rows(top, top + third);
    auto values = values_in(film.rowRange(rows), field.rowRange(rows));
    return static_cast<double>(quantile(values, 0.5));
  };
  return median(box.y + box.height - third) - median(box.y);
}

/// Fraction of the film's middle third that is saturated and bright, minus the saturated dark one.
double saturated_in_middle(const cv::Mat& grey, const cv::Mat& outside) {
  const cv::Range middle(grey.cols / 3, grey.cols - grey.cols / 3);
  const cv::Mat bright = grey.colRange(middle) > 0.5, saturated = outside.colRange(middle);
  return (cv::countNonZero(saturated & bright) - cv::countNonZero(saturated & ~bright)) /
         static_cast<double>(bright.total());
}

std::vector<double> ranks(const std::vector<float>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<double>(i);
  return rank;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean = (n - 1) / 2;  // mean rank
  double ab = 0, aa = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
  }
  return aa > 0 ? ab / aa : 0;
}

struct Block {
  double grey = 0;   ///< mean
  double noise = 0;  ///< mean square of second differences in x and y
};

/// Central part of a block, at most 20 pixels a side: sufficient to separate noise from structure.
template <typename Pixel>
Block sample_block(const cv::Mat& film, cv::Rect block) {
  constexpr int kMost = 20;
  const int left = block.x + std::max(0, (block.width - kMost) / 2);
  const int top = block.y + std::max(0, (block.height - kMost) / 2);
  const int right = std::min({left + kMost, block.x + block.width, film.cols - 1});
  const int bottom = std::min({top + kMost, block.y + block.height, film.rows - 1});
  Block sample;
  int count = 0;
  for (int y = std::max(1, top); y < bottom; ++y) {
    const auto* above = film.ptr<Pixel>(y - 1);
    const auto* row = film.ptr<Pixel>(y);
    const auto* below = film.ptr<Pixel>(y + 1);
    for (int x = std::max(1, left); x < right; ++x, ++count) {
      const double twice = 2.0 * row[x];
      const double along = twice - row[x - 1] - row[x + 1];
      const double across = twice - above[x] - below[x];
      sample.grey += row[x];
      sample.noise += along * along + across * across;
    }
  }
  if (count > 0) {
    sample.grey /= count;
    sample.noise /= count;
  }
  return sample;
}

/// Spearman correlation between the strength of the finest detail and the grey value, over blocks.
double noise_correlation(const cv::Mat& film, double low, double high, const cv::Mat& field) {
  const cv::Size blocks(std::min(48, film.cols / 4), std::min(64, film.rows / 4));
  if (blocks.empty()) return 0;
  cv::Mat share;
  cv::resize(field, share, blocks, 0, 0, cv::INTER_AREA);
  std::vector<float> grey, noise;
  for (int row = 0; row < blocks.height; ++row) {
    for (int column = 0; column < blocks.width; ++column) {
      if (share.at<std::uint8_t>(row, column) < 253) continue;
      const cv::Point from(column * film.cols / blocks.width, row * film.rows / blocks.height);
      const cv::Point to((column + 1) * film.cols / blocks.width,
                         (row + 1) * film.rows / blocks.height);
      const cv::Rect block(from, to);
      const Block sample = film.depth() == CV_8U ? sample_block<std::uint8_t>(film, block)
                                                 : sample_block<std::uint16_t>(film, block);
      const double level = (sample.grey - low) / (high - low);
      if (level <= 0.05 || level >= 0.95) continue;
      grey.push_back(static_cast<float>(sample.grey));
      noise.push_back(static_cast<float>(sample.noise));
    }
  }
  constexpr std::size_t kFewest = 50;
  return grey.size() < kFewest ? 0 : correlation(ranks(noise), ranks(grey));
}

}  // namespace

double PolarityCues::score() const {
  return 1.2 * border + 11 * ridges + 5.8 * below + 5 * center + 4 * saturated + 1.5 * noise;
}

PolarityCues polarity_cues(const cv::Mat& film) {
  PolarityCues cues;
  double lowest = 0, highest = 0;
  cv::minMaxLoc(film, &lowest, &highest);
  if (!(highest > lowest)) return cues;

  const cv::Mat outside = outside_field(film, lowest, highest);
  const cv::Mat field = ~near_outside(outside, kFieldMargin);
  if (cv::countNonZero(field) < 0.02 * static_cast<double>(field.total())) return cues;

  cv::Mat grey;
  reduce(film).convertTo(grey, CV_32F);
  auto values = values_in(grey, field);
  const double low = quantile(values, 0.01);
  const double high = std::max<double>(quantile(values, 0.99), low + 1e-6 * (highest - lowest));
  grey = (grey - low) / (high - low);
  cv::min(grey, 1, grey);
  cv::max(grey, 0, grey);

  const int shorter = std::min(grey.rows, grey.cols);
  const auto ring_of = [&](double share) {
    return near_outside(outside, kFieldMargin + static_cast<int>(share * shorter));
  };
  const cv::Mat ring = field & ring_of(kNarrowRing);
  const cv::Mat inner = field & ~ring_of(kWideRing);
  const auto share_of_ring = [&](const cv::Mat& where) {
    return cv::countNonZero(where & ring) / std::max(1.0, double(cv::countNonZero(ring)));
  };
  cues.border = share_of_ring(grey < 0.15) - share_of_ring(grey > 0.85);
  if (cv::countNonZero(inner) > 0) cues.center = mean_in(grey, inner) - mean_in(grey, ring);
  cues.below = lower_minus_upper(grey, field);
  cues.saturated = saturated_in_middle(grey, outside);

  cv::Mat inside;
  field.convertTo(inside, CV_32F, 1 / 255.0);
  const cv::Mat level = BlurInside(inside, 8)(grey);
  const cv::Mat core = ~near_outside(outside, 10) & (level > 0.05) & (level < 0.95);
  if (cv::countNonZero(core) > 100) cues.ridges = ridge_skewness(grey, inside, core);
  cues.noise = noise_correlation(film, low, high, field);
  return cues;
}

}  // namespace spine
