#include "spine/io/dicom/dicom_io.h"

#include <cmath>
#include <functional>

#include "io/dicom/dicom_films.h"

#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"

namespace fs = std::filesystem;
using namespace spine;
using namespace spine::test;

TEST_CASE("Every compression gives exactly the same film") {
  const test::TempDir dir;
  for (const int bits : {8, 12, 16}) {
    cv::Mat pixels = deep_film();
    if (bits == 8) pixels = test::toy_film({201, 303});
    if (bits == 16) pixels *= 16;
    DicomWriteOptions options;
    options.bits_stored = bits;
    for (const bool inverse : {false, true}) {
      options.monochrome1 = inverse;
      options.compression = DicomCompression::none;
      write_dicom(dir / "plain.dcm", pixels, options);
      ReadOptions read;
      read.detect_polarity = false;
      const Image plain = read_film(dir / "plain.dcm", read);
      cv::Mat wide;
      pixels.convertTo(wide, CV_16U);
      const double largest = std::pow(2.0, bits) - 1;
      CHECK(difference(plain.pixels(), expected([&](double v) { return v / largest; }, wide)) <=
            17);
      for (const auto compression : {DicomCompression::rle, DicomCompression::jpeg_lossless,
                                     DicomCompression::jpeg_ls, DicomCompression::jpeg_2000}) {
        options.compression = compression;
        write_dicom(dir / "packed.dcm", pixels, options);
        CHECK(fs::file_size(dir / "packed.dcm") > 500);
        CHECK(test::same_pixels(read_film(dir / "packed.dcm", read).pixels(), plain.pixels()));
      }
    }
  }
}

TEST_CASE("A linear window is applied as the standard defines") {
  const test::TempDir dir;
  const Image film = read_dicom(dicom(dir));
  CHECK(film.pixels().type() == CV_16UC1);
  CHECK(difference(film.pixels(), expected(full_window)) <= 1);
  CHECK(film.info().notes.empty());
  CHECK_FALSE(film.info().inverted);

  const Image narrow = read_dicom(dicom(dir, [](DcmDataset& d) {
    d.putAndInsertString(DCM_WindowCenter, "3500\\9");  // the first of two is used
    d.putAndInsertString(DCM_WindowWidth, "4001\\9");
    d.putAndInsertString(DCM_RescaleSlope, "2");
    d.putAndInsertString(DCM_RescaleIntercept, "-100");
  }));
  CHECK(difference(narrow.pixels(),
                   expected([](double v) { return (2 * v - 100 - 3499.5) / 4000 + 0.5; })) <= 1);
}

TEST_CASE("Exact and sigmoid windows are applied as the standard defines") {
  const test::TempDir dir;
  const Image exact = read_dicom(dicom(dir, [](DcmDataset& d) {
    d.putAndInsertString(DCM_VOILUTFunction, "LINEAR_EXACT");
    d.putAndInsertString(DCM_WindowCenter, "1800");
    d.putAndInsertString(DCM_WindowWidth, "2000");
  }));
  CHECK(difference(exact.pixels(), expected([](double v) { return (v - 1800) / 2000 + 0.5; })) <=
        1);
  const Image sigmoid = read_dicom(dicom(dir, [](DcmDataset& d) {
    d.putAndInsertString(DCM_VOILUTFunction, "SIGMOID");
    d.putAndInsertString(DCM_WindowCenter, "1800");
    d.putAndInsertString(DCM_WindowWidth, "2000");
  }));
  CHECK(difference(sigmoid.pixels(), expected([](double v) {
                     return 1 / (1 + std::exp(-4 * (v - 1800) / 2000));
                   })) <= 1);
}

