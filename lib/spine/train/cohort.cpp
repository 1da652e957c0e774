#include "spine/train/cohort.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/sha256.h"
#include "spine/io/atomic_file.h"
#include "spine/io/csv.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/locate.h"
#include "spine/train/film_source.h"

namespace spine::train {
namespace {

namespace fs = std::filesystem;

/// Where one film's labels are.
struct Source {
  fs::path labels;  ///< a JSON, or a folder of masks
  std::string name;
};

bool is_labelme(const fs::path& file) {
  if (file.extension() != ".json") return false;
  const auto json = nlohmann::json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains("shapes");
}

bool has_masks(const fs::path& folder) {
  if (fs::is_regular_file(folder / "masks.tif")) return true;
  return std::any_of(kStructures.begin(), kStructures.end(), [&](Structure s) {
    return fs::is_regular_file(folder / (std::string(to_string(s)) + ".png"));
  });
}

/// "a/b/c" -> "a__b__c"
std::string joined_name(const fs::path& path) {
  std::string name;
  for (const auto& part : path) name += (name.empty() ? "" : "__") + part.string();
  return name;
}

/// Sorted by name; names that would be alike are the paths in their input.
std::vector<Source> find_sources(const std::vector<fs::path>& inputs) {
  struct Found {
    fs::path labels, relative;
  };
  std::vector<Found> found;
  for (const auto& input : inputs) {
    if (!fs::is_directory(input)) {
      throw Error(ErrorKind::not_found, "cohort: " + input.string() + ": no such folder");
    }
    if (film_in(input) && has_masks(input)) found.push_back({input, input.filename()});
    for (const auto& item : fs::recursive_directory_iterator(input)) {
      const fs::path& path = item.path();
      const bool labels = item.is_directory() ? film_in(path) && has_masks(path)
                                              : item.is_regular_file() && is_labelme(path);
      if (labels) found.push_back({path, fs::relative(path, input).replace_extension()});
    }
  }
  std::map<std::string, int> count;
  for (const auto& f : found) ++count[f.relative.filename().string()];
  std::vector<Source> sources;
  for (const auto& f : found) {
    const std::string short_name = f.relative.filename().string();
    sources.push_back({f.labels, count[short_name] == 1 ? short_name : joined_name(f.relative)});
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.name < b.name; });
  return sources;
}

/// What is taken into a cohort.
struct LabelledFilm {
  fs::path film;
  std::string extension;  ///< of its copy
  MaskStack masks;
};

fs::path film_beside(const fs::path& json, const fs::path& named) {
  if (fs::is_regular_file(named)) return named;
  for (const char* extension : {".png", ".dcm", ".tif", ".tiff", ".jpg", ".jpeg"}) {
    const fs::path same_name = fs::path(json).replace_extension(extension);
    if (fs::is_regular_file(same_name)) return same_name;
  }
  throw Error(ErrorKind::not_found, "labels: " + json.string() + ": expected the film " +
                                        named.filename().string() + " beside it, found none");
}

std::string usual_extension(const fs::path& film) {
  std::string extension = film.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".jpeg") return ".jpg";
  if (extension == ".tiff") return ".tif";
  const bool usual = extension == ".png" || extension == ".jpg" || extension == ".tif";
  return usual ? extension : ".dcm";
}

/// F1 is the more anterior head, where the anatomy tells the front.
void order_heads(MaskStack& masks) {
  const auto anterior = find_anterior(masks);
  if (!anterior || !masks.has(Structure::F1) || !masks.has(Structure::F2)) return;
  const auto middle = [&](Structure s) {
    const cv::Moments m = cv::moments(masks[s], true);
    return m.m10 / m.m00;
  };
  const bool first_is_left = middle(Structure::F1) < middle(Structure::F2);
  if (first_is_left == (*anterior == Side::left)) return;
  const cv::Mat first = masks[Structure::F1].clone();
  masks.set(Structure::F1, masks[Structure::F2].clone());
  masks.set(Structure::F2, first);
}

