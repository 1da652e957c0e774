#include "spine/stages/preprocess/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/size_text.h"

namespace spine {

namespace {

constexpr std::array<std::string_view, 7> kViewNames{
    "original", "clahe", "clahe2", "sharpen_clahe", "sharpen_clahe2", "stretch", "equal_hist"};

/// Nearest rank, not quantile()'s lower one: the networks were trained on films stretched so.
double percentile(std::vector<float>& values, double percent) {
  const double position = percent / 100.0 * static_cast<double>(values.size() - 1);
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::lround(position));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

/// Grey value at which `percent` of the pixels brighter than 0 lie below.
int percentile_of_nonzero(const cv::Mat& bytes, double percent) {
  std::array<int, 256> histogram{};
  for (int y = 0; y < bytes.rows; ++y) {
    const uchar* row = bytes.ptr<uchar>(y);
    for (int x = 0; x < bytes.cols; ++x) ++histogram[row[x]];
  }
  const double total = static_cast<double>(bytes.total()) - histogram[0];
  double below = 0;
  for (int grey = 1; grey < 256; ++grey) {
    below += histogram[static_cast<std::size_t>(grey)];
    if (below >= total * percent / 100.0) return grey;
  }
  return 255;
}

cv::Mat stretch_bytes(const cv::Mat& bytes) {
  const int low = percentile_of_nonzero(bytes, 2.0);
  const int high = percentile_of_nonzero(bytes, 98.0);
  if (high <= low) return bytes.clone();
  const double gain = 255.0 / (high - low);
  cv::Mat stretched;
  bytes.convertTo(stretched, CV_8U, gain, -gain * low);
  return stretched;
}

cv::Mat sharpen(const cv::Mat& bytes) {
  const cv::Matx33f kernel(0, -1, 0, -1, 5, -1, 0, -1, 0);
  cv::Mat sharp;
  cv::filter2D(bytes, sharp, CV_8U, kernel);
  return sharp;
}

cv::Mat clahe(const cv::Mat& bytes) {
  cv::Mat equalised;
  cv::createCLAHE(2.0, cv::Size(8, 8))->apply(bytes, equalised);
  return equalised;
}

/// Makes views on demand and caches intermediate results that they share.
class ViewMaker {
 public:
  explicit ViewMaker(const cv::Mat& square) : square_(square) {
    square.convertTo(bytes_, CV_8U, 255.0);
  }

  cv::Mat make(const std::string& view) {
    if (view == "original") return square_.clone();
    if (view == "clahe") return to_unit(clahe_once(plain_, bytes_));
    if (view == "clahe2") return to_unit(clahe(clahe_once(plain_, bytes_)));
    if (view == "sharpen_clahe") return to_unit(clahe_once(sharp_, sharpen(bytes_)));
    if (view == "sharpen_clahe2") return to_unit(clahe(clahe_once(sharp_, sharpen(bytes_))));
    if (view == "stretch") return to_unit(stretch_bytes(bytes_));
    if (view == "equal_hist") {
      cv::Mat equalised;
      cv::equalizeHist(bytes_, equalised);
      return to_unit(equalised);
    }
    std::string known;
    for (const auto name : kViewNames) known += (known.empty() ? "" : ", ") + std::string(name);
    throw Error(ErrorKind::usage,
                "preprocess: unknown view '" + view + "', expected one of " + known);
  }

 private:
  static cv::Mat to_unit(const cv::Mat& bytes) {
    cv::Mat plane;
    bytes.convertTo(plane, CV_32F, 1.0 / 255.0);
    return plane;
  }
  static const cv::Mat& clahe_once(cv::Mat& cached, const cv::Mat& bytes) {
    if (cached.empty()) cached = clahe(bytes);
    return cached;
  }

