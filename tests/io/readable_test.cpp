#include "spine/io/readable.h"

#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"

#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::test;

namespace fs = std::filesystem;

namespace {

/// One result file of each kind.
std::vector<fs::path> results_in(const TempDir& dir) {
  MaskStack masks(cv::Size(90, 120));
  cv::Mat body = cv::Mat::zeros(masks.size(), CV_8UC1);
  body(cv::Rect(20, 30, 40, 50)) = 255;
  for (const Structure s : kStructures) masks.set(s, body);
  write_masks(dir / "masks.tif", masks);
  write_labels(dir / "labels.png", masks);
  write_image(dir / "overlay.png", noise(120, 90, CV_8UC3));
  Landmarks landmarks;
  landmarks.size = masks.size();
  write_landmarks(dir / "landmarks.json", landmarks);
  write_dicom(dir / "film.dcm", noise(120, 90, CV_16UC1));
  return {dir / "masks.tif", dir / "labels.png", dir / "overlay.png", dir / "landmarks.json",
          dir / "film.dcm"};
}

void put(const fs::path& file, std::string_view text) { write_file_atomically(file, text); }

}  // namespace

TEST_CASE("Truncated results are not readable, complete ones are") {
  const TempDir dir;
  for (const fs::path& file : results_in(dir)) {
    const std::string whole = read_file(file);
    CHECK(can_be_read(file));
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, whole.size() / 4,
                                   whole.size() / 2, whole.size() * 3 / 4, whole.size() - 8}) {
      INFO(file << ": " << size << " bytes of " << whole.size());
      put(file, whole.substr(0, size));
      CHECK_FALSE(can_be_read(file));
    }
    put(file, std::string(whole.size(), '\0'));
    CHECK_FALSE(can_be_read(file));
  }
}

TEST_CASE("Valid files of other origin are readable") {
  const TempDir dir;
  put(dir / "landmarks.json", "{\"mine\": 1}");
  CHECK(can_be_read(dir / "landmarks.json"));
  write_image(dir / "other.png", noise(64, 64, CV_8UC1));
  put(dir / "masks.tif", read_file(dir / "other.png"));  // detected by content
  CHECK(can_be_read(dir / "masks.tif"));
  put(dir / "notes.txt", "half a");
  CHECK(can_be_read(dir / "notes.txt"));
  CHECK_FALSE(can_be_read(dir / "nothing.json"));
}
