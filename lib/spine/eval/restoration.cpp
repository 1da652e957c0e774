#include "spine/eval/restoration.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <opencv2/imgproc.hpp>

#include "spine/core/dice.h"
#include "spine/core/error.h"
#include "spine/eval/text_table.h"
#include "spine/io/image_io.h"
#include "spine/io/mask_io.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"

namespace spine {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kImplanted = "-implant";

double full_scale(const cv::Mat& film) { return film.depth() == CV_8U ? 255.0 : 65535.0; }

constexpr int kSsimWindow = 7;  // px

cv::Mat ssim_map(const cv::Mat& a, const cv::Mat& b) {
  const cv::Size window(kSsimWindow, kSsimWindow);
  const auto mean = [&](const cv::Mat& x) {
    cv::Mat y;
    cv::blur(x, y, window);
    return y;
  };
  const double range = full_scale(a);
  const double c1 = std::pow(0.01 * range, 2);
  const double c2 = std::pow(0.03 * range, 2);
  cv::Mat x, y;
  a.convertTo(x, CV_64F);
  b.convertTo(y, CV_64F);
  const cv::Mat mean_x = mean(x), mean_y = mean(y);
  const cv::Mat product = mean_x.mul(mean_y), squares = mean_x.mul(mean_x) + mean_y.mul(mean_y);
  const cv::Mat covariance = mean(x.mul(y)) - product;
  const cv::Mat variances = mean(x.mul(x) + y.mul(y)) - squares;
  const cv::Mat above = (2 * product + c1).mul(2 * covariance + c2);
  const cv::Mat below = (squares + c1).mul(variances + c2);
  return above / below;
}

/// Stored grey values, whatever the polarity.
cv::Mat read_pixels(const fs::path& file) {
  ReadOptions options;
  options.detect_polarity = false;
  return read_film(file, options).pixels();
}

void compare(const fs::path& result, const fs::path& simulated, RestorationComparison& row) {
  const cv::Mat film = read_pixels(simulated / (row.study + ".png"));
  const fs::path truth_file = simulated / "truth" / row.study / "implant_mask.png";
  const cv::Mat truth =
      fs::exists(truth_file) ? read_mask(truth_file) : cv::Mat::zeros(film.size(), CV_8UC1);
  const int implant_pixels = cv::countNonZero(truth);
  row.implanted = implant_pixels > 0;
  if (row.implanted) row.dice = row.recall = 0;  // if there is no result
  const cv::Mat restored = read_pixels(result / "restored.png");
  const cv::Mat found = read_mask(result / "implant_mask.png");
  if (restored.size() != film.size() || restored.type() != film.type() ||
      found.size() != film.size()) {
    throw Error(ErrorKind::unreadable,
                result.string() + ": expected the film's size and depth, found others");
  }
  row.changed = cv::countNonZero(found) > 0;
  row.outside_intact = cv::countNonZero((restored != film) & ~found) == 0;
  if (!row.implanted) return;
  row.dice = dice(found, truth);
  row.recall = static_cast<double>(cv::countNonZero(found & truth)) / implant_pixels;
  if (!row.study.ends_with(kImplanted)) return;
  const std::string twin = row.study.substr(0, row.study.size() - kImplanted.size());
  const cv::Mat bare = read_pixels(simulated / (twin + ".png"));
  row.film = image_similarity(film, bare, truth);
  row.restored = image_similarity(restored, bare, truth);
}

/// Mean of a value over the films that have it.
template <typename Get>
std::optional<double> mean(const std::vector<RestorationComparison>& films, Get&& get) {
  double sum = 0;
  int count = 0;
  for (const auto& film : films) {
    const std::optional<double> value = get(film);
    if (!value) continue;
    sum += *value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

std::optional<double> psnr(const std::optional<ImageSimilarity>& image_similarity) {
  if (!image_similarity) return std::nullopt;
  return image_similarity->psnr_db;
}
std::optional<double> ssim(const std::optional<ImageSimilarity>& image_similarity) {
  if (!image_similarity) return std::nullopt;
  return image_similarity->ssim;
}

}  // namespace

ImageSimilarity image_similarity(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask) {
  if (a.size() != b.size() || a.type() != b.type() || mask.size() != a.size()) {
    throw Error(ErrorKind::internal,
                "image similarity: images or mask of different sizes or depths");
  }
  if (cv::countNonZero(mask) == 0)
    throw Error(ErrorKind::internal, "image similarity: an empty mask");
  // Crop to the neighbourhood of the mask, to save time on large films.
  const cv::Rect mask_box = cv::boundingRect(mask);
  const cv::Rect box = (mask_box + cv::Size(2 * kSsimWindow, 2 * kSsimWindow) -
                        cv::Point(kSsimWindow, kSsimWindow)) &
                       cv::Rect({}, mask.size());
  cv::Mat difference;
  cv::subtract(a(box), b(box), difference, cv::noArray(), CV_64F);
  const double error = std::max(1.0, cv::mean(difference.mul(difference), mask(box))[0]);
  return {10 * std::log10(std::pow(full_scale(a), 2) / error),
          cv::mean(ssim_map(a(box), b(box)), mask(box))[0]};
}

std::vector<RestorationComparison> compare_restorations(const fs::path& restored,
                                                        const fs::path& simulated) {
  const fs::path truth = simulated / "truth";
  for (const fs::path& folder : {restored, truth}) {
    if (is_folder(folder)) continue;
    throw Error(ErrorKind::not_found,
                "compare restorations: " + folder.string() + ": no such folder");
  }
  std::vector<RestorationComparison> films;
  const FolderListing listing = list_folder(truth);
  if (listing.error) {
    throw Error(ErrorKind::unreadable,
                "compare restorations: " + truth.string() +
                    ": expected a folder that can be read, got: " + listing.error.message());
  }
  for (const auto& entry : listing.entries) {
    if (!is_folder(entry)) continue;
    films.emplace_back();
    films.back().study = entry.filename().string();
  }
  if (films.empty()) {
    throw Error(ErrorKind::not_found,
                "compare restorations: " + truth.string() + ": expected studies, found none");
  }
  std::sort(films.begin(), films.end(),
            [](const auto& a, const auto& b) { return a.study < b.study; });
  cv::parallel_for_({0, static_cast<int>(films.size())}, [&](const cv::Range& range) {
    for (int i = range.start; i < range.end; ++i) {
      RestorationComparison& film = films[static_cast<std::size_t>(i)];
      try {
        compare(restored / film.study, simulated, film);
      } catch (...) {
        film.error = describe_failure(std::current_exception()).message;
      }
    }
  });
  return films;
}

bool any_unreadable(const std::vector<RestorationComparison>& films) {
  return std::any_of(films.begin(), films.end(),
                     [](const auto& film) { return !film.error.empty(); });
}

std::string to_markdown(const std::vector<RestorationComparison>& films) {
  std::vector<RestorationComparison> implanted, bare;
  TextTable faults({"study", "not compared because"});
  int intact = 0;
  for (const auto& film : films) {
    if (!film.error.empty()) faults.add({film.study, film.error});
    (film.implanted ? implanted : bare).push_back(film);
    if (film.outside_intact.value_or(false)) ++intact;
  }
  const auto count_changed = [](const std::vector<RestorationComparison>& some, bool changed) {
    return std::count_if(some.begin(), some.end(),
                         [changed](const auto& film) { return film.changed == changed; });
  };
  const auto of = [](auto part, std::size_t all) {
    return std::to_string(part) + " of " + std::to_string(all);
  };
  TextTable table({"figure", "value"});
  table.add(
      {"films with implants, detected", of(count_changed(implanted, true), implanted.size())});
  table.add({"mask against truth, Dice",
             format_number(mean(implanted, [](const auto& f) { return f.dice; }), 4)});
  table.add({"implant pixels detected (recall)",
             format_number(mean(implanted, [](const auto& f) { return f.recall; }), 4)});
  table.add({"films without implants, unchanged", of(count_changed(bare, false), bare.size())});
  table.add({"pixels outside the mask bit-identical", of(intact, films.size()) + " films"});
  table.add({"film against its twin, over the implants: PSNR (dB)",
             format_number(mean(implanted, [](const auto& f) { return psnr(f.film); }), 2)});
  table.add({"restored against the twin: PSNR (dB)",
             format_number(mean(implanted, [](const auto& f) { return psnr(f.restored); }), 2)});
  table.add({"film: SSIM",
             format_number(mean(implanted, [](const auto& f) { return ssim(f.film); }), 4)});
  table.add({"restored: SSIM",
             format_number(mean(implanted, [](const auto& f) { return ssim(f.restored); }), 4)});
  std::string text = table.to_markdown();
  if (any_unreadable(films)) text += "\n" + faults.to_markdown();
  return text;
}

std::string to_csv(const std::vector<RestorationComparison>& films) {
  TextTable table({"study", "implanted", "changed", "outside_intact", "dice", "recall",
                   "film_psnr_db", "film_ssim", "restored_psnr_db", "restored_ssim", "error"});
  const auto flag = [](std::optional<bool> value) {
    return std::string(!value ? "" : *value ? "1" : "0");
  };
  for (const auto& film : films) {
    table.add({film.study, flag(film.implanted), flag(film.changed), flag(film.outside_intact),
               format_number(film.dice, 5), format_number(film.recall, 5),
               format_number(psnr(film.film), 3), format_number(ssim(film.film), 5),
               format_number(psnr(film.restored), 3), format_number(ssim(film.restored), 5),
               film.error});
  }
  return table.to_csv();
}

}  // namespace spine
