#include "spine/io/mask_io.h"

#include "support/catch.h"
#include "support/pictures.h"
#include "support/tagged.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/io/codecs/png_codec.h"
#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"

namespace fs = std::filesystem;
using namespace spine;
using spine::test::contains;
using spine::test::message_of;

namespace {

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::countNonZero(a != b) == 0;
}

/// Stacked bodies, overlapping heads, an empty L2.
MaskStack example() {
  const cv::Size size(161, 203);
  MaskStack masks(size);
  int y = 5;
  for (const Structure s :
       {Structure::L1, Structure::L3, Structure::L4, Structure::L5, Structure::S}) {
    cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
    cv::rectangle(mask, {60, y, 50, 20}, 255, cv::FILLED);
    masks.set(s, mask);
    y += 25;
  }
  for (const Structure s : {Structure::F1, Structure::F2}) {
    cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
    cv::circle(mask, {s == Structure::F1 ? 50 : 70, 170}, 25, 255, cv::FILLED);
    masks.set(s, mask);
  }
  return masks;
}

void check_same(const MaskStack& a, const MaskStack& b) {
  for (const Structure s : kStructures) {
    INFO(to_string(s));
    CHECK(same(a[s], b[s]));
  }
}

}  // namespace

TEST_CASE("masks.tif preserves masks exactly, including overlaps") {
  const test::TempDir dir;
  write_masks(dir / "masks.tif", example());
  check_same(read_masks(dir / "masks.tif"), example());
  check_same(read_masks(dir.path()), example());  // the folder that contains it
}

TEST_CASE("Crops equal the masks") {
  const test::TempDir dir;
  write_masks(dir / "masks.tif", example());
  fs::create_directory(dir / "classes");
  for (const Structure s : {Structure::L1, Structure::F2}) {
    cv::imwrite((dir / "classes" / (std::string(to_string(s)) + ".png")).string(), example()[s]);
  }
  for (const auto& path : {dir.path(), dir / "masks.tif", dir / "classes"}) {
    const MaskStack masks = read_masks(path);
    const MaskCrops crops = read_mask_crops(path);
    CHECK(crops.size == masks.size());
    for (const Structure s : kStructures) {
      INFO(to_string(s));
      const MaskCrop expected = crop_of(masks[s]);
      CHECK(crops[s].box == expected.box);
      if (!expected.box.empty()) CHECK(same(crops[s].pixels, expected.pixels));
    }
    CHECK(crops[Structure::L2].box.empty());
  }
}

TEST_CASE("labels.png contains indices and is read back as masks") {
  const test::TempDir dir;
  write_labels(dir / "labels.png", example());
  const cv::Mat labels = decode_indexed_png(read_file(dir / "labels.png"), "labels.png");
  CHECK(labels.at<std::uint8_t>(0, 0) == 0);
  CHECK(labels.at<std::uint8_t>(10, 70) == 1);
  CHECK(labels.at<std::uint8_t>(170, 30) == 7);
  CHECK(labels.at<std::uint8_t>(170, 60) == 9);
  check_same(read_masks(dir / "labels.png"), example());
}

TEST_CASE("Grey labels and folders of per-class images are read") {
  const test::TempDir dir;
  const auto masks = example();
  cv::Mat grey = cv::Mat::zeros(masks.size(), CV_8UC1);
  grey.setTo(4, masks[Structure::L4]);
  cv::imwrite((dir / "grey.png").string(), grey);
  const auto back = read_masks(dir / "grey.png");
  CHECK(same(back[Structure::L4], masks[Structure::L4]));
  CHECK_FALSE(back.has(Structure::L1));

  fs::create_directory(dir / "classes");
  cv::imwrite((dir / "classes/L4.png").string(), masks[Structure::L4]);
  cv::imwrite((dir / "classes/F2.png").string(), masks[Structure::F2] / 255);
  const auto classes = read_masks(dir / "classes");
  CHECK(same(classes[Structure::L4], masks[Structure::L4]));
  CHECK(same(classes[Structure::F2], masks[Structure::F2]));
  CHECK_FALSE(classes.has(Structure::S));
}