TEST_CASE("Modality and VOI tables are applied, tables before windows") {
  const test::TempDir dir;
  std::vector<Uint16> modality, voi;
  for (int i = 0; i < 4096; ++i) modality.push_back(static_cast<Uint16>(std::sqrt(i) * 64));
  for (int i = 0; i < 3000; ++i) voi.push_back(static_cast<Uint16>(i));
  const Image film = read_dicom(dicom(dir, [&](DcmDataset& d) {
    add_lut(d, DCM_ModalityLUTSequence, 0, 12, modality);
    add_lut(d, DCM_VOILUTSequence, 500, 12, voi);
    d.putAndInsertString(DCM_WindowCenter, "1");
    d.putAndInsertString(DCM_WindowWidth, "1");
  }));
  CHECK(difference(film.pixels(), expected([&](double v) {
                     const double m = modality[static_cast<std::size_t>(v)];
                     return std::clamp(m - 500, 0.0, 2999.0) / 4095;
                   })) <= 1);
}

TEST_CASE("Without a window the percentiles are stretched and noted") {
  const test::TempDir dir;
  const Edit no_window = [](DcmDataset& d) {
    d.findAndDeleteElement(DCM_WindowCenter);
    d.findAndDeleteElement(DCM_WindowWidth);
  };
  const Image film = read_dicom(dicom(dir, no_window));
  CHECK(has_note(film, "no window in the file"));
  double lowest = 1, highest = 0;
  cv::minMaxLoc(film.pixels(), &lowest, &highest);
  CHECK(lowest == 0);
  CHECK(highest == 65535);
  const Image useless =
      read_dicom(dicom(dir, [](DcmDataset& d) { d.putAndInsertString(DCM_WindowWidth, "0"); }));
  CHECK(has_note(useless, "no valid width"));
  CHECK(test::same_pixels(useless.pixels(), film.pixels()));
}

TEST_CASE("MONOCHROME1 and an inverse presentation are inverted") {
  const test::TempDir dir;
  const cv::Mat wanted = expected([](double v) { return 1 - v / 4095; });
  ReadOptions options;
  options.detect_polarity = false;
  const Image one =
      read_dicom(dicom(dir,
                       [](DcmDataset& d) {
                         d.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME1");
                       }),
                 options);
  CHECK(difference(one.pixels(), wanted) <= 1);
  CHECK(one.info().inverted);
  CHECK(has_note(one, "MONOCHROME1"));
  // Declared twice, as in DX, it is inverted once.
  const Image both =
      read_dicom(dicom(dir,
                       [](DcmDataset& d) {
                         d.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME1");
                         d.putAndInsertString(DCM_PresentationLUTShape, "INVERSE");
                       }),
                 options);
  CHECK(difference(both.pixels(), wanted) <= 1);
}

TEST_CASE("The polarity is detected in the image only if tags do not give it") {
  const test::TempDir dir;
  cv::Mat dark_bone;
  cv::subtract(cv::Scalar(4095), deep_film(), dark_bone);
  const auto read = [&](const Edit& edit) {
    return read_dicom(dicom(dir, edit, EXS_LittleEndianExplicit, EWM_fileformat, dark_bone));
  };
  const Image raw = read(
      [](DcmDataset& d) { d.putAndInsertString(DCM_PresentationIntentType, "FOR PROCESSING"); });
  CHECK(raw.info().inverted);
  CHECK(difference(raw.pixels(), expected(full_window)) <= 17);
  const Image told = read([](DcmDataset&) {});
  CHECK_FALSE(told.info().inverted);
  CHECK(has_note(told, "bone appears dark"));
}

TEST_CASE("Signed values, odd bits and overlays in unused bits are handled") {
  const test::TempDir dir;
  const cv::Mat plain = deep_film();
  cv::Mat shifted(plain.size(), CV_16UC1);
  for (int y = 0; y < shifted.rows; ++y) {
    for (int x = 0; x < shifted.cols; ++x) {
      const int v = plain.at<std::uint16_t>(y, x) - 2048;
      shifted.at<std::uint16_t>(y, x) =
          static_cast<std::uint16_t>((v & 0x0FFF) | ((x + y) % 16) << 12);
    }
  }
  const Image film = read_dicom(dicom(
      dir,
      [](DcmDataset& d) {
        d.putAndInsertUint16(DCM_PixelRepresentation, 1);
        d.putAndInsertString(DCM_WindowCenter, "0");
      },
      EXS_LittleEndianExplicit, EWM_fileformat, shifted));
  CHECK(difference(film.pixels(), expected([](double v) { return v / 4095; })) <= 1);
}

