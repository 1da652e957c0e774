#include "spine/train/cohort.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/locate/locate.h"
#include "spine/stages/segment/anterior.h"
#include "spine/train/film_source.h"
#include "spine/train/label_search.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/describe_failure.h"
#include "spine/util/disk.h"
#include "spine/util/folder.h"
#include "spine/util/sha256.h"
#include "spine/util/text.h"

namespace spine::train {
namespace {

namespace fs = std::filesystem;

/// A film included in the cohort.
struct LabelledFilm {
  fs::path film;
  std::string extension;  ///< of its copy
  MaskStack masks;
  std::optional<Spacing> spacing;
  std::optional<Landmarks> landmarks;  ///< of a reader; nullopt: to be located in the masks
};

fs::path film_beside(const fs::path& json, const fs::path& named) {
  if (is_file(named)) return named;
  for (const char* extension : {".png", ".dcm", ".tif", ".tiff", ".jpg", ".jpeg"}) {
    fs::path same_name = fs::path(json).replace_extension(extension);
    if (is_file(same_name)) return same_name;
  }
  throw Error(ErrorKind::not_found, "labels: " + json.string() + ": expected the film " +
                                        named.filename().string() + " beside it, found none");
}

std::string usual_extension(const fs::path& film) {
  const std::string extension = lower_case(film.extension().string());
  if (extension == ".jpeg") return ".jpg";
  if (extension == ".tiff") return ".tif";
  const bool usual = extension == ".png" || extension == ".jpg" || extension == ".tif";
  return usual ? extension : ".dcm";
}

/// The film of the labels.
fs::path film_of(const LabelSource& source, const LabelTable& table, FilmFinder& films) {
  const fs::path& labels = source.labels;
  if (source.reviewed) return films.find(*source.reviewed);
  if (fs::is_directory(labels)) return *film_in(labels);
  return film_beside(labels, read_labelme(labels, table).image);
}

std::string size_text(cv::Size s) {
  return std::to_string(s.width) + " x " + std::to_string(s.height);
}

[[noreturn]] void refuse(const fs::path& labels, const std::string& what) {
  throw Error(ErrorKind::unreadable, "labels: " + labels.string() + ": " + what);
}

/// Masks of the film in its upright orientation.
MaskStack masks_on(const Image& film, const LabelSource& source, const LabelTable& table) {
  const fs::path& labels = source.labels;
  const bool folder = fs::is_directory(labels);
  MaskStack masks = source.reviewed ? masks_of(*source.reviewed)
                    : folder        ? read_masks(labels)
                                    : read_labelme(labels, table).masks;
  const Orientation stored = film.info().orientation;
  const auto drawn_on = orientation_of_labels(masks.size(), film.size(), stored);
  if (!drawn_on || (folder && *drawn_on != Orientation::top_left)) {
    refuse(labels,
           "are of " + size_text(masks.size()) + " pixels, the film of " + size_text(film.size()));
  }
  // Labels of DICOM films were drawn on a converted image, possibly in another orientation.
  if (!folder && stored != Orientation::top_left && is_dicom(source.film)) {
    refuse(labels,
           "the film is rotated upright by its Patient Orientation: expected masks, as the "
           "orientation of the labels is unknown");
  }
  if (*drawn_on == Orientation::top_left) return masks;
  return read_labelme(labels, table, *drawn_on).masks;
}

LabelledFilm read_labels(const LabelSource& source, const LabelTable& table) {
  const fs::path& labels = source.labels;
  LabelledFilm film;
  film.film = source.film;
  film.extension = usual_extension(film.film);
  const Image image = read_film(film.film);
  film.spacing = image.info().spacing;
  film.masks = masks_on(image, source, table);
  if (std::none_of(kStructures.begin(), kStructures.end(),
                   [&](Structure s) { return film.masks.has(s); })) {
    refuse(labels, "show no structure");
  }
  if (heads_reversed(film.masks)) film.masks.swap(Structure::F1, Structure::F2);
  if (source.reviewed) film.landmarks = landmarks_of(*source.reviewed);
  return film;
}

std::map<std::string, std::string> read_patients(const fs::path& file) {
  std::map<std::string, std::string> patients;
  if (file.empty()) return patients;
  const std::string where = "cohort: " + file.string();
  const auto rows = parse_table(read_file(file), where);
  if (rows.empty()) throw Error(ErrorKind::usage, where + ": expected a header and rows");
  const std::size_t study = column_index(rows[0], {"study", "study_id"}, where);
  const std::size_t patient = column_index(rows[0], {"patient", "patient_id"}, where);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    if (std::max(study, patient) >= cells.size()) continue;
    const auto [known, is_new] = patients.emplace(cells[study], cells[patient]);
    if (!is_new && known->second != cells[patient]) {
      throw Error(ErrorKind::usage, where + ": line " + std::to_string(rows[i].line) + ": study " +
                                        cells[study] + " has another patient before");
    }
  }
  return patients;
}

/// The split of every patient: in an order determined by names and seed, the first share is for
/// training.
std::map<std::string, std::string> split_patients(const std::set<std::string>& patients,
                                                  const CohortOptions& options) {
  std::vector<std::pair<std::string, std::string>> order;
  for (const auto& patient : patients) {
    order.emplace_back(sha256_of_text(std::to_string(options.seed) + "/" + patient), patient);
  }
  std::sort(order.begin(), order.end());
  const auto count = static_cast<double>(order.size());
  std::map<std::string, std::string> splits;
  for (std::size_t i = 0; i < order.size(); ++i) {
    double below = 0;
    std::size_t split = 0;
    while (split + 1 < kSplits.size() &&
           static_cast<double>(i) >= std::round((below + options.shares[split]) * count)) {
      below += options.shares[split++];
    }
    splits[order[i].second] = kSplits[split];
  }
  return splits;
}

void require_sane(const CohortOptions& options) {
  double sum = 0;
  for (const double share : options.shares) {
    if (!(share >= 0)) throw Error(ErrorKind::usage, "cohort: expected shares of 0 or more");
    sum += share;
  }
  if (std::abs(sum - 1) > 1e-6) {
    throw Error(ErrorKind::usage, "cohort: expected shares that add up to 1");
  }
  if (options.force) return;
  for (const char* part : {"cohort.csv", "train", "validation", "test"}) {
    if (!fs::exists(options.output / part)) continue;
    throw Error(ErrorKind::output,
                "cohort: " + (options.output / part).string() +
                    ": expected no cohort, found a part of one; --force replaces it");
  }
}

void write_study(const LabelledFilm& film, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) {
    fs::copy_file(film.film, folder / ("film" + film.extension),
                  fs::copy_options::overwrite_existing, error);
  }
  if (error) {
    throw Error(ErrorKind::output,
                "cohort: cannot write " + folder.string() + ": " + error.message());
  }
  write_masks(folder / "masks.tif", film.masks);
  LocateOptions options;
  options.spacing = film.spacing;
  write_landmarks(folder / "landmarks.json",
                  film.landmarks ? *film.landmarks : locate(film.masks, options).landmarks);
}

