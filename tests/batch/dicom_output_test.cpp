#include "spine/batch/dicom_output.h"

#include "support/catch.h"
#include "support/dicom_seg.h"
#include "support/temp_dir.h"

#include "spine/io/dicom/dicom_io.h"

using namespace spine;

namespace {

/// Every mask has a distinct off-centre mark.
MaskStack marked(cv::Size size) {
  MaskStack masks(size);
  for (const Structure structure : kStructures) {
    cv::Mat mask(size, CV_8UC1, cv::Scalar(0));
    mask(cv::Rect(5 + 4 * static_cast<int>(index(structure)), 11, 3, 20)).setTo(255);
    masks.set(structure, mask);
  }
  return masks;
}

}  // namespace

TEST_CASE("A Segmentation has the pixel grid of the film's file in every orientation") {
  const test::TempDir temp;
  cv::Mat film(80, 64, CV_8UC1);
  cv::randu(film, 0, 255);
  write_dicom(temp / "film.dcm", film);
  Study study;
  study.id = "film";
  study.path = temp / "film.dcm";
  batch::DicomOutput output;
  output.segmentation = true;
  batch::Deidentification deidentification;
  deidentification.keep_identifiers = true;
  for (const Orientation orientation : {Orientation::top_left, Orientation::bottom_right,
                                        Orientation::right_top, Orientation::left_bottom}) {
    const MaskStack masks =
        marked(exchanges_sides(orientation) ? cv::Size(80, 64) : cv::Size(64, 80));
    REQUIRE(batch::write_dicom_objects(output, deidentification, study, masks, orientation, {},
                                       cv::Mat(), "run", temp.path()));
    const MaskStack stored = test::read_dicom_seg(temp / "segmentation.dcm");
    REQUIRE(stored.size() == film.size());
    for (const Structure structure : kStructures) {
      CHECK(cv::norm(upright(stored[structure], orientation), masks[structure], cv::NORM_INF) == 0);
    }
  }
}

TEST_CASE("No DICOM objects are written for films of other formats") {
  const test::TempDir temp;
  Study study;
  study.path = temp / "film.png";
  batch::DicomOutput output;
  output.segmentation = true;
  batch::Deidentification deidentification;
  deidentification.keep_identifiers = true;
  CHECK_FALSE(batch::write_dicom_objects(output, deidentification, study, marked({64, 80}),
                                         Orientation::top_left, {}, cv::Mat(), "run", temp.path()));
}
