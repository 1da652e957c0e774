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

/// Where training films come from. Safe for use by several threads at once.
class FilmSource {
 public:
  FilmSource() = default;
  FilmSource(const FilmSource&) = delete;
  FilmSource& operator=(const FilmSource&) = delete;
  FilmSource(FilmSource&&) = delete;
  FilmSource& operator=(FilmSource&&) = delete;
  virtual ~FilmSource() = default;

  /// A film chosen by `rng`.
  [[nodiscard]] virtual TrainingFilm draw(sim::Rng& rng) const = 0;
  /// Looks for films that came since; called between steps, never during draw.
  virtual void refresh() {}
  /// Films to draw from; 0: without end.
  [[nodiscard]] virtual std::size_t count() const = 0;
  /// For the training record, e.g. "simulated, seeds 1000000-1002999".
  [[nodiscard]] virtual std::string description() const = 0;
  /// For whoever looks on, never for a record: it may name somebody's files.
  [[nodiscard]] virtual std::string remark() const { return ""; }
};

/// Films of a path-length cache with seeds in [first_seed, last_seed].
/// @throws Error(not_found) when there is none yet.
std::unique_ptr<FilmSource> cached_films(const std::filesystem::path& folder,
                                         std::uint64_t first_seed, std::uint64_t last_seed);

/// Every film is rendered when it is drawn, with a seed in [first_seed, last_seed].
std::unique_ptr<FilmSource> simulated_films(std::shared_ptr<const sim::Simulator> simulator,
                                            std::uint64_t first_seed, std::uint64_t last_seed);

/// The film of a study's folder: film.png, film.dcm, film.tif, film.jpg or image.png.
std::optional<std::filesystem::path> film_in(const std::filesystem::path& study);

/// Studies of a folder that have masks.tif, sorted by name.
std::vector<std::filesystem::path> studies_with_masks(const std::filesystem::path& folder);

/// Films with masks.tif and landmarks.json beside them, as spine-simulate and spine-pipeline write
/// them: FOLDER/<study>/{film.*, masks.tif, landmarks.json}, and implant_mask.png of films that
/// show metal. Kept in memory with square pixels, by the film's spacing, and up to kCacheRows rows.
/// @throws Error(not_found) when there is none; Error(unreadable) naming a broken file.
std::unique_ptr<FilmSource> folder_films(const std::filesystem::path& folder);

/// Those films of a source that show no metal. `films` must outlive it.
/// @throws Error(not_found), when drawn from, where none is among many draws
std::unique_ptr<FilmSource> without_metal(FilmSource& films);

/// Films of a folder and the folders in it, without truth: for what learns from films alone. A file
/// that cannot be read is left out, which description() counts and remark() tells. Kept in memory
/// with square pixels and up to kCacheRows rows.
/// @throws Error(not_found) when there is none that can be read.
std::unique_ptr<FilmSource> plain_films(const std::filesystem::path& folder);

}  // namespace spine::train
