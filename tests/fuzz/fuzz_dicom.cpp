#include "fuzz_target.h"

#include "spine/io/dicom/dicom_header.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/dicom/dicom_selection.h"
#include "spine/io/dicom/dicom_source.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  fuzz::expect_value_or_error([&] {
    if (!is_dicom(file)) return;
    static_cast<void>(why_excluded(read_dicom_header(file), {}));
  });
  ReadOptions options;
  options.max_side = 1024;  // larger pictures take time and tell nothing new
  options.min_side = 1;
  fuzz::expect_value_or_error([&] { read_dicom(file, options); });
  options.frame = 1;
  fuzz::expect_value_or_error([&] { read_dicom(file, options); });
  fuzz::expect_value_or_error([&] { read_dicom_source(file); });
  return 0;
}
