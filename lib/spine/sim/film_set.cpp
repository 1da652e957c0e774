#include "spine/sim/film_set.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/io/report_io.h"
#include "spine/sim/dicom_film.h"
#include "spine/sim/implants.h"
#include "spine/sim/simulated_raters.h"
#include "spine/stages/measure/measure.h"
#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"
#include "spine/util/json.h"
#include "spine/util/thread_group.h"

namespace spine::sim {

namespace {

namespace fs = std::filesystem;

/// A film to simulate.
struct Item {
  std::uint64_t seed = 0;
  bool implants = false;
  std::string id;
};

std::vector<Item> plan(const FilmSetOptions& options) {
  std::vector<Item> items;
  for (int i = 0; i < options.count; ++i) {
    const std::uint64_t seed = options.first_seed + static_cast<std::uint64_t>(i);
    const std::string id = study_id(seed);
    switch (options.implants) {
      case ImplantChoice::none:
        items.push_back({seed, false, id});
        break;
      case ImplantChoice::always:
        items.push_back({seed, true, id});
        break;
      case ImplantChoice::share:
        items.push_back({seed, is_implanted(seed, options.implant_share), id});
        break;
      case ImplantChoice::twins:
        items.push_back({seed, false, id});
        items.push_back({seed, true, id + "-implant"});
        break;
    }
  }
  return items;
}

fs::path film_name(const Item& item, const FilmSetOptions& options) {
  return item.id + (options.dicom ? ".dcm" : ".png");
}

/// @throws Error(output) if a file of the set exists already
void require_free(const std::vector<Item>& items, const FilmSetOptions& options) {
  if (options.force) return;
  std::vector<fs::path> files{options.output / "studies.csv"};
  if (!options.contact_sheet.empty()) files.push_back(options.contact_sheet);
  for (const Item& item : items) {
    files.push_back(options.output / film_name(item, options));
    files.push_back(options.output / "truth" / item.id);
  }
  for (const fs::path& file : files) {
    if (fs::exists(file)) {
      throw Error(ErrorKind::output,
                  "simulate: " + file.string() +
                      ": expected no such file (or --force), got an existing one");
    }
  }
}

/// @throws Error(output) if no image can be written there: checked before the first film
void require_picture(const fs::path& file) {
  if (file.has_parent_path()) make_folders(file.parent_path());
  if (fs::is_directory(file) || !cv::haveImageWriter(file.string())) {
    throw Error(ErrorKind::output, "simulate: " + file.string() +
                                       ": expected the name of an image (.png, .jpg), got " +
                                       (fs::is_directory(file) ? "a folder" : "another extension"));
  }
}

void write_truth(const Item& item, const SimulatedFilm& film, const PatientOptions& patient,
                 const fs::path& folder) {
  make_folders(folder);
  write_masks(folder / "masks.tif", film.masks);
  write_labels(folder / "labels.png", film.masks);
  write_landmarks(folder / "landmarks.json", film.landmarks);
  if (!film.implant_mask.empty()) write_image(folder / "implant_mask.png", film.implant_mask);
  MeasureOptions measure_options;
  measure_options.spacing = film.image.info().spacing;
  const nlohmann::json provenance{{"simulated", true},
                                  {"seed", item.seed},
                                  {"implants", item.implants},
                                  {"lumbar_bodies", patient.lumbar_bodies}};
  write_json(
      folder / "measurements.json",
      to_json(item.id, measure(film.landmarks, measure_options), film.image.info(), provenance));
}

/// One film for the contact sheet, 8 bit, on a tile of fixed size.
cv::Mat make_tile(const cv::Mat& film_16, const std::string& id) {
  constexpr int kHeight = 480, kWidth = 400;
  cv::Mat film, tile(kHeight, kWidth, CV_8UC1, cv::Scalar(80));
  film_16.convertTo(film, CV_8U, 1 / 257.0);
  const double scale =
      std::min(kHeight / static_cast<double>(film.rows), kWidth / static_cast<double>(film.cols));
  const cv::Size size(std::max(1, static_cast<int>(film.cols * scale)),
                      std::max(1, static_cast<int>(film.rows * scale)));
  cv::resize(film, film, size, 0, 0, cv::INTER_AREA);
  film.copyTo(tile(cv::Rect({(kWidth - size.width) / 2, (kHeight - size.height) / 2}, size)));
  cv::putText(tile, id, {6, kHeight - 6}, cv::FONT_HERSHEY_SIMPLEX, 0.4, 255, 1, cv::LINE_AA);
  return tile;
}

void write_contact_sheet(const std::vector<cv::Mat>& tiles, const fs::path& file) {
  std::vector<cv::Mat> shown;
  std::copy_if(tiles.begin(), tiles.end(), std::back_inserter(shown),
               [](const cv::Mat& t) { return !t.empty(); });
  if (shown.empty()) return;
  const int columns = std::min(6, static_cast<int>(shown.size()));
  const int rows = (static_cast<int>(shown.size()) + columns - 1) / columns;
  const cv::Size tile = shown.front().size();
  cv::Mat sheet = cv::Mat::zeros(rows * tile.height, columns * tile.width, CV_8UC1);
  for (int i = 0; i < static_cast<int>(shown.size()); ++i) {
    const cv::Point at(i % columns * tile.width, i / columns * tile.height);
    shown[static_cast<std::size_t>(i)].copyTo(sheet(cv::Rect(at, tile)));
  }
  write_image(file, sheet);
}

/// The workers' shared state.
struct Progress {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  int done = 0;
  std::exception_ptr error;
  std::vector<std::string> rows;      ///< of studies.csv, by item
  std::vector<std::string> readings;  ///< of raters.csv, by item
  std::vector<cv::Mat> tiles;
};

class FilmSetWriter {
 public:
  explicit FilmSetWriter(const FilmSetOptions& options)
      : options_(options), items_(plan(options)), simulator_(options.simulate) {
    progress_.rows.resize(items_.size());
    progress_.readings.resize(items_.size());
    progress_.tiles.resize(items_.size());
  }