  cv::Mat square_, bytes_;
  cv::Mat plain_, sharp_;  // one CLAHE of the square, and of the sharpened square
};

/// The letterbox with the film centred in its square at a given size.
Letterbox centred(cv::Size film, int net_size, cv::Size content) {
  Letterbox box;
  box.film = film;
  box.net = net_size;
  box.scale_x = static_cast<double>(content.width) / film.width;
  box.scale_y = static_cast<double>(content.height) / film.height;
  const int pad_left = (net_size - content.width) / 2;
  const int pad_top = (net_size - content.height) / 2;
  box.offset_x = pad_left + 0.5 * box.scale_x - 0.5;
  box.offset_y = pad_top + 0.5 * box.scale_y - 0.5;
  return box;
}

}  // namespace

cv::Point2d Letterbox::to_net(cv::Point2d film_px) const {
  return {film_px.x * scale_x + offset_x, film_px.y * scale_y + offset_y};
}

cv::Point2d Letterbox::to_film(cv::Point2d net_px) const {
  return {(net_px.x - offset_x) / scale_x, (net_px.y - offset_y) / scale_y};
}

cv::Rect Letterbox::content() const {
  // The film's edges lie half a pixel outside its outer pixel centres.
  const cv::Point2d first = to_net({-0.5, -0.5});
  const cv::Point2d last = to_net({film.width - 0.5, film.height - 0.5});
  const cv::Point top_left(cvRound(first.x + 0.5), cvRound(first.y + 0.5));
  return {top_left, cv::Point(cvRound(last.x + 0.5), cvRound(last.y + 0.5))};
}

Letterbox letterbox(cv::Size film, const std::optional<Spacing>& spacing, int net_size) {
  const double col = spacing ? spacing->col_mm : 1.0;
  const double row = spacing ? spacing->row_mm : 1.0;
  if (film.empty() || net_size <= 0 || !(col > 0) || !(row > 0)) {
    throw Error(ErrorKind::internal, "letterbox: expected positive sizes, got film " +
                                         size_text(film) + ", square " + std::to_string(net_size));
  }
  const double scale = net_size / std::max(film.width * col, film.height * row);
  const auto side = [&](double length) {
    return std::clamp(static_cast<int>(std::lround(length * scale)), 1, net_size);
  };
  return centred(film, net_size, {side(film.width * col), side(film.height * row)});
}

cv::Matx23d net_to_net(const Letterbox& from, const Letterbox& to) {
  const cv::Point2d shift = to.to_net(from.to_film({0, 0}));
  return {to.scale_x / from.scale_x, 0, shift.x, 0, to.scale_y / from.scale_y, shift.y};
}

Letterbox shrunk(const Letterbox& box, double factor_x, double factor_y) {
  const cv::Size content = box.content().size();
  return centred(box.film, box.net,
                 {std::max(1, cvRound(content.width * factor_x)),
                  std::max(1, cvRound(content.height * factor_y))});
}

cv::Mat to_square(const Image& film, const Letterbox& box) {
  if (film.size() != box.film) {
    throw Error(ErrorKind::internal, "to_square: expected a film of " + size_text(box.film) +
                                         ", got " + size_text(film.size()));
  }
  const cv::Rect content = box.content();
  const bool shrinks = box.scale_x <= 1 && box.scale_y <= 1;
  cv::Mat shrunk;
  cv::resize(film.pixels(), shrunk, content.size(), 0, 0,
             shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat square = cv::Mat::zeros(box.net, box.net, CV_32FC1);
  cv::Mat inside = square(content);
  shrunk.convertTo(inside, CV_32F);
  return square;
}

cv::Mat to_net_square(const Image& film, const Letterbox& box) {
  cv::Mat square = to_square(film, box);
  stretch_range(square, box.content());
  return square;
}

cv::Mat GreyRange::to_unit(const cv::Mat& greys) const {
  const double gain = high > low ? 1.0 / (high - low) : 0.0;
  cv::Mat unit;
  greys.convertTo(unit, CV_32F, gain, -low * gain);
  return unit;
}

cv::Mat GreyRange::to_greys(const cv::Mat& unit) const {
  cv::Mat greys;
  unit.convertTo(greys, CV_32F, std::max(0.0, high - low), low);
  return greys;
}

GreyRange stretch_range(cv::Mat& square, const cv::Rect& content) {
  const cv::Mat inside = square(content);
  std::vector<float> values;
  values.reserve(inside.total());
  for (int y = 0; y < inside.rows; ++y) {
    const float* row = inside.ptr<float>(y);
    values.insert(values.end(), row, row + inside.cols);
  }
  GreyRange range{percentile(values, 0.5), percentile(values, 99.5)};
  // A range smaller than a 16-bit step is rounding, not contrast.
  constexpr double kRounding = 1e-5;
  if (range.high - range.low < kRounding * std::abs(range.high)) range.high = range.low;
  cv::Mat stretched = cv::Mat::zeros(square.size(), CV_32FC1);
  cv::Mat(cv::min(cv::max(range.to_unit(inside), 0.0), 1.0)).copyTo(stretched(content));
  square = stretched;
  return range;
}

std::vector<cv::Mat> make_views(const cv::Mat& square, const std::vector<std::string>& views) {
  ViewMaker maker(square);
  std::vector<cv::Mat> planes;
  planes.reserve(views.size());
  for (const auto& view : views) planes.push_back(maker.make(view));
  return planes;
}

}  // namespace spine
