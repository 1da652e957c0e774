#include "spine/io/dicom/dicom_fragments.h"

#include "io/dicom/dicom_bytes.h"
#include "support/catch.h"

using namespace spine;
using namespace spine::test;
using namespace std::string_literals;

namespace {

/// A layout of fragments concatenated in `bytes` as in a file; the first is the offset table.
DicomLayout laid_out(const std::vector<std::string>& fragments, std::string& bytes) {
  DicomLayout layout;
  for (const auto& fragment : fragments) {
    bytes += tag_header(0xFFFE, 0xE000, static_cast<std::uint32_t>(fragment.size()));
    layout.fragments.push_back({bytes.size(), fragment.size()});
    bytes += fragment;
  }
  return layout;
}

std::vector<std::string> of_frame(const std::vector<std::string>& fragments, int frames,
                                  int frame) {
  std::string bytes;
  const DicomLayout layout = laid_out(fragments, bytes);
  std::vector<std::string> chosen;
  for (const auto& part : fragments_of_frame(bytes, layout, frames, frame))
    chosen.emplace_back(part);
  return chosen;
}

using Parts = std::vector<std::string>;

const std::string kStart("\xFF\xD8\xFF\xDB", 4);

}  // namespace

TEST_CASE("The fragments of a frame are found") {
  CHECK(of_frame({"", "ab", "cd"}, 1, 1) == Parts{"ab", "cd"});
  CHECK(of_frame({"", "ab", "cd"}, 2, 2) == Parts{"cd"});
  // By offsets: the second frame starts at the third fragment.
  const std::string offsets = number_bytes(0, 4, false) + number_bytes(20, 4, false);
  CHECK(of_frame({offsets, "ab", "cd", "ef"}, 2, 1) == Parts{"ab", "cd"});
  CHECK(of_frame({offsets, "ab", "cd", "ef"}, 2, 2) == Parts{"ef"});
  // By the starts of streams.
  CHECK(of_frame({"", kStart + "a", "bc", kStart + "d"}, 2, 1) == Parts{kStart + "a", "bc"});
  CHECK(of_frame({"", kStart + "a", "bc", kStart + "d"}, 2, 2) == Parts{kStart + "d"});
  CHECK(of_frame({"", "ab", "cd", "ef"}, 2, 1).empty());
  CHECK(of_frame({""}, 1, 1).empty());
  CHECK(of_frame({}, 1, 1).empty());
}

TEST_CASE("The markers of a stream take precedence over the file's transfer syntax") {
  const auto jpeg = [](char process) {
    return "\xFF\xD8\xFF\xE0\0\4ab\xFF"s + process + "\0\5\x08\0\1"s;
  };
  CHECK(syntax_of_stream(jpeg('\xC0'), EXS_JPEG2000) == EXS_JPEGProcess1);
  CHECK(syntax_of_stream(jpeg('\xC0'), EXS_JPEGProcess2_4) == EXS_JPEGProcess2_4);
  CHECK(syntax_of_stream(jpeg('\xC1'), EXS_JPEGProcess1) == EXS_JPEGProcess2_4);
  CHECK(syntax_of_stream(jpeg('\xC3'), EXS_JPEGProcess1) == EXS_JPEGProcess14SV1);
  CHECK(syntax_of_stream(jpeg('\xC3'), EXS_JPEGProcess14) == EXS_JPEGProcess14);
  CHECK(syntax_of_stream(jpeg('\xF7'), EXS_JPEGProcess14SV1) == EXS_JPEGLSLossless);
  CHECK(syntax_of_stream(jpeg('\xF7'), EXS_JPEGLSLossy) == EXS_JPEGLSLossy);
  const std::string wavelets = "\xFF\x4F\xFF\x51"s;
  CHECK(syntax_of_stream(wavelets, EXS_LittleEndianExplicit) == EXS_JPEG2000);
  CHECK(syntax_of_stream(wavelets, EXS_JPEG2000LosslessOnly) == EXS_JPEG2000LosslessOnly);
  CHECK(syntax_of_stream("\1\0\0\0\x40\0\0\0"s, EXS_RLELossless) == EXS_RLELossless);
  CHECK(syntax_of_stream("something", EXS_LittleEndianExplicit) == EXS_Unknown);
  CHECK(syntax_of_stream("", EXS_Unknown) == EXS_Unknown);
}

TEST_CASE("The size of a JPEG 2000 stream is read from its header") {
  std::string stream = "\xFF\x4F\xFF\x51\0\x29\0\0"s;
  for (const std::uint32_t value : {936U, 1200U, 0U, 0U, 936U, 1200U, 0U, 0U}) {
    stream += number_bytes(value, 4, true);
  }
  stream += "\0\1\x8B\1\1"s;
  const auto size = jpeg_2000_size(stream);
  CHECK(size.width == 936);
  CHECK(size.height == 1200);
  CHECK(size.components == 1);
  CHECK(size.bits == 12);
  CHECK(size.is_signed);
  CHECK(jpeg_2000_size(stream.substr(0, 40)).width == 0);
  CHECK(jpeg_2000_size("").width == 0);
  stream.back() = '\2';  // every second row
  CHECK(jpeg_2000_size(stream).width == 0);
}