TEST_CASE("Padding is black") {
  const test::TempDir dir;
  cv::Mat pixels = deep_film();
  pixels.rowRange(0, 40).setTo(4095);
  const auto file = dicom(
      dir, [](DcmDataset& d) { d.putAndInsertUint16(DCM_PixelPaddingValue, 4095); },
      EXS_LittleEndianExplicit, EWM_fileformat, pixels);
  const Image film = read_dicom(file);
  CHECK(cv::countNonZero(film.pixels().rowRange(0, 40)) == 0);
  CHECK(cv::countNonZero(film.pixels().rowRange(40, 303)) > 1000);
}

TEST_CASE("Big endian, implicit VR, deflated and files without preamble are read") {
  const test::TempDir dir;
  const cv::Mat wanted = read_dicom(dicom(dir)).pixels().clone();
  const Edit nothing = [](DcmDataset&) {};
  for (const auto syntax :
       {EXS_BigEndianExplicit, EXS_LittleEndianImplicit, EXS_DeflatedLittleEndianExplicit}) {
    CHECK(test::same_pixels(read_film(dicom(dir, nothing, syntax)).pixels(), wanted));
  }
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit}) {
    const auto file = dicom(dir, nothing, syntax, EWM_dataset);
    CHECK(is_dicom(file));
    CHECK(looks_like_film(file));
    CHECK(test::same_pixels(read_film(file).pixels(), wanted));
  }
}

