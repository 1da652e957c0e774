#include "spine/io/dicom_tags.h"

#include <cmath>

#include "spine/core/error.h"
#include "spine/io/dicom_runtime.h"

namespace spine {
namespace {

std::string without_padding(const OFString& value) {
  // OFString is std::string only where DCMTK was built so.
  std::string out(value.c_str());  // NOLINT(readability-redundant-string-cstr)
  const auto end = out.find_last_not_of(std::string(" \0", 2));
  return end == std::string::npos ? std::string() : out.substr(0, end + 1);
}

}  // namespace

DcmFileFormat load_until_pixels(const std::filesystem::path& file) {
  prepare_dicom_libraries();
  DcmFileFormat format;
  const OFCondition loaded =
      format.loadFileUntilTag(OFFilename(file.c_str()), EXS_Unknown, EGL_noChange,
                              DCM_MaxReadLength, ERM_autoDetect, DCM_PixelData);
  if (loaded.bad()) {
    throw Error(ErrorKind::unreadable,
                "read " + file.string() + ": expected a DICOM file, got: " + loaded.text());
  }
  return format;
}

std::string tag_text(DcmItem& item, const DcmTagKey& key) {
  OFString value;
  return item.findAndGetOFString(key, value).bad() ? std::string() : without_padding(value);
}

std::string tag_texts(DcmItem& item, const DcmTagKey& key) {
  OFString value;
  return item.findAndGetOFStringArray(key, value).bad() ? std::string() : without_padding(value);
}

std::optional<double> tag_number(DcmItem& item, const DcmTagKey& key, unsigned long position) {
  Float64 value = 0;
  if (item.findAndGetFloat64(key, value, position).good() && std::isfinite(value)) return value;
  return std::nullopt;
}

int tag_word(DcmItem& item, const DcmTagKey& key, int otherwise) {
  Uint16 value = 0;
  return item.findAndGetUint16(key, value).good() ? value : otherwise;
}

}  // namespace spine
