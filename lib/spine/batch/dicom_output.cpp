#include "spine/batch/dicom_output.h"

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_objects.h"

namespace spine::batch {
namespace {

/// Masks in the pixel grid of the film's file, as a Segmentation requires.
MaskStack stored_masks(const MaskStack& masks, Orientation orientation) {
  if (orientation == Orientation::top_left) return masks;
  const cv::Size size = masks.size();
  MaskStack stored(exchanges_sides(orientation) ? cv::Size(size.height, size.width) : size);
  for (const Structure structure : kStructures) {
    stored.set(structure, as_stored(masks[structure], orientation));
  }
  return stored;
}

}  // namespace

std::vector<std::string> DicomOutput::files() const {
  std::vector<std::string> names;
  if (segmentation) names.emplace_back("segmentation.dcm");
  if (report) names.emplace_back("report.dcm");
  if (capture) names.emplace_back("overlay.dcm");
  return names;
}

void DicomOutput::add_to_fingerprint(nlohmann::json& options,
                                     const Deidentification& deidentification) const {
  if (!any()) return;
  options["dicom"] = files();
  if (deidentification.key) options["pseudonym_key"] = deidentification.key->fingerprint();
}

bool write_dicom_objects(const DicomOutput& output, const Deidentification& deidentification,
                         const Study& study, const MaskStack& masks, Orientation orientation,
                         const Measurements& measurements, const cv::Mat& overlay,
                         const std::string& run, const std::filesystem::path& folder) {
  const auto source = find_dicom_source(study.path);
  if (!source) return false;
  DicomOrigin origin{*source, output.version, run};
  if (!deidentification.keep_identifiers) {
    if (!deidentification.key)
      throw Error(ErrorKind::internal, "write DICOM: expected a pseudonymisation key");
    origin.source = without_identifiers(origin.source, *deidentification.key, study.id);
  }
  if (output.segmentation) {
    write_dicom_seg(folder / "segmentation.dcm", stored_masks(masks, orientation), origin);
  }
  if (output.report) write_dicom_sr(folder / "report.dcm", measurements, origin);
  if (output.capture) write_dicom_sc(folder / "overlay.dcm", overlay, origin);
  return true;
}

}  // namespace spine::batch