TEST_CASE("Colour captures become luma") {
  const test::TempDir dir;
  const cv::Mat grey = test::toy_film({202, 302});
  for (const int planar : {0, 1}) {
    std::vector<Uint8> bytes;
    const auto append = [&](double factor) {
      for (const auto v : cv::Mat_<std::uint8_t>(grey))
        bytes.push_back(static_cast<Uint8>(v * factor));
    };
    if (planar == 1) {
      append(1);
      append(0.5);
      append(0.25);
    } else {
      for (const auto v : cv::Mat_<std::uint8_t>(grey)) {
        bytes.insert(bytes.end(), {v, static_cast<Uint8>(v * 0.5), static_cast<Uint8>(v * 0.25)});
      }
    }
    const Image film = read_dicom(dicom(dir, [&](DcmDataset& d) {
      d.putAndInsertString(DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
      d.putAndInsertString(DCM_Modality, "OT");
      d.putAndInsertString(DCM_PhotometricInterpretation, "RGB");
      d.putAndInsertUint16(DCM_SamplesPerPixel, 3);
      d.putAndInsertUint16(DCM_PlanarConfiguration, static_cast<Uint16>(planar));
      d.putAndInsertUint16(DCM_Rows, 302);
      d.putAndInsertUint16(DCM_Columns, 202);
      d.putAndInsertUint16(DCM_BitsAllocated, 8);
      d.putAndInsertUint16(DCM_BitsStored, 8);
      d.putAndInsertUint16(DCM_HighBit, 7);
      d.putAndInsertUint8Array(DCM_PixelData, bytes.data(),
                               static_cast<unsigned long>(bytes.size()));
    }));
    const double v = grey.at<std::uint8_t>(150, 100);
    CHECK(film.pixels().at<std::uint16_t>(150, 100) ==
          Approx(257 * (0.299 * v + 0.587 * 0.5 * v + 0.114 * 0.25 * v)).margin(400));
    CHECK(has_note(film, "colour"));
  }
}

TEST_CASE("The spacing follows the precedence of PS3.3 10.7") {
  const test::TempDir dir;
  const auto info = [&](const Edit& edit, const ReadOptions& options = {}) {
    return read_dicom(dicom(dir, edit), options).info();
  };
  const auto put = [](DcmDataset& d, const DcmTagKey& key, const char* value) {
    d.putAndInsertString(key, value);
  };
  const auto none = info([](DcmDataset&) {});
  CHECK_FALSE(none.spacing);
  CHECK(none.spacing_source == SpacingSource::none);

  const auto alone = info([&](DcmDataset& d) { put(d, DCM_PixelSpacing, "0.2\\0.15"); });
  CHECK(alone.spacing == Spacing{0.2, 0.15});  // row first
  CHECK(alone.spacing_source == SpacingSource::unknown);

  const auto detector = info([&](DcmDataset& d) { put(d, DCM_ImagerPixelSpacing, "0.2\\0.15"); });
  CHECK(detector.spacing == Spacing{0.2, 0.15});
  CHECK(detector.spacing_source == SpacingSource::detector_plane);

  const auto equal = info([&](DcmDataset& d) {
    put(d, DCM_ImagerPixelSpacing, "0.143\\0.143");
    put(d, DCM_PixelSpacing, "0.1430\\0.14300");
  });
  CHECK(equal.spacing_source == SpacingSource::detector_plane);

  const auto magnified = info([&](DcmDataset& d) {
    put(d, DCM_ImagerPixelSpacing, "0.22\\0.11");
    put(d, DCM_PixelSpacing, "0.22\\0.11");
    put(d, DCM_EstimatedRadiographicMagnificationFactor, "1.1");
  });
  REQUIRE(magnified.spacing);
  CHECK(magnified.spacing->row_mm == Approx(0.2));
  CHECK(magnified.spacing->col_mm == Approx(0.1));
  CHECK(magnified.spacing_source == SpacingSource::magnification_corrected);

  const auto differs = info([&](DcmDataset& d) {
    put(d, DCM_ImagerPixelSpacing, "0.22\\0.22");
    put(d, DCM_PixelSpacing, "0.2\\0.2");
    put(d, DCM_EstimatedRadiographicMagnificationFactor, "1.3");
  });
  CHECK(differs.spacing == Spacing{0.2, 0.2});
  CHECK(differs.spacing_source == SpacingSource::calibrated);

  const auto typed = info([&](DcmDataset& d) {
    put(d, DCM_PixelSpacing, "0.2\\0.2");
    put(d, DCM_PixelSpacingCalibrationType, "FIDUCIAL");
  });
  CHECK(typed.spacing_source == SpacingSource::calibrated);

  ReadOptions options;
  options.spacing = Spacing{0.3, 0.3};
  const auto overridden =
      info([&](DcmDataset& d) { put(d, DCM_PixelSpacing, "0.2\\0.2"); }, options);
  CHECK(overridden.spacing == Spacing{0.3, 0.3});
  CHECK(overridden.spacing_source == SpacingSource::override_value);

  const auto nonsense = info([&](DcmDataset& d) { put(d, DCM_PixelSpacing, "0\\0"); });
  CHECK_FALSE(nonsense.spacing);
  REQUIRE(nonsense.notes.size() == 1);
  CHECK(contains(nonsense.notes[0], "not a valid number"));
}

TEST_CASE("Files other than a single radiograph are rejected, naming what was found") {
  const test::TempDir dir;
  const auto refused = [&](const Edit& edit) {
    const auto file = dicom(dir, edit);
    return message_of(ErrorKind::unsupported, [&] { read_film(file); });
  };
  CHECK(contains(refused([](DcmDataset& d) {
                   d.putAndInsertString(DCM_Modality, "CT");
                   d.putAndInsertString(DCM_SOPClassUID, UID_CTImageStorage);
                 }),
                 "got modality CT, CTImageStorage"));
  CHECK(contains(
      refused([](DcmDataset& d) { d.putAndInsertString(DCM_SOPClassUID, UID_MRImageStorage); }),
      "MRImageStorage"));
  CHECK(contains(refused([](DcmDataset& d) { d.putAndInsertString(DCM_NumberOfFrames, "12"); }),
                 "got 12 frames"));
  CHECK(contains(refused([](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }),
                 "expected pixel data, got none"));
  CHECK(contains(refused([](DcmDataset& d) {
                   d.putAndInsertString(DCM_PhotometricInterpretation, "PALETTE COLOR");
                 }),
                 "expected a whole palette, got none"));
  CHECK(contains(
      refused([](DcmDataset& d) { d.findAndDeleteElement(DCM_PhotometricInterpretation); }),
      "got none with 1 samples"));
  CHECK(contains(refused([](DcmDataset& d) { d.putAndInsertUint16(DCM_Rows, 30000); }),
                 "got 201x30000"));
  CHECK(contains(refused([](DcmDataset& d) {
                   const std::vector<Uint16> flat(201 * 303, 5);
                   d.putAndInsertUint16Array(DCM_PixelData, flat.data(),
                                             static_cast<unsigned long>(flat.size()));
                 }),
                 "no contrast"));
}

TEST_CASE("Truncated and contradictory files are unreadable") {
  const test::TempDir dir;
  const std::string whole = read_file(dicom(dir));
  const auto cut = [&](const std::string& bytes, double share) {
    const auto size = static_cast<std::size_t>(share * static_cast<double>(bytes.size()));
    write_file_atomically(dir / "cut.dcm", std::string_view(bytes).substr(0, size));
    return message_of(ErrorKind::unreadable, [&] { read_film(dir / "cut.dcm"); });
  };
  for (const double share : {0.003, 0.3, 0.9}) CHECK(contains(cut(whole, share), "cut.dcm"));
  for (const auto compression : {DicomCompression::rle, DicomCompression::jpeg_lossless,
                                 DicomCompression::jpeg_ls, DicomCompression::jpeg_2000}) {
    DicomWriteOptions options;
    options.compression = compression;
    write_dicom(dir / "packed.dcm", test::toy_film(), options);
    const std::string packed = read_file(dir / "packed.dcm");
    cut(packed, 0.5);
    cut(packed, 0.97);
  }
  const auto file = dicom(dir, [](DcmDataset& d) { d.putAndInsertUint16(DCM_Rows, 304); });
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_film(file); }),
                 "expected 122208 bytes of pixels, got 121806"));
}

