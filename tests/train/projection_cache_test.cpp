#include "spine/train/projection_cache.h"

#include <fstream>
#include <limits>

#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using spine::test::phantom_paths;
using spine::test::TempDir;
using spine::train::ProjectionCache;

TEST_CASE("Path lengths are read back within quantisation") {
  const TempDir folder;
  const ProjectionCache cache(folder / "new");
  auto paths = phantom_paths();
  paths.magnification = 1.2;
  paths.landmarks.s1 = spine::Endplate{{1.5, 2.5}, {3.5, 4.5}};
  cache.write(42, paths);
  const auto back = cache.read(42);
  for (std::size_t i = 0; i < paths.length_mm.size(); ++i) {
    INFO(i);
    REQUIRE(back.length_mm[i].empty() == paths.length_mm[i].empty());
    if (paths.length_mm[i].empty()) continue;
    CHECK(cv::norm(back.length_mm[i], paths.length_mm[i], cv::NORM_INF) < 0.01);
  }
  CHECK(cv::norm(back.structures, paths.structures, cv::NORM_INF) == 0);
  CHECK(back.implant.empty());
  CHECK(back.pixel_mm == paths.pixel_mm);
  CHECK(back.magnification == 1.2);
  CHECK(back.landmarks.size == paths.landmarks.size);
  CHECK(back.landmarks.anterior == spine::Side::left);
  REQUIRE(back.landmarks.s1);
  CHECK(back.landmarks.s1->ant == cv::Point2d(3.5, 4.5));
  REQUIRE(back.landmarks.vertebrae[0]);
  CHECK(back.landmarks.vertebrae[0]->inf.post == cv::Point2d(58, 48));
  CHECK_FALSE(back.landmarks.vertebrae[1]);
  REQUIRE(back.landmarks.femoral_heads.size() == 2);
  CHECK(back.landmarks.femoral_heads[1].radius == 8);
}

TEST_CASE("Implants are read back") {
  const TempDir folder;
  const ProjectionCache cache(folder.path());
  auto paths = phantom_paths();
  paths.implant = cv::Mat::zeros(paths.structures.size(), CV_8UC1);
  paths.implant(cv::Rect(10, 20, 30, 8)) = 255;
  cache.write(1, paths);
  CHECK(cv::norm(cache.read(1).implant, paths.implant, cv::NORM_INF) == 0);
}

TEST_CASE("The cache lists its seeds only") {
  const TempDir folder;
  const ProjectionCache cache(folder.path());
  CHECK(ProjectionCache(folder / "missing").seeds().empty());
  cache.write(12, phantom_paths());
  cache.write(3, phantom_paths());
  std::ofstream(folder / "paths-4.bin.tmp-1") << "half";
  std::ofstream(folder / "paths-x.bin") << "?";
  std::ofstream(folder / "readme.txt") << "?";
  CHECK(cache.seeds() == std::vector<std::uint64_t>{3, 12});
}

TEST_CASE("The error for a damaged file names it") {
  const TempDir folder;
  const ProjectionCache cache(folder.path());
  cache.write(1, phantom_paths());
  const auto size = std::filesystem::file_size(cache.file_of(1));
  for (const std::uintmax_t kept : {size - 1, size / 2, std::uintmax_t{20}, std::uintmax_t{3}}) {
    std::filesystem::resize_file(cache.file_of(1), kept);
    try {
      (void)cache.read(1);
      FAIL("a truncated file was read");
    } catch (const spine::Error& error) {
      CHECK(error.kind() == spine::ErrorKind::unreadable);
      CHECK(std::string(error.what()).find("paths-1.bin") != std::string::npos);
    }
  }
  std::ofstream(cache.file_of(2)) << std::string(100, 'x');
  CHECK_THROWS_AS(cache.read(2), spine::Error);
}

TEST_CASE("Filling renders missing seeds with any number of threads") {
  const TempDir folder;
  const spine::sim::Simulator simulator{{}};
  const ProjectionCache one(folder / "one");
  const ProjectionCache two(folder / "two");
  std::uint64_t reported = 0;
  const auto never = [] { return false; };
  one.fill(simulator, 7, 2, 1, never, [&](std::uint64_t done, std::uint64_t) { reported = done; });
  CHECK(reported == 2);
  CHECK(one.seeds() == std::vector<std::uint64_t>{7, 8});
  two.fill(simulator, 7, 2, 2, never, [](std::uint64_t, std::uint64_t) {});
  const auto a = one.read(8);
  const auto b = two.read(8);
  CHECK(a.structures.rows == spine::train::kCacheRows);
  CHECK(cv::norm(a.structures, b.structures, cv::NORM_INF) == 0);
  reported = 0;
  one.fill(simulator, 7, 2, 1, never, [&](std::uint64_t, std::uint64_t) { ++reported; });
  CHECK(reported == 0);
  two.fill(
      simulator, 100, 5, 1, [] { return true; }, [](std::uint64_t, std::uint64_t) {});
  CHECK(two.seeds().size() == 2);
  const ProjectionCache small(folder / "small", 160);
  small.fill(simulator, 7, 1, 1, never, [](std::uint64_t, std::uint64_t) {});
  CHECK(small.read(7).structures.rows == 160);
}
