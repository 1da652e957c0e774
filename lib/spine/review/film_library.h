#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spine/batch/inputs.h"
#include "spine/core/image.h"
#include "spine/io/dicom/dicom_source.h"
#include "spine/review/dropped_films.h"
#include "spine/review/machine_results.h"

namespace spine::review {

/// The films of a cohort. A results folder holds no films: they are found in a folder or manifest
/// by the study's id and, wherever a film has another name or content by now, by the SHA-256 that
/// the run recorded. The films that were read last are kept in memory, up to 32 MiB.
class FilmLibrary {
 public:
  FilmLibrary() = default;
  /// Nothing is read before the first film is looked for.
  /// @param films  as given to the run: folders, manifest, frame, key of the pseudonyms
  explicit FilmLibrary(batch::InputOptions films);

  /// Whether films were given at all.
  [[nodiscard]] bool is_given() const { return given_ || dropped_; }
  /// Also looks among the films that were dropped on the page.
  void add(DroppedFilms films) { dropped_ = std::move(films); }
  /// The ids of the films that were given. @throws Error as batch::collect_studies
  [[nodiscard]] std::vector<std::string> ids();

  /// Reads the film of a study.
  /// @param sha256  of the film, as recorded; empty: not recorded
  /// @param size    of the landmarks, pixels
  /// @throws Error(not_found) if there is no such film, Error(unsupported) if it has another size,
  /// Error as read_film
  [[nodiscard]] Image read(const std::string& study, const std::string& sha256, cv::Size size);

  /// Attributes of a film for DICOM objects, without identifiers unless these are kept; nullopt if
  /// no film was given or found, or it is no DICOM file.
  /// @throws Error(unreadable) for a damaged file, Error(usage) without a pseudonymisation key
  [[nodiscard]] std::optional<DicomSource> dicom_source(const std::string& study,
                                                        const std::string& sha256);

 private:
  struct Known {
    FileStamp stamp;
    std::string sha256;
  };
  struct Kept {
    std::filesystem::path path;
    FileStamp stamp;
    Image film;
  };
  [[nodiscard]] Image read(const Study& film);
  [[nodiscard]] bool has_content(const Study& film, const std::string& sha256);
  [[nodiscard]] std::optional<Image> kept(const Study& film);
  void keep(const Study& film, const FileStamp& stamp, const Image& image);
  [[nodiscard]] std::optional<Study> find(const std::string& study, const std::string& sha256);
  [[nodiscard]] const Study* find_given(const std::string& study, const std::string& sha256);
  void search();

  std::optional<batch::InputOptions> given_;
  std::optional<DroppedFilms> dropped_;
  std::mutex reading_;  ///< held while a film is decoded
  std::mutex mutex_;    ///< of what follows
  bool searched_ = false;
  std::optional<PseudonymKey> key_;
  std::map<std::string, Study> by_id_;
  std::map<std::string, Known> known_;  ///< by id, of films that were hashed
  std::vector<Kept> kept_;              ///< the latest last
};

}  // namespace spine::review