int labelled(const MaskStack& masks) {
  return static_cast<int>(std::count_if(kStructures.begin(), kStructures.end(),
                                        [&](Structure s) { return masks.has(s); }));
}

/// The studies of the cohort, each with its patient or the reason for its exclusion. Films labelled
/// by several raters belong to one patient.
std::vector<CohortStudy> assign_patients(std::vector<LabelSource>& sources,
                                         const CohortOptions& options) {
  const auto table = read_patients(options.patients);
  std::map<fs::path, std::string> patient_of_film;
  std::set<std::string> names;
  std::vector<CohortStudy> studies;
  FilmFinder films(options.films);
  for (auto& source : sources) {
    CohortStudy study;
    study.study = source.name;
    if (source.reviewed) {
      study.reader = source.reviewed->reader;
      study.revision = source.reviewed->revision;
    }
    try {
      if (!source.error.empty()) throw Error(ErrorKind::unreadable, source.error);
      if (!names.insert(source.name).second) {
        throw Error(ErrorKind::usage, source.labels.string() + ": another one has its name");
      }
      const auto listed = table.find(source.name);
      if (listed != table.end()) study.patient = listed->second;
      if (!options.patients.empty() && study.patient.empty()) {
        throw Error(
            ErrorKind::usage,
            std::string(listed == table.end() ? "not in" : "no patient in") + " --patients");
      }
      source.film = fs::canonical(film_of(source, options.labels, films));
      const std::string own = study.patient.empty() ? source.name : study.patient;
      const std::string& of_film = patient_of_film.emplace(source.film, own).first->second;
      if (!study.patient.empty() && study.patient != of_film) {
        throw Error(ErrorKind::usage, "its film is also one of " +
                                          (options.names.empty() ? "patient " + of_film
                                                                 : std::string("another patient")));
      }
      study.patient = of_film;
    } catch (...) {
      study.error = options.names(describe_failure(std::current_exception()).message);
    }
    studies.push_back(std::move(study));
  }
  return studies;
}

