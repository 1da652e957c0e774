#include "spine/eval/restoration.h"

#include <algorithm>

#include "support/catch.h"
#include "support/near.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;
using test::near;
namespace fs = std::filesystem;

namespace {

cv::Mat ramp() {
  cv::Mat film(100, 120, CV_16UC1);
  for (int y = 0; y < film.rows; ++y) {
    for (int x = 0; x < film.cols; ++x) {
      film.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(20000 + 100 * x + 37 * (y % 5));
    }
  }
  return film;
}

const cv::Rect kMetal(40, 30, 20, 10);

cv::Mat box(const cv::Rect& inside) {
  cv::Mat mask = cv::Mat::zeros(ramp().size(), CV_8UC1);
  mask(inside) = 255;
  return mask;
}

cv::Mat with_box(double value, const cv::Rect& inside = kMetal) {
  cv::Mat film = ramp();
  film(inside) = value;
  return film;
}

void write(const fs::path& file, const cv::Mat& pixels) {
  fs::create_directories(file.parent_path());
  write_image(file, pixels);
}

/// A film with an implant, its twin, and results for both.
void write_case(const fs::path& dir, const cv::Mat& restored, const cv::Mat& mask) {
  write(dir / "sim/a.png", ramp());
  write(dir / "sim/a-implant.png", with_box(65000));
  fs::create_directories(dir / "sim/truth/a");
  write(dir / "sim/truth/a-implant/implant_mask.png", box(kMetal));
  write(dir / "out/a/restored.png", ramp());
  write(dir / "out/a/implant_mask.png", cv::Mat::zeros(ramp().size(), CV_8UC1));
  write(dir / "out/a-implant/restored.png", restored);
  write(dir / "out/a-implant/implant_mask.png", mask);
}

const RestorationComparison& of(const std::vector<RestorationComparison>& films,
                                const std::string& study) {
  const auto it =
      std::find_if(films.begin(), films.end(), [&](const auto& f) { return f.study == study; });
  REQUIRE(it != films.end());
  return *it;
}

}  // namespace

TEST_CASE("image similarity depends on the pixels of the mask only") {
  const cv::Mat far = with_box(0, {0, 0, 20, 20});
  CHECK(image_similarity(far, ramp(), box(kMetal)).ssim == near(1));
  cv::Mat off = ramp();
  off(kMetal) += 655.35;  // a hundredth of the range: 40 dB
  CHECK(image_similarity(off, ramp(), box(kMetal)).psnr_db == Approx(40).margin(0.02));
  CHECK(image_similarity(with_box(65000), ramp(), box(kMetal)).ssim < 0.5);
  CHECK(image_similarity(ramp(), ramp(), box(kMetal)).psnr_db == Approx(96.33).margin(0.01));
}

TEST_CASE("image similarity rejects incompatible images") {
  CHECK_THROWS_AS(image_similarity(ramp(), ramp(), cv::Mat::zeros(ramp().size(), CV_8UC1)), Error);
  CHECK_THROWS_AS(image_similarity(ramp(), ramp()(kMetal), box(kMetal)), Error);
}

TEST_CASE("a perfect restoration has optimal scores") {
  const test::TempDir dir;
  write_case(dir.path(), ramp(), box(kMetal));
  const auto films = compare_restorations(dir / "out", dir / "sim");
  REQUIRE(films.size() == 2);
  CHECK_FALSE(any_unreadable(films));
  CHECK_FALSE(of(films, "a").implanted);
  CHECK(of(films, "a").changed == false);
  const auto& film = of(films, "a-implant");
  CHECK(film.implanted);
  CHECK(film.changed == true);
  CHECK(film.outside_intact == true);
  CHECK(*film.dice == near(1));
  CHECK(*film.recall == near(1));
  CHECK(film.restored->psnr_db > film.film->psnr_db + 30);
}

TEST_CASE("half a mask and a changed pixel outside are detected") {
  const test::TempDir dir;
  const cv::Rect half(kMetal.x, kMetal.y, kMetal.width / 2, kMetal.height);
  cv::Mat restored = with_box(65000);
  ramp()(half).copyTo(restored(half));
  restored.at<std::uint16_t>(0, 0) ^= 1;
  write_case(dir.path(), restored, box(half));
  const auto films = compare_restorations(dir / "out", dir / "sim");
  const auto& film = of(films, "a-implant");
  CHECK(*film.recall == near(0.5));
  CHECK(*film.dice == near(2.0 / 3));
  CHECK(film.outside_intact == false);
  CHECK(to_markdown(films).find("1 of 2 films") != std::string::npos);
}

TEST_CASE("films without a result are rows with their reason") {
  const test::TempDir dir;
  write_case(dir.path(), ramp(), box(kMetal));
  fs::remove_all(dir / "out/a");
  write(dir / "out/a-implant/restored.png", ramp()(kMetal).clone());
  const auto films = compare_restorations(dir / "out", dir / "sim");
  CHECK(films.size() == 2);
  CHECK(any_unreadable(films));
  CHECK_FALSE(of(films, "a").error.empty());
  CHECK_FALSE(of(films, "a-implant").error.empty());
  CHECK(to_csv(films).find("restored.png") != std::string::npos);
  // They count as not detected and as modified.
  CHECK(of(films, "a-implant").implanted);
  CHECK(*of(films, "a-implant").dice == near(0));
  CHECK(*of(films, "a-implant").recall == near(0));
  CHECK_FALSE(of(films, "a").changed.has_value());
  CHECK(to_markdown(films).find("0 of 1") != std::string::npos);
  CHECK_THROWS_AS(compare_restorations(dir / "none", dir / "sim"), Error);
  CHECK_THROWS_AS(compare_restorations(dir / "out", dir / "out"), Error);
}