TEST_CASE("Other files are not DICOM") {
  const test::TempDir dir;
  write_file_atomically(dir / "words", std::string_view("\x08\0\x05\0words and more words", 24));
  CHECK_FALSE(is_dicom(dir / "words"));
  CHECK_FALSE(is_dicom(dir / "none"));
  CHECK_FALSE(is_dicom(dir.path()));
}

TEST_CASE("The selected one of several frames is read") {
  const test::TempDir dir;
  const cv::Mat first = deep_film(), second = 4095 - first;
  cv::Mat both;
  cv::vconcat(first, second, both);
  const auto file = dicom(dir, [&](DcmDataset& d) {
    d.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(first.rows));
    d.putAndInsertString(DCM_NumberOfFrames, "2");
    d.putAndInsertUint16Array(DCM_PixelData, both.ptr<Uint16>(),
                              static_cast<unsigned long>(both.total()));
  });
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_film(file); }), "2 frames"));
  ReadOptions options;
  options.frame = 1;
  CHECK(difference(read_film(file, options).pixels(), expected(full_window, first)) <= 1);
  options.frame = 2;
  CHECK(difference(read_film(file, options).pixels(), expected(full_window, second)) <= 1);
  options.frame = 3;
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_film(file, options); }),
                 "expected frame 3, got 2"));
}

TEST_CASE("Palette colours become luma") {
  const test::TempDir dir;
  cv::Mat indices;
  deep_film().convertTo(indices, CV_16U, 1.0 / 16);  // below 256
  const auto put = [](DcmDataset& d, const DcmTagKey& descriptor, const DcmTagKey& data,
                      double share) {
    const std::vector<Uint16> facts{256, 0, 16};
    std::vector<Uint16> entries;
    for (int i = 0; i < 256; ++i) entries.push_back(static_cast<Uint16>(i * 257 * share));
    auto* element = new DcmUnsignedShort(DcmTag(descriptor, EVR_US));
    element->putUint16Array(facts.data(), 3);
    d.insert(element);
    d.putAndInsertUint16Array(data, entries.data(), 256);
  };
  const auto file = dicom(dir, [&](DcmDataset& d) {
    d.putAndInsertString(DCM_PhotometricInterpretation, "PALETTE COLOR");
    d.putAndInsertUint16Array(DCM_PixelData, indices.ptr<Uint16>(),
                              static_cast<unsigned long>(indices.total()));
    put(d, DCM_RedPaletteColorLookupTableDescriptor, DCM_RedPaletteColorLookupTableData, 1);
    put(d, DCM_GreenPaletteColorLookupTableDescriptor, DCM_GreenPaletteColorLookupTableData, 0.5);
    put(d, DCM_BluePaletteColorLookupTableDescriptor, DCM_BluePaletteColorLookupTableData, 0);
  });
  ReadOptions options;
  options.detect_polarity = false;
  const Image film = read_film(file, options);
  const double share = 0.299 + 0.5 * 0.587;
  CHECK(difference(film.pixels(), expected([&](double v) { return v * share / 255; }, indices)) <=
        2);
  CHECK(has_note(film, "palette"));
  const auto bare = dicom(dir, [](DcmDataset& d) {
    d.putAndInsertString(DCM_PhotometricInterpretation, "PALETTE COLOR");
  });
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { read_film(bare); }), "palette"));
}

