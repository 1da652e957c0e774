#include "spine/sim/fields.h"

#include <algorithm>
#include <cmath>

namespace spine::sim {

namespace {

constexpr double kSmallestSigma = 0.2;  ///< below this a blur has no visible effect
constexpr double kCoarseSigma = 3.0;    ///< above this a blur uses a coarser grid

/// Right half of a normalised Gaussian kernel; [0] is the centre.
std::vector<float> half_kernel(double sigma_px) {
  const int radius = std::max(1, static_cast<int>(std::ceil(2.8 * sigma_px)));
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5 * i * i / (sigma_px * sigma_px)));
    sum += (i == 0 ? 1 : 2) * weights.back();
  }
  std::vector<float> kernel;
  for (const double w : weights) kernel.push_back(static_cast<float>(w / sum));
  return kernel;
}

void blur_row(const float* from, int width, const std::vector<float>& kernel,
              std::vector<float>& padded, float* to) {
  const int radius = static_cast<int>(kernel.size()) - 1;
  padded.resize(static_cast<std::size_t>(width) + 2 * static_cast<std::size_t>(radius));
  std::fill_n(padded.begin(), radius, from[0]);
  std::copy_n(from, width, padded.begin() + radius);
  std::fill_n(padded.begin() + radius + width, radius, from[width - 1]);
  const float* middle = padded.data() + radius;
  for (int x = 0; x < width; ++x) to[x] = kernel[0] * middle[x];
  for (int k = 1; k <= radius; ++k) {
    const float weight = kernel[static_cast<std::size_t>(k)];
    for (int x = 0; x < width; ++x) to[x] += weight * (middle[x - k] + middle[x + k]);
  }
}

cv::Mat convolve(const cv::Mat& field, const std::vector<float>& kernel) {
  const int radius = static_cast<int>(kernel.size()) - 1;
  cv::Mat rows(field.size(), CV_32FC1), result(field.size(), CV_32FC1);
  std::vector<float> padded;
  for (int y = 0; y < field.rows; ++y) {
    blur_row(field.ptr<float>(y), field.cols, kernel, padded, rows.ptr<float>(y));
  }
  for (int y = 0; y < field.rows; ++y) {
    float* to = result.ptr<float>(y);
    const float* middle = rows.ptr<float>(y);
    for (int x = 0; x < field.cols; ++x) to[x] = kernel[0] * middle[x];
    for (int k = 1; k <= radius; ++k) {
      const float* above = rows.ptr<float>(std::max(0, y - k));
      const float* below = rows.ptr<float>(std::min(field.rows - 1, y + k));
      const float weight = kernel[static_cast<std::size_t>(k)];
      for (int x = 0; x < field.cols; ++x) to[x] += weight * (above[x] + below[x]);
    }
  }
  return result;
}

/// Interpolation position of each of `count` pixels on a grid of `grid` block centres.
struct Sample {
  int low, high;
  float weight;  ///< of high
};
std::vector<Sample> sample_positions(int count, int grid, int factor) {
  std::vector<Sample> samples;
  samples.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const double position = std::clamp((i + 0.5) / factor - 0.5, 0.0, grid - 1.0);
    const int low = static_cast<int>(position);
    samples.push_back({low, std::min(low + 1, grid - 1), static_cast<float>(position - low)});
  }
  return samples;
}

}  // namespace

cv::Mat blur(const cv::Mat& field, double sigma_px) {
  if (sigma_px < kSmallestSigma) return field.clone();
  const int factor = static_cast<int>(sigma_px / kCoarseSigma);
  if (factor < 2) return convolve(field, half_kernel(sigma_px));
  // Block means and interpolation blur a little themselves.
  const double coarse = std::sqrt(std::max(0.5, sigma_px * sigma_px / (factor * factor) - 0.25));
  return enlarge(convolve(shrink(field, factor), half_kernel(coarse)), factor, field.size());
}

