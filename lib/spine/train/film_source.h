#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spine/sim/rng.h"
#include "spine/sim/simulate.h"
#include "spine/train/augment.h"

namespace spine::train {

/// A source of training films. Thread-safe.
class FilmSource {
 public:
  FilmSource() = default;
  FilmSource(const FilmSource&) = delete;
  FilmSource& operator=(const FilmSource&) = delete;
  FilmSource(FilmSource&&) = delete;
  FilmSource& operator=(FilmSource&&) = delete;
  virtual ~FilmSource() = default;

  /// Draws a film.
  [[nodiscard]] virtual TrainingFilm draw(sim::Rng& rng) const = 0;
  /// Searches for new films; called between steps, never during draw.
  virtual void refresh() {}
  /// Number of films; 0: unlimited.
  [[nodiscard]] virtual std::size_t count() const = 0;
  /// Description for the training record, e.g. "simulated, seeds 1000000-1002999".
  [[nodiscard]] virtual std::string description() const = 0;
  /// Message for the console only: it may contain file names, which must not be recorded.
  [[nodiscard]] virtual std::string remark() const { return ""; }
};

/// Films of a projection cache with seeds in [first_seed, last_seed].
/// @throws Error(not_found) if there is none yet
std::unique_ptr<FilmSource> cached_films(const std::filesystem::path& folder,
                                         std::uint64_t first_seed, std::uint64_t last_seed);

/// Films rendered on demand, with seeds in [first_seed, last_seed].
std::unique_ptr<FilmSource> simulated_films(std::shared_ptr<const sim::Simulator> simulator,
                                            std::uint64_t first_seed, std::uint64_t last_seed);

/// The film in the folder of a study: film.png, film.dcm, film.tif, film.jpg or image.png; nullopt
/// if there is none.
std::optional<std::filesystem::path> film_in(const std::filesystem::path& study);

/// The studies in a folder that have masks.tif, sorted by name.
std::vector<std::filesystem::path> studies_with_masks(const std::filesystem::path& folder);

/// Films with masks.tif and landmarks.json, as written by spine-simulate and spine-pipeline:
/// `FOLDER/<study>/{film.*, masks.tif, landmarks.json}`, and implant_mask.png for films with
/// implants. Kept in memory with square pixels, according to the spacing of the film, and at most
/// kCacheRows rows.
/// @throws Error(not_found) if there is none; Error(unreadable) naming a damaged file
std::unique_ptr<FilmSource> folder_films(const std::filesystem::path& folder);

/// The films of a source without implants. `films` must outlive it.
/// @throws Error(not_found), from draw, if many draws give none
std::unique_ptr<FilmSource> without_implants(FilmSource& films);

/// Films of a folder, searched recursively, without reference: for self-supervised training.
/// Unreadable files are skipped, counted by description() and reported by remark(). Kept in memory
/// with square pixels and at most kCacheRows rows.
/// @throws Error(not_found) if no film can be read
std::unique_ptr<FilmSource> plain_films(const std::filesystem::path& folder);

}  // namespace spine::train
