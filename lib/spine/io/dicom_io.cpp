#include "spine/io/dicom_io.h"

#include "spine/core/error.h"

namespace spine {

bool is_dicom(const std::filesystem::path&) { return false; }
Image read_dicom(const std::filesystem::path& file, const ReadOptions&) {
  throw Error(ErrorKind::unsupported, "read " + file.string() + ": DICOM");
}
DicomIds read_dicom_ids(const std::filesystem::path&) { return {}; }

}  // namespace spine
