#include "spine/sim/dicom_film.h"

#include "spine/io/dicom/dicom_io.h"
#include "spine/sim/rng.h"

namespace spine::sim {

namespace {

/// A UID under the root for random UUIDs (PS3.5 B.2), derived from the seed.
std::string uid_of(std::uint64_t seed, const char* what) {
  Rng rng = Rng(seed).split(what);
  return "2.25." + std::to_string(1 + rng.next() / 10) + std::to_string(rng.next());
}

}  // namespace

void write_dicom_film(const std::filesystem::path& file, const Image& film,
                      const std::string& study_id, std::uint64_t seed) {
  DicomWriteOptions options;
  options.uids = DicomUids{uid_of(seed, "study"), uid_of(seed, "series"), uid_of(seed, "instance")};
  options.study = study_id;
  options.patient_name = "SIMULATED^" + study_id;
  options.patient_id = study_id;
  options.manufacturer = "spine-simulate";
  options.imager_spacing = film.info().spacing;
  cv::Mat pixels;
  film.pixels().convertTo(pixels, CV_16U, film.pixels().depth() == CV_8U ? 257.0 : 1.0);
  write_dicom(file, pixels, options);
}

}  // namespace spine::sim
