#include "spine/batch/dicom_output.h"

#include "spine/core/error.h"
#include "spine/io/dicom_io.h"
#include "spine/io/dicom_objects.h"

namespace spine::batch {

std::vector<std::string> DicomOutput::files() const {
  std::vector<std::string> names;
  if (segmentation) names.emplace_back("segmentation.dcm");
  if (report) names.emplace_back("report.dcm");
  if (capture) names.emplace_back("overlay.dcm");
  return names;
}

void DicomOutput::note_in(nlohmann::json& options, const Privacy& privacy) const {
  if (!any()) return;
  options["dicom"] = files();
  if (privacy.key) options["study_key"] = privacy.key->fingerprint();
}

bool write_dicom_objects(const DicomOutput& output, const Privacy& privacy, const Study& study,
                         const MaskStack& masks, const Measurements& measurements,
                         const cv::Mat& overlay, const std::string& run,
                         const std::filesystem::path& folder) {
  if (!is_dicom(study.path)) return false;
  DicomOrigin origin{read_dicom_source(study.path), output.version, run};
  if (!privacy.keep_identifiers) {
    if (!privacy.key) throw Error(ErrorKind::internal, "write DICOM: expected a study key");
    origin.source = without_identifiers(origin.source, *privacy.key, study.id);
  }
  if (output.segmentation) write_dicom_seg(folder / "segmentation.dcm", masks, origin);
  if (output.report) write_dicom_sr(folder / "report.dcm", measurements, origin);
  if (output.capture) write_dicom_sc(folder / "overlay.dcm", overlay, origin);
  return true;
}

}  // namespace spine::batch