/// Replaces the folders in names of studies whose labels have the same file name by numbers;
/// patients of the same name are renamed likewise.
void hide_folders(std::vector<CohortStudy>& studies, const std::vector<LabelSource>& sources) {
  std::set<std::string> taken;
  for (const auto& study : studies) taken.insert(study.study);
  for (std::size_t i = 0; i < studies.size(); ++i) {
    const fs::path& labels = sources[i].labels;
    const std::string own =
        fs::is_directory(labels) ? labels.filename().string() : labels.stem().string();
    const std::string before = studies[i].study;
    if (before == own) continue;
    std::string name;
    for (int number = 1; name.empty() || !taken.insert(name).second; ++number) {
      name = own + "_" + std::to_string(number);
    }
    for (auto& study : studies) {
      if (study.patient == before) study.patient = name;
    }
    studies[i].study = name;
  }
}

}  // namespace

std::vector<CohortStudy> build_cohort(const CohortOptions& options) {
  require_sane(options);
  auto sources = find_labels(options.inputs, options.reviewed, options.output);
  if (sources.empty()) {
    throw Error(ErrorKind::not_found,
                "cohort: no Labelme JSON, no film with masks and no review in the folders given");
  }
  std::vector<CohortStudy> studies = assign_patients(sources, options);
  if (!options.names.empty()) hide_folders(studies, sources);
  std::set<std::string> patients;
  for (const auto& study : studies) {
    if (study.error.empty()) patients.insert(study.patient);
  }
  const auto splits = split_patients(patients, options);

  make_folders(options.output);
  if (options.force) {
    for (const char* split : kSplits) fs::remove_all(options.output / split);
  }
  std::map<std::string, std::string> manifests;
  for (const char* split : kSplits) manifests[split] = "study_id,path\n";
  std::string table = "study,patient,split,structures,error,reader,revision\n";
  for (std::size_t i = 0; i < studies.size(); ++i) {
    CohortStudy& study = studies[i];
    try {
      if (study.error.empty()) {
        const LabelledFilm film = read_labels(sources[i], options.labels);
        study.structures = labelled(film.masks);
        study.split = splits.at(study.patient);
        write_study(film, options.output / study.split / study.study);
        manifests[study.split] +=
            csv_cell(study.study) + "," +
            csv_cell(study.split + "/" + study.study + "/film" + film.extension) + "\n";
      }
    } catch (...) {
      const Failure failure = describe_failure(std::current_exception());
      if (failure.kind == ErrorKind::output) throw;
      study.error = options.names(failure.message);
      study.split.clear();
    }
    table += csv_cell(study.study) + "," + csv_cell(study.patient) + "," + study.split + "," +
             std::to_string(study.structures) + "," + csv_cell(study.error) + "," +
             csv_cell(study.reader) + "," + csv_cell(study.revision) + "\n";
  }
  for (const auto& [split, manifest] : manifests) {
    write_file_atomically(options.output / (split + ".csv"), manifest);
  }
  write_file_atomically(options.output / "cohort.csv", table);
  return studies;
}

}  // namespace spine::train
