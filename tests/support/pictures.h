#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace spine::test {

/// A picture encoded by OpenCV, as bytes.
inline std::string encoded(const std::string& extension, const cv::Mat& pixels,
                           const std::vector<int>& parameters = {}) {
  std::vector<unsigned char> bytes;
  cv::imencode(extension, pixels, bytes, parameters);
  return {bytes.begin(), bytes.end()};
}

/// Random values over the whole range of an integer type.
inline cv::Mat noise(int rows, int cols, int type, std::uint64_t seed = 7) {
  cv::RNG rng(seed);
  cv::Mat pixels(rows, cols, type);
  rng.fill(pixels, cv::RNG::UNIFORM, 0, pixels.depth() == CV_8U ? 256 : 65536);
  return pixels;
}

inline bool same_pixels(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() &&
         (a.empty() || cv::norm(a, b, cv::NORM_INF) == 0);
}

/// Something like a lateral lumbar film with bright bone: a body on dark air that is denser below,
/// vertebrae with bright rims, more noise where it is bright. CV_8UC1.
inline cv::Mat toy_film(cv::Size size = {400, 600}, std::uint64_t seed = 11) {
  cv::Mat film(size, CV_32F, cv::Scalar(4));
  const double w = size.width, h = size.height;
  for (int y = 0; y < size.height; ++y) {
    const double level = 60 + 80 * y / h;
    for (int x = 0; x < size.width; ++x) {
      const double from_middle = std::abs(x - w * 0.5) / (w * 0.38);
      if (from_middle < 1)
        film.at<float>(y, x) +=
            static_cast<float>(level * std::sqrt(1 - from_middle * from_middle));
    }
  }
  for (int i = 0; i < 6; ++i) {
    const cv::Rect body(cvRound(w * 0.42), cvRound(h * (0.06 + 0.13 * i)), cvRound(w * 0.18),
                        cvRound(h * 0.1));
    film(body) += 25;
    cv::rectangle(film, body, cv::Scalar(60 + 80.0 * body.y / h + 75), 2);
  }
  cv::circle(film, {cvRound(w * 0.4), cvRound(h * 0.9)}, cvRound(w * 0.1), 215, 2);
  cv::Mat grain(size, CV_32F);
  cv::RNG rng(seed);
  rng.fill(grain, cv::RNG::NORMAL, 0, 1);
  film += grain.mul(film / 40);
  cv::Mat out;
  film.convertTo(out, CV_8U);
  return out;
}

}  // namespace spine::test
