#include "spine/io/tiff_codec.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/imgcodecs.hpp>

#include "spine/io/atomic_file.h"

using namespace spine;

namespace {

std::vector<cv::Mat> through_file(const std::vector<TiffPage>& pages) {
  const test::TempDir dir;
  const auto bytes = encode_tiff(pages);
  write_file_atomically(dir / "a.tif", bytes);
  std::vector<cv::Mat> back;
  cv::imreadmulti((dir / "a.tif").string(), back, cv::IMREAD_UNCHANGED);
  return back;
}

}  // namespace

TEST_CASE("random pages with runs of every length come back exactly") {
  cv::RNG rng(20240611);
  for (int round = 0; round < 20; ++round) {
    std::vector<TiffPage> pages;
    const int count = rng.uniform(1, 5);
    for (int p = 0; p < count; ++p) {
      cv::Mat page(rng.uniform(1, 200), rng.uniform(1, 700), CV_8UC1);
      auto* pixel = page.ptr<std::uint8_t>();
      for (std::size_t i = 0; i < page.total();) {
        const int longest = rng.uniform(0, 2) == 0 ? 4 : 400;
        const auto run = static_cast<std::size_t>(rng.uniform(1, longest));
        const auto value = static_cast<std::uint8_t>(rng.uniform(0, 256));
        for (std::size_t k = 0; k < run && i < page.total(); ++k) pixel[i++] = value;
      }
      pages.push_back({"page " + std::to_string(p), page});
    }
    const auto back = through_file(pages);
    REQUIRE(back.size() == pages.size());
    for (std::size_t p = 0; p < pages.size(); ++p) {
      REQUIRE(back[p].size() == pages[p].pixels.size());
      CHECK(cv::countNonZero(back[p] != pages[p].pixels) == 0);
    }
  }
}

TEST_CASE("an empty page of a large film takes little room") {
  const auto bytes =
      encode_tiff(std::vector<TiffPage>{{"L1", cv::Mat::zeros(2500, 2000, CV_8UC1)}});
  CHECK(bytes.size() < 100'000);
}
