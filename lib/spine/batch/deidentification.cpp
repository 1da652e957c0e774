#include "spine/batch/deidentification.h"

#include "spine/stages/preprocess/burned_in_text.h"

namespace spine::batch {

TextRedaction::TextRedaction(const Image& film)
    : boxes_(find_burned_in_text(film)), film_rows_(film.size().height) {}

Image TextRedaction::on(const Image& picture) const {
  return boxes_.empty() ? picture : Image(on(picture.pixels()), picture.info());
}

cv::Mat TextRedaction::on(const cv::Mat& picture) const {
  if (boxes_.empty() || picture.empty()) return picture;
  cv::Mat covered = picture.clone();
  fill_boxes(covered, boxes_, static_cast<double>(picture.rows) / film_rows_);
  return covered;
}

TextRedaction Deidentification::cover(const Image& film) const {
  return keep_identifiers ? TextRedaction() : TextRedaction(film);
}

void Deidentification::add_to_fingerprint(nlohmann::json& options) const {
  if (keep_identifiers) options["identifiers"] = "kept";
}

}  // namespace spine::batch