LabelledFilm read_labels(const fs::path& labels, const LabelTable& table) {
  LabelledFilm film;
  if (fs::is_directory(labels)) {
    film.film = *film_in(labels);
    film.masks = read_masks(labels);
  } else {
    LabelmeFilm labelme = read_labelme(labels, table);
    film.film = film_beside(labels, labelme.image);
    film.masks = std::move(labelme.masks);
  }
  film.extension = usual_extension(film.film);
  const cv::Size size = read_film(film.film).size();
  if (size != film.masks.size()) {
    const auto text = [](cv::Size s) {
      return std::to_string(s.width) + " x " + std::to_string(s.height);
    };
    throw Error(ErrorKind::unreadable, "labels: " + labels.string() + ": are of " +
                                           text(film.masks.size()) + " pixels, the film of " +
                                           text(size));
  }
  if (std::none_of(kStructures.begin(), kStructures.end(),
                   [&](Structure s) { return film.masks.has(s); })) {
    throw Error(ErrorKind::unreadable, "labels: " + labels.string() + ": show no structure");
  }
  order_heads(film.masks);
  return film;
}

std::map<std::string, std::string> read_patients(const fs::path& file) {
  std::map<std::string, std::string> patients;
  if (file.empty()) return patients;
  const auto rows = parse_csv(read_file(file));
  const std::string where = "cohort: " + file.string();
  if (rows.empty()) throw Error(ErrorKind::usage, where + ": expected a header and rows");
  const std::size_t study = column_of(rows[0], {"study", "study_id"}, where);
  const std::size_t patient = column_of(rows[0], {"patient", "patient_id"}, where);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    if (std::max(study, patient) < cells.size()) patients[cells[study]] = cells[patient];
  }
  return patients;
}

/// The split of every patient: in an order that names and seed give, the first share trains.
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
  if (!options.force && fs::exists(options.output / "cohort.csv")) {
    throw Error(ErrorKind::output, "cohort: " + (options.output / "cohort.csv").string() +
                                       ": expected no cohort, found one; --force replaces it");
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
  write_landmarks(folder / "landmarks.json", locate(film.masks).landmarks);
}

int labelled(const MaskStack& masks) {
  return static_cast<int>(std::count_if(kStructures.begin(), kStructures.end(),
                                        [&](Structure s) { return masks.has(s); }));
}

}  // namespace

std::vector<CohortStudy> build_cohort(const CohortOptions& options) {
  require_sane(options);
  const auto sources = find_sources(options.inputs);
  if (sources.empty()) {
    throw Error(ErrorKind::not_found,
                "cohort: no Labelme JSON and no film with masks in the folders given");
  }
  const auto patients = read_patients(options.patients);
  std::vector<CohortStudy> studies;
  std::set<std::string> names;
  for (const auto& source : sources) {
    CohortStudy study;
    study.study = source.name;
    const auto patient = patients.find(source.name);
    if (patient != patients.end()) {
      study.patient = patient->second;
    } else if (options.patients.empty()) {
      study.patient = source.name;
    } else {
      study.error = "not in " + options.patients.filename().string();
    }
    if (!study.patient.empty()) names.insert(study.patient);
    studies.push_back(std::move(study));
  }
  const auto splits = split_patients(names, options);

  fs::create_directories(options.output);
  if (options.force) {
    for (const char* split : kSplits) fs::remove_all(options.output / split);
  }
  std::map<std::string, std::string> manifests;
  for (const char* split : kSplits) manifests[split] = "study_id,path\n";
  std::string table = "study,patient,split,structures,error\n";
  for (std::size_t i = 0; i < studies.size(); ++i) {
    CohortStudy& study = studies[i];
    try {
      if (study.error.empty()) {
        const LabelledFilm film = read_labels(sources[i].labels, options.labels);
        study.structures = labelled(film.masks);
        study.split = splits.at(study.patient);
        write_study(film, options.output / study.split / study.study);
        manifests[study.split] +=
            csv_cell(study.study) + "," +
            csv_cell(study.split + "/" + study.study + "/film" + film.extension) + "\n";
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::output) throw;
      study.error = error.what();
      study.split.clear();
    }
    table += csv_cell(study.study) + "," + csv_cell(study.patient) + "," + study.split + "," +
             std::to_string(study.structures) + "," + csv_cell(study.error) + "\n";
  }
  for (const auto& [split, manifest] : manifests) {
    write_file_atomically(options.output / (split + ".csv"), manifest);
  }
  write_file_atomically(options.output / "cohort.csv", table);
  return studies;
}

}  // namespace spine::train
