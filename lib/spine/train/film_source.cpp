#include "spine/train/film_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/dataset/study_set.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/train/projection_cache.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"

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
           range_text(seeds_.front(), seeds_.back()) + ", exposed for every sample";
  }

 private:
  void scan() {
    seeds_.clear();
    for (const auto seed : cache_.seeds()) {
      if (seed >= first_ && seed <= last_) seeds_.push_back(seed);
    }
  }
  ProjectionCache cache_;
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

/// The size of a film in memory: square pixels, as in the letterbox of inference, and the number of
/// rows needed for training.
cv::Size kept_size(const Image& image) {
  const Spacing spacing = image.info().spacing.value_or(Spacing{1, 1});
  const double side = std::min(spacing.row_mm, spacing.col_mm);
  const double width = image.size().width * (spacing.col_mm / side);
  const double height = image.size().height * (spacing.row_mm / side);
  const double scale = std::min(1.0, kCacheRows / height);
  return {std::max(1, cvRound(width * scale)), std::max(1, cvRound(height * scale))};
}

/// Resamples like to_square: averages areas unless an axis is enlarged.
cv::Mat resampled(const cv::Mat& plane, cv::Size size) {
  const bool shrinks = size.width <= plane.cols && size.height <= plane.rows;
  cv::Mat result;
  cv::resize(plane, result, size, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

/// Grey values in [0,1] at the size in memory.
cv::Mat shrink(const Image& image) {
  cv::Mat grey;
  image.pixels().convertTo(grey, CV_32F, 1.0 / image.max_value());
  return resampled(grey, kept_size(image));
}

/// A film with its masks, at the same scale.
TrainingFilm load_film(const std::filesystem::path& file, const std::filesystem::path& masks_file) {
  const Image image = read_film(file);
  const MaskStack masks = read_masks(masks_file);
  if (masks.size() != image.size()) {
    throw Error(ErrorKind::unreadable,
                "training: " + masks_file.string() + ": the masks' size differs from the film's");
  }
  TrainingFilm film;
  film.film = shrink(image);
  const cv::Size size = film.film.size();
  film.paths.structures = cv::Mat::zeros(size, CV_8UC1);
  for (const Structure s : kStructures) {
    cv::Mat bit = (resampled(masks[s], size) > 127) / 255 * (1 << index(s));
    film.paths.structures |= bit;
  }
  const std::filesystem::path implant = masks_file.parent_path() / "implant_mask.png";
  if (may_be_file(implant)) film.paths.implant = resampled(read_mask(implant), size) > 127;
  return film;
}

/// Films kept in memory.
class FilmsInMemory : public FilmSource {
 public:
  FilmsInMemory(std::vector<TrainingFilm> films, std::string description, std::string remark = "")
      : films_(std::move(films)),
        description_(std::move(description)),
        remark_(std::move(remark)) {}
  TrainingFilm draw(sim::Rng& rng) const override {
    return films_[static_cast<std::size_t>(rng.integer(0, static_cast<int>(films_.size()) - 1))];
  }
  [[nodiscard]] std::size_t count() const override { return films_.size(); }
  [[nodiscard]] std::string description() const override { return description_; }
  [[nodiscard]] std::string remark() const override { return remark_; }

 private:
  std::vector<TrainingFilm> films_;
  std::string description_, remark_;
};

/// Passes on films without implants.
class WithoutImplants : public FilmSource {
 public:
  explicit WithoutImplants(FilmSource& films) : films_(films) {}
  TrainingFilm draw(sim::Rng& rng) const override {
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; ++i) {
      TrainingFilm film = films_.draw(rng);
      if (film.paths.implant.empty()) return film;
    }
    throw Error(ErrorKind::not_found, "training: no film without implants in " +
                                          std::to_string(kTries) + " draws from " +
                                          films_.description());
  }
  void refresh() override { films_.refresh(); }
  [[nodiscard]] std::size_t count() const override { return films_.count(); }
  [[nodiscard]] std::string description() const override {
    return films_.description() + ", without implants";
  }

 private:
  FilmSource& films_;
};

std::filesystem::path film_of(const std::filesystem::path& study) {
  const auto film = film_in(study);
  if (film) return *film;
  throw Error(ErrorKind::not_found, "training: " + study.string() +
                                        ": expected film.png, film.dcm, film.tif or film.jpg");
}

}  // namespace

std::optional<std::filesystem::path> film_in(const std::filesystem::path& study) {
  for (const char* name : {"film.png", "film.dcm", "film.tif", "film.jpg", "image.png"}) {
    if (is_file(study / name)) return study / name;
  }
  return std::nullopt;
}

std::vector<std::filesystem::path> studies_with_masks(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> studies;
  for (const auto& item : list_folder(folder).entries) {
    if (is_file(item / "masks.tif")) studies.push_back(item);
  }
  return studies;
}

std::unique_ptr<FilmSource> cached_films(const std::filesystem::path& folder,
                                         std::uint64_t first_seed, std::uint64_t last_seed) {
  return std::make_unique<CachedFilms>(folder, first_seed, last_seed);
}

std::unique_ptr<FilmSource> simulated_films(std::shared_ptr<const sim::Simulator> simulator,
                                            std::uint64_t first_seed, std::uint64_t last_seed) {
  return std::make_unique<SimulatedFilms>(std::move(simulator), first_seed, last_seed);
}

std::unique_ptr<FilmSource> folder_films(const std::filesystem::path& folder) {
  std::vector<TrainingFilm> films;
  for (const auto& study : studies_with_masks(folder)) {
    films.push_back(load_film(film_of(study), study / "masks.tif"));
    const auto landmarks = study / "landmarks.json";
    if (may_be_file(landmarks)) {
      films.back().paths.landmarks.anterior = read_landmarks(landmarks).anterior;
    }
  }
  if (films.empty()) {
    throw Error(ErrorKind::not_found,
                "training: no <study>/masks.tif with a film beside it in " + folder.string());
  }
  const std::string description = std::to_string(films.size()) + " films with masks of a folder";
  return std::make_unique<FilmsInMemory>(std::move(films), description);
}

std::unique_ptr<FilmSource> without_implants(FilmSource& films) {
  return std::make_unique<WithoutImplants>(films);
}

std::unique_ptr<FilmSource> plain_films(const std::filesystem::path& folder) {
  std::vector<TrainingFilm> films;
  std::string unread;
  int unread_count = 0;
  const auto leave_out = [&](const std::string& why) {
    if (unread_count++ == 0) unread = why;
  };
  for (const Study& study : discover({folder}, {.recursive = true})) {
    if (!study.error.empty()) {
      leave_out(study.error);
      continue;
    }
    try {
      TrainingFilm film;
      film.film = shrink(read_film(study.path));
      film.paths.structures = cv::Mat::zeros(film.film.size(), CV_8UC1);
      films.push_back(std::move(film));
    } catch (...) {
      leave_out(describe_failure(std::current_exception()).message);
    }
  }
  if (films.empty()) {
    throw Error(ErrorKind::not_found, "training: no film that can be read in " + folder.string());
  }
  std::string description = std::to_string(films.size()) + " films of a folder";
  if (unread_count > 0) {
    description += " (" + std::to_string(unread_count) + " could not be read)";
    unread = "could not be read, the first: " + unread;
  }
  return std::make_unique<FilmsInMemory>(std::move(films), description, unread);
}

}  // namespace spine::train
