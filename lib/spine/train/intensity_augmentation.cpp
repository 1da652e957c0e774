#include "spine/train/intensity_augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace spine::train {
namespace {

using sim::Rng;

void clamp_unit(cv::Mat& film) {
  cv::max(film, 0.0, film);
  cv::min(film, 1.0, film);
}

void stretch_range(cv::Mat& film) {
  double low = 0;
  double high = 0;
  cv::minMaxLoc(film, &low, &high);
  if (high > low) film.convertTo(film, CV_32F, 1.0 / (high - low), -low / (high - low));
}

/// Smooth random values around 0 with a standard deviation of about `amount`.
cv::Mat smooth_field(cv::Size size, double amount, Rng& rng) {
  const int cells = rng.integer(2, 6);
  cv::Mat grid(cells, cells, CV_32FC1);
  for (int y = 0; y < cells; ++y) {
    for (int x = 0; x < cells; ++x) {
      grid.at<float>(y, x) = static_cast<float>(rng.normal(0, amount));
    }
  }
  cv::Mat field;
  cv::resize(grid, field, size, 0, 0, cv::INTER_CUBIC);
  return field;
}

void window(cv::Mat& film, double strength, Rng& rng) {
  const double low = rng.uniform(-0.1, 0.12) * strength;
  const double high = 1 - rng.uniform(-0.1, 0.2) * strength;
  film.convertTo(film, CV_32F, 1.0 / (high - low), -low / (high - low));
  clamp_unit(film);
}

void gamma(cv::Mat& film, double strength, Rng& rng) {
  cv::pow(film, std::exp(rng.uniform(-0.7, 0.7) * strength), film);
}

void multiply_field(cv::Mat& film, double strength, Rng& rng) {
  cv::Mat factor;
  cv::exp(smooth_field(film.size(), rng.uniform(0.05, 0.35) * strength, rng), factor);
  cv::multiply(film, factor, film);
}

cv::Point random_point(cv::Size size, Rng& rng) {
  return {rng.integer(0, size.width - 1), rng.integer(0, size.height - 1)};
}

/// Soft dark (or, seldom, bright) ellipses in clusters: gas and its edges.
void blobs(cv::Mat& film, double strength, Rng& rng) {
  cv::Mat layer = cv::Mat::zeros(film.size(), CV_32FC1);
  const double unit = film.rows;
  const int clusters = rng.integer(1, 3);
  for (int i = 0; i < clusters; ++i) {
    const cv::Point center = random_point(film.size(), rng);
    const double sign = rng.chance(0.75) ? -1 : 1;
    const int count = rng.integer(1, 6);
    for (int k = 0; k < count; ++k) {
      const cv::Point at = center + cv::Point(static_cast<int>(rng.normal(0, 0.08 * unit)),
                                              static_cast<int>(rng.normal(0, 0.08 * unit)));
      const cv::Size axes(static_cast<int>(unit * rng.uniform(0.01, 0.07)) + 1,
                          static_cast<int>(unit * rng.uniform(0.01, 0.05)) + 1);
      cv::Mat one = cv::Mat::zeros(film.size(), CV_32FC1);
      cv::ellipse(one, at, axes, rng.uniform(0, 180), 0, 360,
                  cv::Scalar(sign * rng.uniform(0.05, 0.35) * strength), cv::FILLED);
      layer += one;
    }
  }
  cv::GaussianBlur(layer, layer, {}, rng.uniform(0.5, 5));
  film += layer;
}

/// Bright or dark arcs: ribs, iliac crests, skin folds, cables.
void curves(cv::Mat& film, double strength, Rng& rng) {
  cv::Mat layer = cv::Mat::zeros(film.size(), CV_32FC1);
  const int count = rng.integer(1, 5);
  for (int i = 0; i < count; ++i) {
    cv::Point2d at(random_point(film.size(), rng));
    double heading = rng.uniform(0, 2 * std::numbers::pi);
    const double bend = rng.normal(0, 0.12);
    const double step = film.rows * 0.03;
    std::vector<cv::Point> line;
    const int length = rng.integer(5, 25);
    for (int k = 0; k < length; ++k) {
      line.emplace_back(cvRound(at.x), cvRound(at.y));
      at += cv::Point2d(step * std::cos(heading), step * std::sin(heading));
      heading += bend + rng.normal(0, 0.05);
    }
    const double level = (rng.chance(0.7) ? 1 : -1) * rng.uniform(0.04, 0.25) * strength;
    cv::polylines(layer, line, false, cv::Scalar(level), rng.integer(1, 5), cv::LINE_8);
  }
  cv::GaussianBlur(layer, layer, {}, rng.uniform(0.4, 2.0));
  film += layer;
}

void blur_or_sharpen(cv::Mat& film, double strength, Rng& rng) {
  cv::Mat soft;
  cv::GaussianBlur(film, soft, {}, 0.3 + rng.uniform(0, 0.8) * strength);
  if (rng.chance(0.7)) {
    film = soft;
  } else {
    const double amount = rng.uniform(0, 1.5) * strength;
    cv::addWeighted(film, 1 + amount, soft, -amount, 0, film);
  }
}

/// Edge enhancement and local equalisation, as digital systems and viewers apply.
void enhance_edges(cv::Mat& film, Rng& rng) {
  cv::Mat soft;
  const double sigma = film.rows * std::exp(rng.uniform(std::log(0.0015), std::log(0.012)));
  cv::GaussianBlur(film, soft, {}, sigma);
  const double amount = rng.uniform(0.5, 2.5);
  cv::addWeighted(film, 1 + amount, soft, -amount, 0, film);
  clamp_unit(film);
}

void equalise_locally(cv::Mat& film, Rng& rng) {
  cv::Mat bytes;
  film.convertTo(bytes, CV_8U, 255.0);
  const int tiles = rng.integer(3, 10);
  cv::createCLAHE(rng.uniform(1.5, 6), {tiles, tiles})->apply(bytes, bytes);
  bytes.convertTo(film, CV_32F, 1.0 / 255.0);
}

/// A film scaled down to a thumbnail and up again.
void thumbnail(cv::Mat& film, Rng& rng) {
  const double factor = std::exp(rng.uniform(std::log(1.3), std::log(3.5)));
  const cv::Size size = film.size();
  cv::Mat small;
  cv::resize(film, small, {}, 1 / factor, 1 / factor, cv::INTER_AREA);
  cv::resize(small, film, size, 0, 0, rng.chance(0.5) ? cv::INTER_LINEAR : cv::INTER_CUBIC);
  clamp_unit(film);
}

/// Stripes of a grid, or of a photographed screen.
void stripes(cv::Mat& film, Rng& rng) {
  const double period = rng.uniform(2, 9), amount = rng.uniform(0.01, 0.05);
  const double turn = rng.chance(0.6) ? (rng.chance(0.5) ? 0 : std::numbers::pi / 2)
                                      : rng.uniform(0, std::numbers::pi);
  const double per_x = 2 * std::numbers::pi / period * std::cos(turn);
  const double per_y = 2 * std::numbers::pi / period * std::sin(turn);
  for (int y = 0; y < film.rows; ++y) {
    float* row = film.ptr<float>(y);
    for (int x = 0; x < film.cols; ++x) {
      row[x] *= static_cast<float>(1 + amount * std::sin(per_x * x + per_y * y));
    }
  }
}

void noise(cv::Mat& film, double strength, Rng& rng) {
  const double level = rng.uniform();  // squared: strong noise is rare
  const double amount = 0.06 * level * level * strength;
  // A fast generator: Box-Muller for every pixel would take half of the time of a sample. The sum
  // of four bytes is sufficiently normal.
  cv::Mat grain(film.size(), CV_32FC1);
  const auto scale = static_cast<float>(amount / 147.8);  // standard deviation of the sum
  for (int y = 0; y < grain.rows; ++y) {
    float* row = grain.ptr<float>(y);
    for (int x = 0; x < grain.cols; x += 2) {
      const std::uint64_t bits = rng.next();
      const auto sum = [&](unsigned shift) {
        int total = 0;
        for (unsigned k = 0; k < 4; ++k)
          total += static_cast<int>((bits >> (shift + 8 * k)) & 255U);
        return static_cast<float>(total - 510) * scale;
      };
      row[x] = sum(0);
      if (x + 1 < grain.cols) row[x + 1] = sum(32);
    }
  }
  if (rng.chance(0.4)) {
    cv::GaussianBlur(grain, grain, {}, rng.uniform(0.5, 1.2));
    grain *= 2.0;
  }
  film += grain;
}

/// Legend boxes, burned-in text, specks and short strokes.
void burn_in(cv::Mat& film, Rng& rng) {
  const cv::Size size = film.size();
  const int boxes = rng.chance(0.4) ? rng.integer(1, 2) : 0;
  for (int i = 0; i < boxes; ++i) {
    const cv::Size box(std::max(4, static_cast<int>(size.width * rng.uniform(0.06, 0.3))),
                       std::max(4, static_cast<int>(size.height * rng.uniform(0.03, 0.2))));
    // Mostly near the border, like legends.
    cv::Point at = random_point(size, rng);
    if (rng.chance(0.8)) at.x = rng.chance(0.5) ? rng.integer(0, 6) : size.width - box.width - 3;
    if (rng.chance(0.6)) at.y = rng.chance(0.5) ? rng.integer(0, 6) : size.height - box.height - 3;
    cv::rectangle(film, cv::Rect(at, box), cv::Scalar(rng.uniform()), cv::FILLED);
    if (rng.chance(0.6)) cv::rectangle(film, cv::Rect(at, box), cv::Scalar(rng.uniform()), 1);
  }
  const int texts = rng.chance(0.4) ? rng.integer(1, 4) : 0;
  for (int i = 0; i < texts; ++i) {
    std::string word;
    const int letters = rng.integer(1, 9);
    for (int k = 0; k < letters; ++k) word += static_cast<char>('0' + rng.integer(0, 42));
    cv::putText(film, word, random_point(size, rng), cv::FONT_HERSHEY_SIMPLEX,
                rng.uniform(0.2, 0.6), cv::Scalar(rng.chance(0.8) ? 1.0 : rng.uniform()),
                rng.integer(1, 2));
  }
  const int specks = rng.chance(0.4) ? rng.integer(1, 12) : 0;
  for (int i = 0; i < specks; ++i) {
    const cv::Point at = random_point(size, rng);
    const cv::Point to = at + cv::Point(rng.integer(-6, 6), rng.integer(-6, 6));
    const cv::Scalar level(rng.chance(0.8) ? rng.uniform(0.7, 1) : rng.uniform());
    if (rng.chance(0.5)) {
      cv::circle(film, at, rng.integer(0, 2), level, cv::FILLED);
    } else {
      cv::line(film, at, to, level, 1);
    }
  }
}

void jpeg(cv::Mat& film, Rng& rng) {
  cv::Mat bytes;
  film.convertTo(bytes, CV_8U, 255.0);
  std::vector<uchar> coded;
  cv::imencode(".jpg", bytes, coded, {cv::IMWRITE_JPEG_QUALITY, rng.integer(25, 90)});
  cv::imdecode(coded, cv::IMREAD_GRAYSCALE).convertTo(film, CV_32F, 1.0 / 255.0);
}

}  // namespace

