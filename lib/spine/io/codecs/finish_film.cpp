#include "spine/io/codecs/finish_film.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "spine/core/error.h"
#include "spine/core/size_text.h"
#include "spine/io/codecs/polarity.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::unsupported, "read " + file.string() + ": " + what);
}

}  // namespace

Image finish_film(const fs::path& file, const cv::Mat& pixels, FilmInfo info, bool polarity_known,
                  const ReadOptions& options) {
  if (std::min(pixels.rows, pixels.cols) < options.min_side) {
    refuse(file, "expected a film of at least " + std::to_string(options.min_side) +
                     " pixels a side, got " + size_text(pixels.size()));
  }
  double lowest = 0, highest = 0;
  cv::minMaxLoc(pixels, &lowest, &highest);
  if (lowest == highest) {
    refuse(file, "expected a film, got no contrast: every pixel is " +
                     std::to_string(static_cast<int>(lowest)));
  }
  if (options.spacing) {
    info.spacing = options.spacing;
    info.spacing_source = SpacingSource::override_value;
  }
  cv::Mat film = pixels;
  if (!polarity_known && options.detect_polarity) {
    const double score = polarity_cues(pixels).score();
    constexpr double kWeak = 0.5;
    if (score < 0) {
      film = ~pixels;
      info.inverted = true;
      info.notes.emplace_back("bone is dark in the file: grey values were inverted");
    }
    if (std::abs(score) < kWeak) info.notes.emplace_back("polarity is uncertain");
  }
  return Image(film, std::move(info));
}

}  // namespace spine
