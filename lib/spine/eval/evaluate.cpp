#include "spine/eval/evaluate.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "spine/core/dice.h"
#include "spine/core/error.h"
#include "spine/core/mask_crop.h"
#include "spine/eval/overlap.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/measure/measure.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/schema.h"
#include "spine/util/thread_group.h"

namespace spine {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMasks = "masks.tif";
constexpr const char* kLandmarks = "landmarks.json";
constexpr const char* kMeasurements = "measurements.json";

/// Whether a folder contains a study, possibly an unreadable one.
bool is_study(const fs::path& folder) {
  return may_be_file(folder / kMasks) || may_be_file(folder / kLandmarks) ||
         may_be_file(folder / kMeasurements);
}

/// Measurements and spacing of one study.
struct StudyValues {
  std::vector<Measurement> values;
  std::optional<Spacing> spacing;
};

StudyValues read_measurements(const fs::path& file) {
  const nlohmann::json json = read_json(file);
  StudyValues result;
  try {
    for (const auto& [name, entry] : json.at("measurements").items()) {
      Measurement m{name, std::nullopt, entry.at("unit").get<std::string>(),
                    entry.at("status").get<std::string>()};
      if (!entry.at("value").is_null()) m.value = entry.at("value").get<double>();
      if (entry.contains("standard_error"))
        m.standard_error = entry["standard_error"].get<double>();
      result.values.push_back(std::move(m));
    }
    const auto spacing = json.find("spacing_mm");
    if (spacing != json.end() && spacing->is_array()) {
      result.spacing = Spacing{spacing->at(0).get<double>(), spacing->at(1).get<double>()};
    } else if (const auto aspect = json.find("pixel_aspect");
               aspect != json.end() && aspect->get<double>() > 0) {
      result.spacing = relative_spacing(aspect->get<double>());
    }
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::unreadable, "read measurements " + file.string() +
                                           ": expected the schema " +
                                           std::string(kMeasurementsSchema) + ", got: " + e.what());
  }
  return result;
}

/// Reads measurements.json of a study, or measures its landmarks.json.
StudyValues values_of(const fs::path& study, const std::optional<Spacing>& spacing) {
  if (may_be_file(study / kMeasurements)) return read_measurements(study / kMeasurements);
  StudyValues result;
  if (!may_be_file(study / kLandmarks)) return result;
  MeasureOptions options;
  options.spacing = spacing;
  result.values = measure(read_landmarks(study / kLandmarks), options).values;
  result.spacing = spacing;
  return result;
}

/// Masks of a study; nullopt if it has none.
std::optional<MaskCrops> masks_of(const fs::path& study) {
  if (!may_be_file(study / kMasks)) return std::nullopt;
  return read_mask_crops(study / kMasks);
}

/// The comparison of one study.
struct StudyResult {
  StudyEvaluation study;
  bool is_predicted = false;       ///< any value is predicted
  std::vector<Measurement> truth;  ///< those with a value
  std::vector<ValuePair> pairs;    ///< parallel to `truth`
};

class Evaluator {
 public:
  Evaluator(fs::path predictions, fs::path truth, const EvaluateOptions& options)
      : predictions_(std::move(predictions)), truth_(std::move(truth)), options_(options) {}

  Evaluation run() {
    const auto names = study_names(truth_);
    const auto predicted = study_names(predictions_);
    has_masks_ = !options_.landmarks_only &&
                 std::any_of(predicted.begin(), predicted.end(), [&](const std::string& name) {
                   return is_file(predictions_ / name / kMasks);
                 });
    std::vector<StudyResult> results = compare_all(names);
    finalize_units(results);
    Evaluation evaluation;
    evaluation.has_masks = has_masks_;
    std::map<std::pair<std::string, std::string>, std::size_t> places;  // by name and unit
    for (auto& result : results) {
      for (std::size_t i = 0; i < result.pairs.size(); ++i) {
        const Measurement& value = result.truth[i];
        const auto [place, is_new] =
            places.emplace(std::pair(value.name, value.unit), evaluation.metrics.size());
        if (is_new) evaluation.metrics.push_back({value.name, value.unit, {}, {}, {}});
        MetricEvaluation& metric = evaluation.metrics[place->second];
        metric.pairs.push_back(result.pairs[i]);
        metric.studies.push_back(result.study.study);
      }
      evaluation.studies.push_back(std::move(result.study));
      result = {};
    }
    for (auto& metric : evaluation.metrics) metric.stats = summarise(metric.pairs);
    return evaluation;
  }

 private:
  /// A reference with landmarks only has lengths in px if no prediction states the spacing. They
  /// are not completed and count with those of the first study that has a prediction.
  static void finalize_units(std::vector<StudyResult>& results) {
    std::map<std::string, std::string> units;
    for (const auto& result : results) {
      if (!result.is_predicted) continue;
      for (const auto& value : result.truth) units.emplace(value.name, value.unit);
    }
    for (auto& result : results) {
      if (result.is_predicted) continue;
      for (auto& value : result.truth) {
        const auto unit = units.find(value.name);
        if (unit != units.end()) value.unit = unit->second;
      }
    }
  }

