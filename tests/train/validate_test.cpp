#include "spine/train/validate.h"

#include <algorithm>

#include "support/catch.h"
#include "support/synthetic_spine.h"
#include "support/temp_dir.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/preprocess/preprocess.h"

using namespace spine;

TEST_CASE("A perfect network has the best score, one without detections the worst") {
  const sim::Simulator simulator{{}};
  const InputSpec input;
  const auto films = train::validation_films(simulator, 900'000, 2, input);
  REQUIRE(films.size() == 2);
  REQUIRE(films[0].views.size() == input.views.size());
  CHECK(films[0].views[0].size() == cv::Size(input.size, input.size));

  std::size_t next = 0;
  const train::Predictor truth = [&](const std::vector<std::vector<cv::Mat>>&) {
    const auto& film = films[next++ % films.size()];
    const Letterbox box = letterbox(film.masks.size(), std::nullopt, input.size);
    std::vector<cv::Mat> logits;
    for (const Structure s : kStructures) {
      cv::Mat plane(input.size, input.size, CV_32FC1, cv::Scalar(-8));
      cv::Mat small;
      cv::resize(film.masks[s], small, box.content().size(), 0, 0, cv::INTER_AREA);
      cv::Mat inside = plane(box.content());
      small.convertTo(inside, CV_32F, 16.0 / 255, -8);
      logits.push_back(plane);
    }
    return std::vector<std::vector<cv::Mat>>{logits};
  };
  const auto perfect = train::validate(truth, films, input);
  CHECK(perfect.mean_dice > 0.95);
  for (const char* name : {"SS", "LL"}) {
    INFO(name);
    if (perfect.completed.at(name) > 0) {
      CHECK(perfect.angle_error_deg.at(name).value() < 3);
    }
  }

  const train::Predictor blind = [&](const std::vector<std::vector<cv::Mat>>&) {
    return std::vector<std::vector<cv::Mat>>{std::vector<cv::Mat>(
        kStructureCount, cv::Mat(input.size, input.size, CV_32FC1, cv::Scalar(-9)))};
  };
  const auto nothing = train::validate(blind, films, input);
  CHECK(nothing.mean_dice == 0);
  CHECK_FALSE(nothing.angle_error_deg.at("PT"));
  CHECK(nothing.completed.at("LL") == 0);
  CHECK(summary(nothing).find("PT - (0 %)") != std::string::npos);
}

TEST_CASE("ROI networks are validated on ROIs planned from the reference") {
  const sim::Simulator simulator{{}};
  InputSpec input;
  input.size = 64;
  const auto windows = train::validation_windows(simulator, 900'000, 1, input);
  REQUIRE(windows.size() == 3);
  CHECK(windows[0].views.size() == input.views.size());
  CHECK(windows[0].views[0].size() == cv::Size(64, 64));
  CHECK_FALSE(windows[0].masks[index(Structure::L2)].empty());
  CHECK_FALSE(windows[1].masks[index(Structure::S)].empty());

  std::size_t next = 0;
  const train::Predictor truth = [&](const std::vector<std::vector<cv::Mat>>&) {
    std::vector<cv::Mat> logits;
    for (const cv::Mat& mask : windows[next].masks) {
      cv::Mat plane(input.size, input.size, CV_32FC1, cv::Scalar(-8));
      if (!mask.empty()) plane.setTo(8, mask);
      logits.push_back(plane);
    }
    ++next;
    return std::vector<std::vector<cv::Mat>>{logits};
  };
  const auto perfect = train::validate_rois(truth, windows);
  CHECK(perfect.mean_dice == Approx(1));
  CHECK(perfect.angle_error_deg.empty());
  CHECK(summary(perfect).find("error") == std::string::npos);

  const train::Predictor blind = [&](const std::vector<std::vector<cv::Mat>>&) {
    return std::vector<std::vector<cv::Mat>>{std::vector<cv::Mat>(
        kStructureCount, cv::Mat(input.size, input.size, CV_32FC1, cv::Scalar(-9)))};
  };
  CHECK(train::validate_rois(blind, windows).mean_dice == 0);
}

TEST_CASE("Perfect implant detection has the best score, also without implants") {
  const sim::SimulateOptions usual;
  sim::SimulateOptions implanted;
  implanted.implant_share = 1;
  const InputSpec input;
  const bool roi = GENERATE(false, true);
  auto films = train::validation_implants(sim::Simulator(implanted), 900'000, 2, input, roi);
  const auto bare = train::validation_implants(sim::Simulator(usual), 900'000, 1, input, roi);
  CHECK(films.size() == (roi ? 6 : 2));
  const auto shows_implant = [](const auto& film) { return cv::countNonZero(film.implant) > 0; };
  CHECK(std::any_of(films.begin(), films.end(), shows_implant));
  CHECK(std::none_of(bare.begin(), bare.end(), shows_implant));
  films.insert(films.end(), bare.begin(), bare.end());
  std::size_t next = 0;
  const auto answer = [&](const cv::Mat& seen) {
    cv::Mat logits;
    seen.convertTo(logits, CV_32F, 16.0 / 255, -8);
    return std::vector<std::vector<cv::Mat>>{{logits}};
  };
  const auto truth =
      train::validate_implants([&](const auto&) { return answer(films[next++].implant); }, films);
  CHECK(truth.mean_dice == Approx(1));
  next = 0;
  const auto wrong =
      train::validate_implants([&](const auto&) { return answer(~films[next++].implant); }, films);
  CHECK(wrong.mean_dice < 0.01);
}

TEST_CASE("films of a folder are validated like simulated ones") {
  const test::TempDir folder;
  const sim::Simulator simulator{{}};
  const InputSpec input{.size = 64, .views = {"original"}};
  for (const std::uint64_t seed : {5U, 6U}) {
    const auto study = folder.path() / std::to_string(seed);
    std::filesystem::create_directories(study);
    const auto film = simulator.expose_film(simulator.render_paths(seed, 160), seed);
    write_image(study / "film.png", film.image.pixels());
    write_masks(study / "masks.tif", film.masks);
    if (seed == 5) write_landmarks(study / "landmarks.json", film.landmarks);
  }
  const auto films = train::folder_validation_films(folder.path(), input);
  REQUIRE(films.size() == 2);
  CHECK(films[0].views.at(0).size() == cv::Size(64, 64));
  CHECK(films[0].masks.has(Structure::L3));
  CHECK(films[0].landmarks.s1.has_value());
  CHECK(!films[1].landmarks.s1.has_value());
  CHECK_THROWS_AS(train::folder_validation_films(folder / "nowhere", input), Error);
  std::filesystem::remove(folder.path() / "6" / "film.png");
  CHECK_THROWS_AS(train::folder_validation_films(folder.path(), input), Error);
}

TEST_CASE("Angles and Dice of films with non-square pixels refer to their true shape") {
  const test::TempDir folder;
  const InputSpec input{.size = 256, .views = {"original"}};
  test::SyntheticSpine spine = test::random_spine(5);
  spine.px_per_mm_x = 2;
  spine.px_per_mm_y = 1;
  spine.film = {550, 375};
  spine.hip_px = {225, 312};
  const auto study = folder.path() / "a";
  std::filesystem::create_directory(study);
  DicomWriteOptions tags;
  tags.calibrated_spacing = Spacing{1, 0.5};
  const MaskStack masks = test::true_masks(spine);
  write_dicom(study / "film.dcm", masks[Structure::L3] / 2 + 90, tags);
  write_masks(study / "masks.tif", masks);
  write_landmarks(study / "landmarks.json", test::true_landmarks(spine));
  const auto films = train::folder_validation_films(folder.path(), input);
  REQUIRE(films.size() == 1);
  // Answers with the reference in the network's square.
  const train::Predictor truth = [&](const std::vector<std::vector<cv::Mat>>&) {
    const Letterbox box = letterbox(films[0].masks.size(), Spacing{1, 0.5}, input.size);
    std::vector<cv::Mat> logits;
    for (const Structure s : kStructures) {
      const cv::Mat seen = to_square(Image(films[0].masks[s]), box);
      logits.emplace_back(seen / 255.0 * 16 - 8);
    }
    return std::vector<std::vector<cv::Mat>>{logits};
  };
  const auto result = train::validate(truth, films, input);
  CHECK(result.mean_dice > 0.95);
  for (const char* name : {"SS", "LL", "PT"}) {
    INFO(name);
    REQUIRE(result.angle_error_deg.at(name));
    CHECK(*result.angle_error_deg.at(name) < 3);
  }
}
