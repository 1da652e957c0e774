#include "spine/train/film_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/train/path_cache.h"

namespace spine::train {
namespace {

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return std::to_string(first) + "-" + std::to_string(last);
}

class CachedFilms : public FilmSource {
 public:
  CachedFilms(const std::filesystem::path& folder, std::uint64_t first, std::uint64_t last)
      : cache_(folder), first_(first), last_(last) {
    scan();
    if (seeds_.empty()) {
      throw Error(ErrorKind::not_found, "training: no path-length files of seeds " +
                                            range_text(first, last) + " in " + folder.string());
    }
  }
  TrainingFilm draw(sim::Rng& rng) const override {
    const auto i = rng.integer(0, static_cast<int>(seeds_.size()) - 1);
    TrainingFilm film;
    film.paths = cache_.read(seeds_[static_cast<std::size_t>(i)]);
    return film;
  }
  void refresh() override { scan(); }
  [[nodiscard]] std::size_t count() const override { return seeds_.size(); }
  [[nodiscard]] std::string description() const override {
    return "simulated, " + std::to_string(seeds_.size()) + " patients of seeds " +
           range_text(seeds_.front(), seeds_.back()) + ", exposed anew for every sample";
  }

 private:
  void scan() {
    seeds_.clear();
    for (const auto seed : cache_.seeds()) {
      if (seed >= first_ && seed <= last_) seeds_.push_back(seed);
    }
  }
  PathCache cache_;
  std::uint64_t first_, last_;
  std::vector<std::uint64_t> seeds_;
};

class SimulatedFilms : public FilmSource {
 public:
  SimulatedFilms(std::shared_ptr<const sim::Simulator> simulator, std::uint64_t first,
                 std::uint64_t last)
      : simulator_(std::move(simulator)), first_(first), last_(last) {}
  TrainingFilm draw(sim::Rng& rng) const override {
    TrainingFilm film;
    film.paths = simulator_->render_paths(first_ + rng.next() % (last_ - first_ + 1), kCacheRows);
    return film;
  }
  [[nodiscard]] std::size_t count() const override { return 0; }
  [[nodiscard]] std::string description() const override {
    return "simulated on the fly, seeds " + range_text(first_, last_);
  }

 private:
  std::shared_ptr<const sim::Simulator> simulator_;
  std::uint64_t first_, last_;
};

/// A film with its masks, shrunk to the rows that training needs.
TrainingFilm load_film(const std::filesystem::path& file, const std::filesystem::path& masks_file) {
  const Image image = read_film(file);
  const MaskStack masks = read_masks(masks_file);
  if (masks.size() != image.size()) {
    throw Error(ErrorKind::unreadable,
                "training: " + masks_file.string() + ": the masks' size differs from the film's");
  }
  const double scale = std::min(1.0, static_cast<double>(kCacheRows) / image.size().height);
  const cv::Size size(std::max(1, cvRound(image.size().width * scale)),
                      std::max(1, cvRound(image.size().height * scale)));
  TrainingFilm film;
  cv::Mat grey;
  image.pixels().convertTo(grey, CV_32F, 1.0 / image.max_value());
  cv::resize(grey, film.film, size, 0, 0, cv::INTER_AREA);
  film.paths.structures = cv::Mat::zeros(size, CV_8UC1);
  for (const Structure s : kStructures) {
    cv::Mat small;
    cv::resize(masks[s], small, size, 0, 0, cv::INTER_AREA);
    cv::Mat bit = (small > 127) / 255 * (1 << index(s));
    film.paths.structures |= bit;
  }
  return film;
}

class FolderFilms : public FilmSource {
 public:
  explicit FolderFilms(const std::filesystem::path& folder) : folder_(folder) {
    std::vector<std::filesystem::path> studies;
    std::error_code error;
    for (const auto& item : std::filesystem::directory_iterator(folder, error)) {
      if (std::filesystem::is_regular_file(item.path() / "masks.tif"))
        studies.push_back(item.path());
    }
    std::sort(studies.begin(), studies.end());
    for (const auto& study : studies) {
      const auto film_file = find_film(study);
      films_.push_back(load_film(film_file, study / "masks.tif"));
      const auto landmarks = study / "landmarks.json";
      if (std::filesystem::is_regular_file(landmarks)) {
        films_.back().paths.landmarks.anterior = read_landmarks(landmarks).anterior;
      }
    }
    if (films_.empty()) {
      throw Error(ErrorKind::not_found,
                  "training: no <study>/masks.tif with a film beside it in " + folder.string());
    }
  }
  TrainingFilm draw(sim::Rng& rng) const override {
    return films_[static_cast<std::size_t>(rng.integer(0, static_cast<int>(films_.size()) - 1))];
  }
  [[nodiscard]] std::size_t count() const override { return films_.size(); }
  [[nodiscard]] std::string description() const override {
    return std::to_string(films_.size()) + " films with masks of a folder";
  }

 private:
  static std::filesystem::path find_film(const std::filesystem::path& study) {
    for (const char* name : {"film.png", "film.dcm", "film.tif", "film.jpg", "image.png"}) {
      if (std::filesystem::is_regular_file(study / name)) return study / name;
    }
    throw Error(ErrorKind::not_found, "training: " + study.string() +
                                          ": expected film.png, film.dcm, film.tif or film.jpg");
  }
  std::filesystem::path folder_;
  std::vector<TrainingFilm> films_;
};

}  // namespace

std::unique_ptr<FilmSource> cached_films(const std::filesystem::path& folder,
                                         std::uint64_t first_seed, std::uint64_t last_seed) {
  return std::make_unique<CachedFilms>(folder, first_seed, last_seed);
}

std::unique_ptr<FilmSource> simulated_films(std::shared_ptr<const sim::Simulator> simulator,
                                            std::uint64_t first_seed, std::uint64_t last_seed) {
  return std::make_unique<SimulatedFilms>(std::move(simulator), first_seed, last_seed);
}

std::unique_ptr<FilmSource> folder_films(const std::filesystem::path& folder) {
  return std::make_unique<FolderFilms>(folder);
}

}  // namespace spine::train
