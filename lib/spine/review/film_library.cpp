#include "spine/review/film_library.h"

#include <utility>

#include "spine/core/error.h"
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
  if (searched_) return;
  searched_ = true;
  batch::StudyList list = batch::collect_studies(*given_);
  key_ = std::move(list.key);
  for (Study& study : list.studies) {
    if (study.error.empty()) by_id_.emplace(study.id, std::move(study));
  }
}

const Study* FilmLibrary::find(const std::string& study, const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  search();
  const auto hash = [&](const Study& film) -> const std::string& {
    auto& known = hash_of_[film.id];
    if (known.empty()) known = sha256_of_file(film.path);
    return known;
  };
  const auto named = by_id_.find(study);
  if (sha256.empty()) return named == by_id_.end() ? nullptr : &named->second;
  if (named != by_id_.end() && hash(named->second) == sha256) return &named->second;
  for (const auto& [id, film] : by_id_) {
    if (hash(film) == sha256) return &film;
  }
  return nullptr;
}

std::optional<DicomSource> FilmLibrary::dicom_source(const std::string& study,
                                                     const std::string& sha256) {
  if (!given_) return std::nullopt;
  const Study* film = find(study, sha256);
  auto source = film == nullptr ? std::nullopt : find_dicom_source(film->path);
  if (!source || given_->keep_identifiers) return source;
  if (!key_) key_ = PseudonymKey::load(given_->pseudonym_key);
  key_->keep();
  return without_identifiers(*source, *key_, study);
}

Image FilmLibrary::read(const std::string& study, const std::string& sha256, cv::Size size) {
  if (!given_) {
    throw Error(ErrorKind::not_found, "film: expected --films with the folder of the films");
  }
  const Study* film = find(study, sha256);
  if (film == nullptr) {
    throw Error(ErrorKind::not_found,
                "film: expected the film that was measured, found none with its content: it was "
                "changed, or lies elsewhere");
  }
  ReadOptions options;
  options.frame = film->frame;
  Image image = read_film(film->path, options);
  if (image.size() != size) {
    const auto text = [](cv::Size s) {
      return std::to_string(s.width) + "x" + std::to_string(s.height);
    };
    throw Error(ErrorKind::unsupported,
                "film: expected " + text(size) + " pixels as recorded, got " + text(image.size()));
  }
  return image;
}

}  // namespace spine::review
