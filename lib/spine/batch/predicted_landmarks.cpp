#include "spine/batch/predicted_landmarks.h"

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/batch/uncertainty_json.h"
#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kLandmarks = "landmarks.json";
constexpr const char* kMasks = "masks.tif";
constexpr const char* kMasksHash = "masks_sha256";
constexpr const char* kFlags = "qc";
constexpr const char* kUncertainty = "standard_deviations";
constexpr const char* kUnrounded = "unrounded";

/// Calls `use` with every coordinate and radius of landmarks, in a fixed order.
template <typename Marks, typename Use>
void for_each_number(Marks& landmarks, const Use& use) {
  const auto plate = [&](auto& endplate) {
    for (auto* point : {&endplate.post, &endplate.ant}) {
      use(point->x);
      use(point->y);
    }
  };
  for (auto& body : landmarks.vertebrae) {
    if (!body) continue;
    plate(body->sup);
    plate(body->inf);
  }
  if (landmarks.s1) plate(*landmarks.s1);
  for (auto& head : landmarks.femoral_heads) {
    use(head.center.x);
    use(head.center.y);
    use(head.radius);
  }
}

json numbers_of(const Landmarks& landmarks) {
  json numbers = json::array();
  for_each_number(landmarks, [&](double number) { numbers.push_back(number); });
  return numbers;
}

/// Restores the unrounded coordinates of landmarks read from a file. Returns false and changes
/// nothing if the landmarks are not the rounded values of these numbers.
bool take_unrounded(const json& numbers, Landmarks& landmarks) {
  constexpr double kHalfDigit = 0.0005 + 1e-9;
  Landmarks exact = landmarks;
  std::size_t i = 0;
  bool same = numbers.is_array();
  for_each_number(exact, [&](double& number) {
    same = same && i < numbers.size() && numbers[i].is_number() &&
           std::abs(numbers[i].get<double>() - number) <= kHalfDigit;
    if (same) number = numbers[i++].get<double>();
  });
  if (!same || i != numbers.size()) return false;
  landmarks = exact;
  return true;
}

/// The landmarks of a document and their metadata; nullopt for landmarks of another origin.
std::optional<PredictedLandmarks> landmarks_from(const json& document, const fs::path& file) {
  if (!document.is_object() || !document.contains(kMasksHash)) return std::nullopt;
  PredictedLandmarks predicted;
  predicted.located.landmarks = read_landmarks(file);
  try {
    predicted.masks_sha256 = document.at(kMasksHash).get<std::string>();
    predicted.located.qc = document.at(kFlags).get<std::vector<std::string>>();
    predicted.uncertainty = uncertainty_from_json(document.at(kUncertainty));
    predicted.unrounded =
        take_unrounded(document.value(kUnrounded, json()), predicted.located.landmarks);
  } catch (const json::exception& error) {
    throw Error(ErrorKind::unreadable, "read " + file.string() +
                                           ": expected flags and standard deviations beside "
                                           "the hash of masks, got: " +
                                           error.what());
  }
  return predicted;
}

}  // namespace

void write_predicted_landmarks(const fs::path& folder, const PredictedLandmarks& predicted) {
  json document = to_json(predicted.located.landmarks);
  document[kMasksHash] =
      predicted.masks_sha256.empty() ? sha256_of_file(folder / kMasks) : predicted.masks_sha256;
  document[kFlags] = predicted.located.qc;
  document[kUncertainty] = to_json(predicted.uncertainty);
  document[kUnrounded] = numbers_of(predicted.located.landmarks);
  write_json(folder / kLandmarks, document);
}

std::optional<PredictedLandmarks> read_predicted_landmarks(const fs::path& folder) {
  const fs::path file = folder / kLandmarks, masks = folder / kMasks;
  if (!fs::is_regular_file(file) || !fs::is_regular_file(masks)) return std::nullopt;
  auto predicted = landmarks_from(read_json(file), file);
  if (predicted && predicted->masks_sha256 != sha256_of_file(masks)) predicted.reset();
  return predicted;
}

std::optional<PredictedLandmarks> read_as_predicted(const fs::path& file) {
  auto predicted = landmarks_from(read_json(file), file);
  if (predicted && !predicted->unrounded) predicted.reset();
  return predicted;
}

}  // namespace spine::batch
