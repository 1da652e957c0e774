// check_burned_in_text OUT FILM...: writes a fictitious name on each film, with size, position,
// font and brightness derived from its number, and prints how many names are detected, overall and
// among those with a contrast of at least a fifth of the range, how many films have other boxes,
// and which fraction of the bones (truth/<name>/labels.png beside the films) is covered. Films with
// missed names or with boxes on bones (without a truth: any other boxes) are written to OUT.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/io/image_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/preprocess/burned_in_text.h"

namespace {

namespace fs = std::filesystem;

/// @returns CV_8UC1, 255 inside a box
cv::Mat covered_by(const std::vector<cv::Rect>& boxes, cv::Size size) {
  cv::Mat covered(size, CV_8UC1, cv::Scalar(0));
  for (const auto& box : boxes) covered(box).setTo(255);
  return covered;
}

/// Whether the text differs by a fifth of the range in all but a few of its columns.
bool is_clear(const cv::Mat& before, const cv::Mat& after, double brightest) {
  cv::Mat difference, columns;
  cv::absdiff(before, after, difference);
  cv::reduce(difference, columns, 0, cv::REDUCE_MAX);
  return cv::countNonZero(columns >= 0.2 * brightest) >= 0.95 * cv::countNonZero(columns);
}

/// Writes a name in one of the corners, or anywhere.
/// @returns where the film was changed
cv::Mat write_name(cv::Mat& film, double brightest, cv::RNG& random) {
  static const char* const kNames[] = {"DOE, JANE 1950-01-01", "TEST^PATIENT", "ID 4711-0815",
                                       "Nomen Nescio",         "01.01.1950 F", "AB 12"};
  static const int kFaces[] = {cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_DUPLEX,
                               cv::FONT_HERSHEY_TRIPLEX, cv::FONT_HERSHEY_PLAIN};
  const std::string name = kNames[random.uniform(0, 6)];
  const int face = kFaces[random.uniform(0, 4)];
  const int height =
      std::max(7, static_cast<int>(random.uniform(0.006, 0.025) * std::max(film.rows, film.cols)));
  const int thickness = std::max(1, static_cast<int>(height * random.uniform(0.07, 0.16)));
  const double scale = cv::getFontScaleFromHeight(face, height, thickness);
  const cv::Size size = cv::getTextSize(name, face, scale, thickness, nullptr);
  const int right = std::max(1, film.cols - size.width - 20);
  const int low = std::max(1, film.rows - size.height - 20);
  const bool anywhere = random.uniform(0.0, 1.0) < 0.25;
  const int x = anywhere ? random.uniform(0, right) : (random.uniform(0, 2) == 0 ? 10 : right);
  const int y = anywhere ? random.uniform(0, low) : (random.uniform(0, 2) == 0 ? 10 : low);
  const double ink = random.uniform(0, 5) == 0 ? 0 : random.uniform(0.65, 1.0);
  if (ink == 0) {  // dark letters on a bright plate
    film(cv::Rect(x, y, size.width + 10, size.height + 14) & cv::Rect({0, 0}, film.size()))
        .setTo(brightest);
  }
  cv::Mat drawn = film.clone();
  cv::putText(drawn, name, {x + 4, y + size.height + 6}, face, scale, cv::Scalar(ink * brightest),
              thickness, cv::LINE_AA);
  cv::Mat changed = drawn != film;
  film = drawn;
  return changed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: check_burned_in_text OUT FILM...\n";
    return 2;
  }
  try {
    const fs::path out(argv[1]);
    fs::create_directories(out);
    int found = 0, clear = 0, clear_found = 0, with_boxes = 0;
    double bone_px = 0, covered_bone_px = 0, seconds = 0;
    for (int i = 2; i < argc; ++i) {
      const fs::path path(argv[i]);
      const spine::Image film = spine::read_film(path);
      cv::Mat marked = film.pixels().clone();
      cv::RNG random(static_cast<unsigned>(i));
      const cv::Mat name = write_name(marked, film.max_value(), random);
      const auto start = std::chrono::steady_clock::now();
      const auto boxes = spine::find_burned_in_text(spine::Image(marked, film.info()));
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const int missed = cv::countNonZero(name & ~covered_by(boxes, marked.size()));
      const bool is_found = missed <= 0.01 * cv::countNonZero(name);
      found += is_found ? 1 : 0;
      if (is_clear(film.pixels(), marked, film.max_value())) {
        ++clear;
        clear_found += is_found ? 1 : 0;
      }
      if (!is_found) spine::write_image(out / ("missed_" + path.stem().string() + ".png"), marked);
      const auto without = spine::find_burned_in_text(film);
      with_boxes += without.empty() ? 0 : 1;
      bool shows = !without.empty();  // without a truth any box is shown
      const fs::path truth = path.parent_path() / "truth" / path.stem() / "labels.png";
      if (fs::exists(truth)) {
        const cv::Mat bones = spine::read_mask(truth) > 0;
        const int covered = cv::countNonZero(bones & covered_by(without, bones.size()));
        bone_px += cv::countNonZero(bones);
        covered_bone_px += covered;
        shows = covered > 0;
      }
      if (shows) {
        cv::Mat shown = film.pixels().clone();
        for (const auto& box : without) cv::rectangle(shown, box, film.max_value(), 6);
        for (const auto& box : without) cv::rectangle(shown, box, 0, 2);
        spine::write_image(out / ("boxes_" + path.stem().string() + ".png"), shown);
      }
    }
    const int films = argc - 2;
    std::cout << "names found " << found << " of " << films << ", of clear ones " << clear_found
              << " of " << clear << ", films with boxes of their own " << with_boxes;
    if (bone_px > 0) std::cout << ", bones covered " << 100 * covered_bone_px / bone_px << " %";
    std::cout << ", " << seconds / films << " s per film\n";
  } catch (const std::exception& error) {
    std::cerr << "check_burned_in_text: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