TEST_CASE("Messages quote codes of the standard and no other tag values") {
  const test::TempDir dir;
  const auto refused = [&](const DcmTagKey& key, const char* value) {
    const auto file = dicom(dir, [&](DcmDataset& d) { d.putAndInsertString(key, value); });
    return message_of(ErrorKind::unsupported, [&] { read_film(file); });
  };
  CHECK(contains(refused(DCM_Modality, "MR"), "modality MR"));
  CHECK_FALSE(contains(refused(DCM_Modality, "DOE JANE"), "DOE"));
  CHECK_FALSE(contains(refused(DCM_PhotometricInterpretation, "DOE JANE"), "DOE"));
}

TEST_CASE("Films are rotated upright by their patient orientation, together with their spacing") {
  const test::TempDir dir;
  ReadOptions options;
  options.detect_polarity = false;
  const auto read = [&](const char* orientation, const cv::Mat& pixels) {
    return read_film(dicom(
                         dir,
                         [&](DcmDataset& d) {
                           d.putAndInsertString(DCM_PatientOrientation, orientation);
                           d.putAndInsertString(DCM_ImagerPixelSpacing, "0.2\\0.1");
                         },
                         EXS_LittleEndianExplicit, EWM_fileformat, pixels),
                     options);
  };
  const cv::Mat wanted = expected(full_window);
  const auto stored = [](Orientation orientation) { return as_stored(deep_film(), orientation); };
  struct Case {
    const char* tag;
    Orientation orientation;
    Spacing spacing;
  };
  for (const auto& c : {Case{"A\\F", Orientation::top_left, {0.2, 0.1}},
                        Case{"P\\H", Orientation::bottom_right, {0.2, 0.1}},
                        Case{"H\\A", Orientation::left_bottom, {0.1, 0.2}},
                        Case{"F\\P", Orientation::right_top, {0.1, 0.2}}}) {
    const Image film = read(c.tag, stored(c.orientation));
    CHECK(difference(film.pixels(), wanted) <= 1);
    CHECK(film.info().orientation == c.orientation);
    CHECK(film.info().spacing == c.spacing);
    CHECK(has_note(film, "patient orientation") == (c.orientation != Orientation::top_left));
  }
  const Image shape =
      read_film(dicom(
                    dir,
                    [](DcmDataset& d) {
                      d.putAndInsertString(DCM_PatientOrientation, "H\\A");
                      d.putAndInsertString(DCM_PixelAspectRatio, "2\\1");
                    },
                    EXS_LittleEndianExplicit, EWM_fileformat, stored(Orientation::left_bottom)),
                options);
  CHECK(shape.info().spacing == relative_spacing(0.5));
}

TEST_CASE("A DICOM film with a preamble of another format is read") {
  const test::TempDir dir;
  const fs::path file = dicom(dir);
  const cv::Mat wanted = read_film(file).pixels().clone();
  std::string bytes = read_file(file);
  for (const std::string& magic :
       {std::string("II*\0\0\0\0\0", 8), std::string("MM\0*", 4), std::string("\x89PNG\r\n\x1a\n"),
        std::string("\xFF\xD8\xFF\xE0")}) {
    bytes.replace(0, magic.size(), magic);
    write_file_atomically(file, bytes);
    CHECK(looks_like_film(file));
    CHECK(test::same_pixels(read_film(file).pixels(), wanted));
  }
}
