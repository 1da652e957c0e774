// compare_masks SEGMENTATION.dcm MASKS.tif: whether both contain identical masks.
#include <iostream>

#include "support/dicom_seg.h"

#include "spine/io/mask_io.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: compare_masks SEGMENTATION.dcm MASKS.tif\n";
    return 2;
  }
  try {
    const spine::MaskStack a = spine::test::read_dicom_seg(argv[1]), b = spine::read_masks(argv[2]);
    for (const spine::Structure structure : spine::kStructures) {
      if (a.size() != b.size() || cv::norm(a[structure], b[structure], cv::NORM_INF) != 0) {
        std::cerr << "compare_masks: " << to_string(structure) << " differs\n";
        return 1;
      }
    }
  } catch (const std::exception& error) {
    std::cerr << "compare_masks: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