  /// Reads one study of a folder.
  struct Side {
    StudyValues values;
    std::optional<MaskCrops> masks;
  };

  Side read(const fs::path& study, const std::optional<Spacing>& spacing) const {
    Side side;
    side.values = values_of(study, spacing);
    if (has_masks_) side.masks = masks_of(study);
    return side;
  }

  /// Compares studies on several threads; results are in the order of the names.
  std::vector<StudyResult> compare_all(const std::vector<std::string>& names) const {
    std::vector<StudyResult> results(names.size());
    for_each_index(names.size(), options_.threads,
                   [&](std::size_t i) { results[i] = compare(names[i]); });
    return results;
  }

  /// An exception of one study becomes its error; the others are compared.
  StudyResult compare(const std::string& name) const {
    StudyResult result;
    result.study.study = name;
    Side found, truth;
    read_sides(name, found, truth, result.study);
    result.is_predicted = !found.values.values.empty();
    if (!result.study.counts) return result;
    try {
      compare_values(found.values, truth.values, result);
      if (truth.masks) compare_masks(found.masks, *truth.masks, result.study);
    } catch (...) {
      result.study.error = describe_failure(std::current_exception()).message;
      result.study.dice = result.study.dice_either_way = result.study.hausdorff95_px = {};
    }
    return result;
  }

  void read_sides(const std::string& name, Side& found, Side& truth, StudyEvaluation& study) const {
    if (!is_study(predictions_ / name)) {
      study.error = kNoPrediction;
    } else {
      try {
        found = read(predictions_ / name, std::nullopt);
      } catch (...) {
        study.error = describe_failure(std::current_exception()).message;
      }
    }
    try {
      truth = read(truth_ / name, found.values.spacing);
    } catch (...) {
      study.error = "truth: " + describe_failure(std::current_exception()).message;
      study.counts = false;
    }
  }

  static void compare_values(const StudyValues& found, const StudyValues& truth,
                             StudyResult& result) {
    for (const auto& value : truth.values) {
      if (!value.value) continue;
      const Measurement* other = find_measurement(found.values, value.name);
      ValuePair pair;
      pair.truth = *value.value;
      if (other != nullptr && other->unit == value.unit) {
        pair.predicted = other->value;
        pair.standard_error = other->standard_error;
      }
      result.truth.push_back(value);
      result.pairs.push_back(pair);
    }
  }

  void compare_masks(const std::optional<MaskCrops>& found, const MaskCrops& truth,
                     StudyEvaluation& study) const {
    const bool same_size = found && found->size == truth.size;
    if (found && !same_size) study.error = "masks of another size than the truth's";
    const MaskCrops none{truth.size, {}};
    const MaskCrops& predicted = same_size ? *found : none;
    for (const Structure s : kStructures) {
      study.dice[index(s)] = dice(predicted[s], truth[s]);
      if (options_.hausdorff) {
        study.hausdorff95_px[index(s)] = hausdorff95_px(predicted[s], truth[s]);
      }
    }
    compare_heads_either_way(predicted, truth, study);
  }

  static void compare_heads_either_way(const MaskCrops& predicted, const MaskCrops& truth,
                                       StudyEvaluation& study) {
    study.dice_either_way = study.dice;
    auto &first = study.dice_either_way[index(Structure::F1)],
         &second = study.dice_either_way[index(Structure::F2)];
    const auto crossed_first = dice(predicted[Structure::F2], truth[Structure::F1]);
    const auto crossed_second = dice(predicted[Structure::F1], truth[Structure::F2]);
    if (crossed_first.value_or(0) + crossed_second.value_or(0) <=
        first.value_or(0) + second.value_or(0)) {
      return;
    }
    first = crossed_first;
    second = crossed_second;
  }

  fs::path predictions_, truth_;
  const EvaluateOptions& options_;
  bool has_masks_ = false;
};

}  // namespace

Evaluation evaluate(const fs::path& predictions, const fs::path& truth,
                    const EvaluateOptions& options) {
  return Evaluator(predictions, truth, options).run();
}

std::vector<std::string> study_names(const fs::path& folder) {
  if (!is_folder(folder)) {
    throw Error(ErrorKind::not_found, "evaluate: " + folder.string() + ": no such folder");
  }
  const FolderListing listing = list_folder(folder);
  if (listing.error) {  // unknown studies could not be counted
    throw Error(ErrorKind::unreadable,
                "evaluate: " + folder.string() +
                    ": expected a folder that can be read, got: " + listing.error.message());
  }
  std::vector<std::string> names;
  for (const auto& entry : listing.entries) {
    if (is_folder(entry) && is_study(entry)) names.push_back(entry.filename().string());
  }
  if (names.empty()) {
    throw Error(ErrorKind::not_found,
                "evaluate: " + folder.string() +
                    ": expected folders with masks.tif, landmarks.json or measurements.json, found "
                    "none");
  }
  return names;
}

std::vector<Measurement> values_of_study(const fs::path& study) {
  return values_of(study, std::nullopt).values;
}

bool any_unreadable(const Evaluation& evaluation) {
  return std::any_of(evaluation.studies.begin(), evaluation.studies.end(),
                     [](const StudyEvaluation& study) { return is_fault(study.error); });
}

}  // namespace spine