TEST_CASE("Invalid masks are rejected") {
  const test::TempDir dir;
  const cv::Mat page = cv::Mat::zeros(10, 10, CV_8UC1);
  cv::imwritemulti((dir / "three.tif").string(), std::vector<cv::Mat>{page, page, page});
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_masks(dir / "three.tif"); }),
                 "expected 8 pages (L1 L2 L3 L4 L5 S F1 F2), got 3"));

  const cv::Mat wide = cv::Mat::zeros(10, 12, CV_8UC1);
  std::vector<cv::Mat> pages(8, page);
  pages[5] = wide;
  cv::imwritemulti((dir / "sizes.tif").string(), pages);
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_masks(dir / "sizes.tif"); }),
                 "page S: expected grey 10x10, got 1 channels 12x10"));

  cv::imwrite((dir / "label.png").string(), cv::Mat(10, 10, CV_8UC1, cv::Scalar(77)));
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_masks(dir / "label.png"); }),
                 "expected labels 0 to 9, got 77"));

  write_masks(dir / "masks.tif", example());
  const std::string bytes = read_file(dir / "masks.tif");
  write_file_atomically(dir / "cut.tif", std::string_view(bytes).substr(0, bytes.size() / 2));
  CHECK(
      contains(message_of(ErrorKind::unreadable, [&] { read_masks(dir / "cut.tif"); }), "cut.tif"));

  write_file_atomically(dir / "words.tif", std::string_view("hello"));
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_masks(dir / "words.tif"); }),
                 "expected a TIFF or PNG"));
  fs::create_directory(dir / "empty");
  CHECK(contains(message_of(ErrorKind::not_found, [&] { read_masks(dir / "empty"); }), "empty"));
  message_of(ErrorKind::not_found, [&] { read_masks(dir / "none.tif"); });
  message_of(ErrorKind::output, [&] { write_masks(dir / "none" / "masks.tif", example()); });
  message_of(ErrorKind::output, [&] { write_labels(dir / "none" / "labels.png", example()); });
}

TEST_CASE("Masks with an orientation tag are rotated upright, in every format") {
  const MaskStack upright_masks = example();
  const auto png_of = [](const cv::Mat& stored, int o) {
    return test::with_chunk(test::encoded(".png", stored), "eXIf",
                            test::exif_block({static_cast<std::uint32_t>(o), true, false, 0, 0}));
  };
  for (int o = 1; o <= 8; ++o) {
    INFO("orientation " << o);
    const auto orientation = static_cast<Orientation>(o);
    const test::TempDir dir;
    std::vector<test::TiffRecipe> pages;
    cv::Mat labels = cv::Mat::zeros(upright_masks.size(), CV_8UC1);
    fs::create_directory(dir / "folder");
    for (const Structure s : kStructures) {
      const cv::Mat stored = as_stored(upright_masks[s], orientation);
      pages.push_back({stored, [=](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_ORIENTATION, o); }});
      write_file_atomically(dir / "folder" / (std::string(to_string(s)) + ".png"),
                            png_of(stored, o));
      labels.setTo(static_cast<int>(index(s)) + 1, upright_masks[s]);
    }
    write_file_atomically(dir / "masks.tif", test::tiff_of(pages));
    write_file_atomically(dir / "labels.png", png_of(as_stored(labels, orientation), o));
    check_same(read_masks(dir / "masks.tif"), upright_masks);
    check_same(read_masks(dir / "folder"), upright_masks);
    const MaskCrops crops = read_mask_crops(dir / "masks.tif");
    CHECK(crops.size == upright_masks.size());
    CHECK(
        same(crops[Structure::L3].pixels, upright_masks[Structure::L3](crops[Structure::L3].box)));
    const MaskStack from_labels = read_masks(dir / "labels.png");
    CHECK(same(from_labels[Structure::L3], upright_masks[Structure::L3]));
    CHECK(same(from_labels[Structure::F2], upright_masks[Structure::F2]));
  }
}