void augment_intensities(cv::Mat& film, const IntensityOptions& options, sim::Rng rng) {
  const double strength = options.strength;
  stretch_range(film);
  if (strength <= 0) return;
  // Each change has its own random stream, so that adding one does not affect the others.
  const auto sometimes = [&](const char* name, double chance, auto&& change) {
    Rng stream = rng.split(name);
    if (stream.chance(chance)) change(stream);
  };
  sometimes("field", 0.6, [&](Rng& r) { multiply_field(film, strength, r); });
  sometimes("blobs", 0.4, [&](Rng& r) { blobs(film, strength, r); });
  sometimes("curves", 0.4, [&](Rng& r) { curves(film, strength, r); });
  clamp_unit(film);
  sometimes("gamma", 0.7, [&](Rng& r) { gamma(film, strength, r); });
  sometimes("window", 0.6, [&](Rng& r) { window(film, strength, r); });
  sometimes("blur", 0.5, [&](Rng& r) { blur_or_sharpen(film, strength, r); });
  sometimes("edges", 0.15, [&](Rng& r) { enhance_edges(film, r); });
  sometimes("local equalisation", 0.12, [&](Rng& r) { equalise_locally(film, r); });
  sometimes("stripes", 0.06, [&](Rng& r) { stripes(film, r); });
  sometimes("noise", 0.6, [&](Rng& r) { noise(film, strength, r); });
  sometimes("burn_in", options.marks ? 0.6 : 0.0, [&](Rng& r) { burn_in(film, r); });
  clamp_unit(film);
  sometimes("thumbnail", 0.15, [&](Rng& r) { thumbnail(film, r); });
  sometimes("jpeg", 0.3, [&](Rng& r) { jpeg(film, r); });
  if (rng.split("inversion").chance(options.inversion_chance)) cv::subtract(1.0, film, film);
}

}  // namespace spine::train
