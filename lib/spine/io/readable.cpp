#include "spine/io/readable.h"

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/io/codecs/jpeg_codec.h"
#include "spine/io/codecs/png_codec.h"
#include "spine/io/codecs/tiff_codec.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"
#include "spine/util/text.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

void decode_picture(const std::string& bytes, const std::string& name) {
  const auto refuse = [&name](const char* got) {
    throw Error(ErrorKind::unreadable, "read " + name + ": expected an image, got " + got);
  };
  if (is_png(bytes)) {
    decode_png(bytes, name);
  } else if (is_tiff(bytes)) {
    decode_tiff(bytes, name);
    if (!is_tiff_chain_whole(bytes, name)) refuse("one truncated after a page");
  } else if (is_jpeg(bytes)) {
    decode_jpeg(bytes, name);
  } else {
    refuse("other data");
  }
}

/// @throws Error as the readers of each format
void read_as_named(const fs::path& file) {
  const std::string ending = lower_case(file.extension().string());
  if (ending == ".json") {
    read_json(file);
  } else if (ending == ".png" || ending == ".tif" || ending == ".tiff" || ending == ".jpg") {
    decode_picture(read_file(file), file.string());
  } else if (ending == ".dcm") {
    const std::string bytes = read_file(file);
    parse_dicom(bytes, file);
  }
}

}  // namespace

bool can_be_read(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  try {
    read_as_named(file);
    return true;
  } catch (const Error& error) {
    return error.kind() == ErrorKind::unsupported;
  }
}

}  // namespace spine
