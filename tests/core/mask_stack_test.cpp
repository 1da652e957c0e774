#include "spine/core/mask_stack.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("A new stack is empty and stores copies") {
  MaskStack masks({5, 4});
  CHECK(masks.size() == cv::Size(5, 4));
  for (const Structure s : kStructures) CHECK_FALSE(masks.has(s));
  cv::Mat mask = cv::Mat::zeros(4, 5, CV_8UC1);
  mask.at<uchar>(1, 2) = 3;
  masks.set(Structure::S, mask);
  mask.setTo(0);
  CHECK(masks.has(Structure::S));
  CHECK(masks[Structure::S].at<uchar>(1, 2) == 255);
  CHECK_FALSE(masks.has(Structure::L5));
}

TEST_CASE("A copy is unaffected by changes of the original") {
  MaskStack masks({5, 4});
  const MaskStack copy = masks;
  masks.set(Structure::S, cv::Mat::ones(4, 5, CV_8UC1));
  CHECK_FALSE(copy.has(Structure::S));
}

TEST_CASE("Masks of another size or type are rejected") {
  MaskStack masks({5, 4});
  CHECK_THROWS_AS(masks.set(Structure::L1, cv::Mat::zeros(5, 4, CV_8UC1)), Error);
  CHECK_THROWS_AS(masks.set(Structure::L1, cv::Mat::zeros(4, 5, CV_32FC1)), Error);
}

TEST_CASE("A default stack is empty") { CHECK_FALSE(MaskStack().has(Structure::L1)); }

TEST_CASE("Masks are set and returned as crops") {
  MaskStack masks({5, 4});
  cv::Mat part = cv::Mat::zeros(2, 3, CV_8UC1);
  part.at<uchar>(1, 1) = 9;
  masks.set(Structure::L2, MaskCrop{{1, 2, 3, 2}, part});
  CHECK(masks.box(Structure::L2) == cv::Rect(2, 3, 1, 1));
  CHECK(masks[Structure::L2].at<uchar>(3, 2) == 255);
  CHECK(cv::countNonZero(masks[Structure::L2]) == 1);
  const MaskCrop crop = masks.crop(Structure::L2);
  CHECK(crop.box == cv::Rect(2, 3, 1, 1));
  CHECK(crop.pixels.at<uchar>(0, 0) == 255);

  masks.swap(Structure::L2, Structure::L3);
  CHECK_FALSE(masks.has(Structure::L2));
  CHECK(masks.has(Structure::L3));
  masks.clear(Structure::L3);
  CHECK_FALSE(masks.has(Structure::L3));
  CHECK(cv::countNonZero(masks[Structure::L3]) == 0);
  masks.set(Structure::L1, MaskCrop{});
  CHECK_FALSE(masks.has(Structure::L1));
  CHECK_THROWS_AS(masks.set(Structure::L1, MaskCrop{{3, 3, 3, 2}, part}), Error);
  CHECK_THROWS_AS(masks.set(Structure::L1, MaskCrop{{0, 0, 3, 3}, part}), Error);
}
