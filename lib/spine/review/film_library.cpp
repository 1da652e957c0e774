#include "spine/review/film_library.h"

#include <algorithm>
#include <utility>

#include "spine/core/error.h"
#include "spine/core/size_text.h"
#include "spine/io/image_io.h"
#include "spine/util/sha256.h"

namespace spine::review {

FilmLibrary::FilmLibrary(batch::InputOptions films) : given_(std::move(films)) {
  // All films, whatever part of them the run processed, and under the spacing of their files:
  // values are measured with the recorded one.
  given_->kind = StudyKind::films;
  given_->recursive = true;
  given_->shard = {};
  given_->selection.by_tags = false;
  given_->spacing.reset();
  given_->anterior.reset();
}

void FilmLibrary::search() {
  if (searched_ || !given_) return;
  searched_ = true;
  batch::StudyList list = batch::collect_studies(*given_);
  key_ = std::move(list.key);
  for (Study& study : list.studies) {
    if (study.error.empty()) by_id_.emplace(study.id, std::move(study));
  }
}

std::vector<std::string> FilmLibrary::ids() {
  const std::lock_guard lock(mutex_);
  search();
  std::vector<std::string> ids;
  for (const auto& [id, film] : by_id_) ids.push_back(id);
  return ids;
}

bool FilmLibrary::has_content(const Study& film, const std::string& sha256) {
  const auto stamp = stamp_of(film.path);
  if (!stamp) return false;
  Known& known = known_[film.id];
  if (known.sha256.empty() || known.stamp != *stamp) {
    try {
      known = {*stamp, sha256_of_file(film.path)};
    } catch (const Error&) {
      return false;
    }
  }
  return known.sha256 == sha256;
}

std::optional<Image> FilmLibrary::kept(const Study& film) {
  const std::lock_guard lock(mutex_);
  const auto stamp = stamp_of(film.path);
  const auto entry = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) {
    return k.path == film.path && k.stamp == stamp;
  });
  if (entry == kept_.end()) return std::nullopt;
  std::rotate(entry, entry + 1, kept_.end());
  return kept_.back().film;
}

void FilmLibrary::keep(const Study& film, const FileStamp& stamp, const Image& image) {
  constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
  const auto bytes = [](const Kept& k) {
    return k.film.pixels().total() * k.film.pixels().elemSize();
  };
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Kept& k) { return k.path == film.path; });
  kept_.push_back({film.path, stamp, image});
  std::size_t sum = 0;
  for (const Kept& k : kept_) sum += bytes(k);
  while (sum > kMostBytes) {
    sum -= bytes(kept_.front());
    kept_.erase(kept_.begin());
  }
}

std::optional<Study> FilmLibrary::find(const std::string& study, const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  if (const auto file = dropped_ ? dropped_->file_of(study) : std::nullopt) {
    Study film;
    film.id = study;
    film.path = *file;
    if (sha256.empty() || has_content(film, sha256)) return film;
  }
  const Study* film = find_given(study, sha256);
  return film == nullptr ? std::nullopt : std::optional(*film);
}

const Study* FilmLibrary::find_given(const std::string& study, const std::string& sha256) {
  search();
  const auto named = by_id_.find(study);
  if (sha256.empty()) return named == by_id_.end() ? nullptr : &named->second;
  if (named != by_id_.end() && has_content(named->second, sha256)) return &named->second;
  for (const auto& [id, film] : by_id_) {
    if (has_content(film, sha256)) return &film;
  }
  return nullptr;
}

Image FilmLibrary::read(const Study& film) {
  // One at a time: several would take several times the memory, and preview and pixels of a film
  // are asked for together.
  const std::lock_guard lock(reading_);
  if (auto image = kept(film)) return *image;
  const auto stamp = stamp_of(film.path);
  ReadOptions options;
  options.frame = film.frame;
  Image image = read_film(film.path, options);
  if (stamp && stamp_of(film.path) == stamp) keep(film, *stamp, image);
  return image;
}

std::optional<DicomSource> FilmLibrary::dicom_source(const std::string& study,
                                                     const std::string& sha256) {
  if (!is_given()) return std::nullopt;
  const auto film = find(study, sha256);
  auto source = film ? find_dicom_source(film->path) : std::nullopt;
  const batch::InputOptions names = given_.value_or(batch::InputOptions{});
  if (!source || names.keep_identifiers) return source;
  if (!key_) key_ = PseudonymKey::load(names.pseudonym_key);
  key_->keep();
  return without_identifiers(*source, *key_, study);
}

Image FilmLibrary::read(const std::string& study, const std::string& sha256, cv::Size size) {
  if (!is_given()) {
    throw Error(ErrorKind::not_found, "film: expected --films with the folder of the films");
  }
  const auto film = find(study, sha256);
  if (!film) {
    throw Error(ErrorKind::not_found,
                "film: expected the film that was measured, found none with its content: it was "
                "changed, or lies elsewhere");
  }
  auto image = read(*film);
  if (image.size() != size) {
    throw Error(ErrorKind::unsupported, "film: expected " + size_text(size) +
                                            " pixels as recorded, got " + size_text(image.size()));
  }
  return image;
}

}  // namespace spine::review