  int write() {
    require_free(items_, options_);
    make_folders(options_.output / "truth");
    if (!options_.contact_sheet.empty()) require_picture(options_.contact_sheet);
    const int workers =
        std::clamp(options_.threads, 1, std::max(1, static_cast<int>(items_.size())));
    ThreadGroup threads;
    for (int i = 1; i < workers; ++i) threads.start([this] { work(); });
    work();
    threads.join();
    if (progress_.error) std::rethrow_exception(progress_.error);
    std::ostringstream manifest;
    manifest << "study_id,path,spacing_mm,anterior\n";
    for (const std::string& row : progress_.rows) manifest << row;
    write_file_atomically(options_.output / "studies.csv", manifest.str());
    if (options_.raters > 0) {
      std::string readings = "case,rater,session,parameter,value\n";
      for (const std::string& rows : progress_.readings) readings += rows;
      write_file_atomically(options_.output / "raters.csv", readings);
    }
    if (!options_.contact_sheet.empty())
      write_contact_sheet(progress_.tiles, options_.contact_sheet);
    return progress_.done;
  }

 private:
  void work() {
    try {
      while (!progress_.failed && !(options_.stopped && options_.stopped())) {
        const std::size_t i = progress_.next++;
        if (i >= items_.size()) return;
        write_one(i);
        const std::lock_guard lock(progress_.mutex);
        ++progress_.done;
        if (options_.progress) options_.progress(progress_.done, static_cast<int>(items_.size()));
      }
    } catch (...) {
      const std::lock_guard lock(progress_.mutex);
      if (!progress_.error) progress_.error = std::current_exception();
      progress_.failed = true;
    }
  }

  void write_one(std::size_t i) {
    const Item& item = items_[i];
    const SimulatedFilm film = simulator_.simulate(item.seed, item.implants);
    const fs::path name = film_name(item, options_);
    write_truth(item, film, options_.simulate.patient, options_.output / "truth" / item.id);
    if (options_.dicom) {
      write_dicom_film(options_.output / name, film.image, item.id, item.seed);
    } else {
      write_image(options_.output / name, film.image.pixels());
    }
    std::ostringstream row;
    row << item.id << ',' << name.string() << ',' << film.image.info().spacing->row_mm << ','
        << to_string(film.landmarks.anterior) << '\n';
    progress_.rows[i] = row.str();
    if (options_.raters > 0) {
      progress_.readings[i] = readings_of(film.landmarks, *film.image.info().spacing, item.id,
                                          options_.raters, options_.sessions);
    }
    if (!options_.contact_sheet.empty())
      progress_.tiles[i] = make_tile(film.image.pixels(), item.id);
  }

  const FilmSetOptions& options_;
  std::vector<Item> items_;
  Simulator simulator_;
  Progress progress_;
};

}  // namespace

void choose_implants(const std::string& word, FilmSetOptions& options) {
  static const std::map<std::string, ImplantChoice> kChoices{{"none", ImplantChoice::none},
                                                             {"always", ImplantChoice::always},
                                                             {"twins", ImplantChoice::twins}};
  if (const auto found = kChoices.find(word); found != kChoices.end()) {
    options.implants = found->second;
    return;
  }
  std::istringstream text(word);
  double share = -1;
  text >> share;
  if (text.fail() || !text.eof() || share < 0 || share > 1) {
    throw Error(
        ErrorKind::usage,
        "usage: --implants: expected none, always, twins or a share from 0 to 1, got " + word);
  }
  options.implants = ImplantChoice::share;
  options.implant_share = share;
}

std::string study_id(std::uint64_t seed) {
  char text[32];
  std::snprintf(text, sizeof text, "sim-%06llu", static_cast<unsigned long long>(seed));
  return text;
}

int write_film_set(const FilmSetOptions& options) { return FilmSetWriter(options).write(); }

}  // namespace spine::sim
