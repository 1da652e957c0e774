#include "spine/train/validate.h"

#include <cmath>
#include <cstdio>

#include <opencv2/imgproc.hpp>

#include "spine/core/dice.h"
#include "spine/core/error.h"
#include "spine/core/statistics.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/locate/locate.h"
#include "spine/stages/measure/measure.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/segment/segment.h"
#include "spine/train/augment.h"
#include "spine/train/film_source.h"
#include "spine/train/projection_cache.h"

namespace spine::train {
namespace {

/// Mean Dice by output over the images that show it.
class DiceMeans {
 public:
  void add(const std::string& output, double dice) {
    auto& mean = means_[output];
    mean.sum += dice;
    ++mean.count;
  }
  /// Outputs that no image shows have 0 and do not count.
  void write_to(Validation& validation, const std::vector<std::string>& outputs) const {
    for (const auto& output : outputs) {
      const auto mean = means_.find(output);
      validation.dice[output] = mean == means_.end() ? 0 : mean->second.sum / mean->second.count;
      validation.mean_dice += validation.dice[output];
    }
    if (!means_.empty()) validation.mean_dice /= static_cast<double>(means_.size());
  }

 private:
  struct Mean {
    double sum = 0;
    int count = 0;
  };
  std::map<std::string, Mean> means_;
};

std::string name_of(std::size_t structure) {
  return std::string(to_string(kStructures[structure]));
}

sim::SimulatedFilm validation_film(const sim::Simulator& simulator, std::uint64_t seed) {
  return simulator.expose_film(simulator.render_paths(seed, kCacheRows), seed);
}

/// Places a film in the network's square like inference.
Letterbox box_of(const Image& film, const InputSpec& input) {
  return letterbox(film.size(), film.info().spacing, input.size);
}

std::vector<cv::Mat> views_of(const Image& film, const InputSpec& input) {
  return make_views(to_net_square(film, box_of(film, input)), input.views);
}

std::vector<cv::Mat> probabilities(const std::vector<cv::Mat>& logits) {
  std::vector<cv::Mat> planes;
  for (const auto& logit : logits) planes.push_back(sigmoid(logit));
  return planes;
}

}  // namespace

std::vector<ValidationFilm> validation_films(const sim::Simulator& simulator,
                                             std::uint64_t first_seed, int count,
                                             const InputSpec& input) {
  std::vector<ValidationFilm> films;
  for (int i = 0; i < count; ++i) {
    const auto film = validation_film(simulator, first_seed + static_cast<std::uint64_t>(i));
    films.push_back(
        {views_of(film.image, input), film.masks, film.landmarks, film.image.info().spacing});
  }
  return films;
}

std::vector<ValidationFilm> folder_validation_films(const std::filesystem::path& folder,
                                                    const InputSpec& input) {
  std::vector<ValidationFilm> films;
  for (const auto& study : studies_with_masks(folder)) {
    const auto file = film_in(study);
    if (!file) {
      throw Error(ErrorKind::not_found, "validation: " + study.string() + ": no film beside masks");
    }
    const Image film = read_film(*file);
    ValidationFilm result;
    result.masks = read_masks(study / "masks.tif");
    if (result.masks.size() != film.size()) {
      throw Error(ErrorKind::unreadable,
                  "validation: " + study.string() + ": the masks' size differs from the film's");
    }
    const auto landmarks = study / "landmarks.json";
    if (std::filesystem::is_regular_file(landmarks)) result.landmarks = read_landmarks(landmarks);
    result.landmarks.size = film.size();
    result.spacing = film.info().spacing;
    result.views = views_of(film, input);
    films.push_back(std::move(result));
  }
  if (films.empty()) {
    throw Error(ErrorKind::not_found,
                "validation: no <study>/masks.tif with a film beside it in " + folder.string());
  }
  return films;
}

Validation validate(const Predictor& predict, const std::vector<ValidationFilm>& films,
                    const InputSpec& input) {
  DiceMeans means;
  struct Error {
    double sum = 0;
    int found = 0, wanted = 0;
  };
  std::map<std::string, Error> errors;
  for (const auto& film : films) {
    const auto logits = predict({film.views});
    const Letterbox box = letterbox(film.masks.size(), film.spacing, input.size);
    const Segmentation result = masks_from_probabilities(probabilities(logits.front()), box, {});
    for (const Structure s : kStructures) {
      if (!film.masks.has(s)) continue;
      means.add(std::string(to_string(s)), *dice(result.masks[s], film.masks[s]));
    }
    MeasureOptions measuring;
    measuring.spacing = film.spacing;
    LocateOptions locating;
    locating.spacing = film.spacing;
    const Measurements truth = measure(film.landmarks, measuring);
    const Measurements found = measure(locate(result.masks, locating).landmarks, measuring);
    for (const char* name : kMainAngles) {
      const Measurement* expected = truth.find(name);
      const Measurement* actual = found.find(name);
      if (expected == nullptr || !expected->value) continue;
      auto& error = errors[name];
      ++error.wanted;
      if (actual == nullptr || !actual->value) continue;
      error.sum += std::abs(*actual->value - *expected->value);
      ++error.found;
    }
  }
  Validation validation;
  means.write_to(validation, output_names(Target::structures));
  for (const char* name : kMainAngles) {
    const auto& error = errors[name];
    auto& value = validation.angle_error_deg[name];
    if (error.found > 0) value = error.sum / error.found;
    validation.completed[name] =
        error.wanted > 0 ? static_cast<double>(error.found) / error.wanted : 0.0;
  }
  return validation;
}

std::vector<ValidationWindow> validation_windows(const sim::Simulator& simulator,
                                                 std::uint64_t first_seed, int count,
                                                 const InputSpec& input) {
  std::vector<ValidationWindow> windows;
  for (int i = 0; i < count; ++i) {
    const auto film = validation_film(simulator, first_seed + static_cast<std::uint64_t>(i));
    for (const Roi& roi : plan_rois(film.masks, film.image.info().spacing, input.size)) {
      windows.push_back({make_views(to_roi_square(film.image, roi.box), input.views),
                         window_masks(film.masks, roi.box)});
    }
  }
  return windows;
}

Validation validate_rois(const Predictor& predict, const std::vector<ValidationWindow>& windows) {
  DiceMeans means;
  for (const auto& window : windows) {
    const auto planes = probabilities(predict({window.views}).front());
    for (std::size_t i = 0; i < kStructureCount; ++i) {
      if (window.masks[i].empty()) continue;
      means.add(name_of(i), *dice(planes[i] >= 0.5, window.masks[i]));
    }
  }
  Validation validation;
  means.write_to(validation, output_names(Target::structures));
  return validation;
}

std::vector<ValidationImplants> validation_implants(const sim::Simulator& simulator,
                                                    std::uint64_t first_seed, int count,
                                                    const InputSpec& input, bool roi) {
  std::vector<ValidationImplants> films;
  for (int i = 0; i < count; ++i) {
    const auto film = validation_film(simulator, first_seed + static_cast<std::uint64_t>(i));
    cv::Mat implant = film.implant_mask;
    if (implant.empty()) implant = cv::Mat::zeros(film.image.size(), CV_8UC1);
    if (!roi) {
      const Letterbox box = box_of(film.image, input);
      films.push_back({make_views(to_net_square(film.image, box), input.views),
                       to_square(Image(implant), box) > 127});
      continue;
    }
    for (const Roi& window : plan_rois(film.masks, film.image.info().spacing, input.size)) {
      films.push_back({make_views(to_roi_square(film.image, window.box), input.views),
                       window_mask(implant, window.box)});
    }
  }
  return films;
}

Validation validate_implants(const Predictor& predict,
                             const std::vector<ValidationImplants>& films) {
  DiceMeans means;
  for (const auto& film : films) {
    const cv::Mat seen = probabilities(predict({film.views}).front()).front() >= 0.5;
    means.add("implant", dice(seen, film.implant).value_or(1));
  }
  Validation validation;
  means.write_to(validation, output_names(Target::implants));
  return validation;
}

std::string summary(const Validation& validation) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "Dice %.4f (", validation.mean_dice);
  std::string line = buffer;
  for (const auto& [name, value] : validation.dice) {
    std::snprintf(buffer, sizeof buffer, "%s%s %.2f", line.back() == '(' ? "" : " ", name.c_str(),
                  value);
    line += buffer;
  }
  line += ")";
  if (validation.angle_error_deg.empty()) return line;
  line += ", error";
  for (const char* name : kMainAngles) {
    const auto& error = validation.angle_error_deg.at(name);
    if (error) {
      std::snprintf(buffer, sizeof buffer, " %s %.1f", name, *error);
      line += buffer;
    } else {
      line += std::string(" ") + name + " -";
    }
    std::snprintf(buffer, sizeof buffer, " (%.0f %%)", 100 * validation.completed.at(name));
    line += buffer;
  }
  return line + " deg";
}

}  // namespace spine::train