cv::Mat shrink(const cv::Mat& field, int factor) {
  if (factor <= 1) return field.clone();
  const cv::Size size((field.cols + factor - 1) / factor, (field.rows + factor - 1) / factor);
  cv::Mat result = cv::Mat::zeros(size, CV_32FC1);
  for (int y = 0; y < size.height; ++y) {
    float* to = result.ptr<float>(y);
    const int y_end = std::min(field.rows, (y + 1) * factor);
    for (int source_y = y * factor; source_y < y_end; ++source_y) {
      const float* from = field.ptr<float>(source_y);
      for (int x = 0; x < size.width; ++x) {
        const int x_end = std::min(field.cols, (x + 1) * factor);
        float sum = 0;
        for (int source_x = x * factor; source_x < x_end; ++source_x) sum += from[source_x];
        to[x] += sum / static_cast<float>(x_end - x * factor);
      }
    }
    const auto rows = static_cast<float>(y_end - y * factor);
    for (int x = 0; x < size.width; ++x) to[x] /= rows;
  }
  return result;
}

cv::Mat enlarge(const cv::Mat& field, int factor, cv::Size size) {
  const std::vector<Sample> columns = sample_positions(size.width, field.cols, factor);
  const std::vector<Sample> rows = sample_positions(size.height, field.rows, factor);
  cv::Mat result(size, CV_32FC1);
  std::vector<float> line(static_cast<std::size_t>(field.cols));
  for (int y = 0; y < size.height; ++y) {
    const Sample& row = rows[static_cast<std::size_t>(y)];
    const float* low = field.ptr<float>(row.low);
    const float* high = field.ptr<float>(row.high);
    for (std::size_t x = 0; x < line.size(); ++x)
      line[x] = low[x] + row.weight * (high[x] - low[x]);
    float* to = result.ptr<float>(y);
    for (const Sample& column : columns) {
      const float left = line[static_cast<std::size_t>(column.low)];
      const float right = line[static_cast<std::size_t>(column.high)];
      *to++ = left + column.weight * (right - left);
    }
  }
  return result;
}

cv::Mat white_noise(cv::Size size, Rng& rng) {
  cv::Mat noise(size, CV_32FC1);
  // The sum of four uniform 16-bit numbers: mean 2 * 65535, variance 4 * (65536^2 - 1) / 12.
  constexpr float kMean = 2.0F * 65535.0F, kScale = 1.0F / 37837.2F;
  for (int y = 0; y < size.height; ++y) {
    float* row = noise.ptr<float>(y);
    for (int x = 0; x < size.width; ++x) {
      const std::uint64_t bits = rng.next();
      const auto sum = static_cast<std::int32_t>((bits & 0xffffU) + ((bits >> 16U) & 0xffffU) +
                                                 ((bits >> 32U) & 0xffffU) + (bits >> 48U));
      row[x] = (static_cast<float>(sum) - kMean) * kScale;
    }
  }
  return noise;
}

cv::Mat smooth_noise(cv::Size size, double sigma_px, Rng& rng) {
  const int factor = static_cast<int>(sigma_px / 1.5);
  if (factor >= 2) {
    const cv::Size coarse((size.width + factor - 1) / factor, (size.height + factor - 1) / factor);
    return enlarge(smooth_noise(coarse, sigma_px / factor, rng), factor, size);
  }
  cv::Mat noise = white_noise(size, rng);
  if (sigma_px < kSmallestSigma) return noise;
  const std::vector<float> kernel = half_kernel(sigma_px);
  double energy = -static_cast<double>(kernel[0]) * kernel[0];
  for (const float w : kernel) energy += 2.0 * w * w;
  noise = convolve(noise, kernel);
  const auto scale = static_cast<float>(1.0 / energy);
  for (int y = 0; y < noise.rows; ++y) {
    float* row = noise.ptr<float>(y);
    for (int x = 0; x < noise.cols; ++x) row[x] *= scale;
  }
  return noise;
}

// Not spine::quantile() of each: every fraction orders only what the last one left unordered.
std::vector<float> quantiles(std::vector<float>& values, const std::vector<double>& fractions) {
  std::vector<float> result;
  if (values.empty()) return std::vector<float>(fractions.size(), 0.0F);
  auto begin = values.begin();
  for (const double fraction : fractions) {
    const auto rank =
        static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
    const auto at = values.begin() + rank;
    std::nth_element(begin, at, values.end());
    result.push_back(*at);
    begin = at;
  }
  return result;
}

}  // namespace spine::sim
