#include "spine/io/dicom/dicom_file.h"

#include <algorithm>
#include <array>

#include <dcmtk/dcmdata/dcistrmb.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

/// Size limit of an inflated data set; larger than any supported film.
constexpr std::size_t kMostInflated = std::size_t{512} << 20U;

[[noreturn]] void unreadable(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::unreadable, "read " + file.string() + ": " + what);
}

/// Inflates up to `limit` bytes; damaged data are truncated.
std::string inflate(std::string_view deflated, std::size_t limit) {
  // Some writers put zlib's header (RFC 1950) before the stream.
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(deflated[i]); };
  if (deflated.size() > 2 && byte(0) == 0x78 && (byte(0) * 256 + byte(1)) % 31 == 0) {
    deflated.remove_prefix(2);
  }
  DcmInputBufferStream stream;
  stream.setBuffer(deflated.data(), static_cast<offile_off_t>(deflated.size()));
  stream.setEos();
  std::string bytes;
  if (stream.installCompressionFilter(ESC_zlib).bad()) return bytes;
  std::string block(1U << 16U, '\0');
  while (bytes.size() < limit && stream.good()) {
    const auto count = stream.read(block.data(), static_cast<offile_off_t>(block.size()));
    if (count <= 0) break;
    bytes.append(block, 0, static_cast<std::size_t>(count));
  }
  if (bytes.size() > limit) bytes.resize(limit);
  return bytes;
}

E_TransferSyntax syntax_of(ElementEncoding encoding) {
  if (encoding.big_endian)
    return encoding.explicit_vr ? EXS_BigEndianExplicit : EXS_BigEndianImplicit;
  return encoding.explicit_vr ? EXS_LittleEndianExplicit : EXS_LittleEndianImplicit;
}

/// Element encoding of a known transfer syntax.
ElementEncoding encoding_of(E_TransferSyntax syntax) {
  const DcmXfer facts(syntax);
  return {facts.isExplicitVR() != 0, facts.getByteOrder() == EBO_BigEndian};
}

void note_wrong_syntax(DicomFile& file) {
  if (file.layout.transfer_syntax.empty()) return;
  const E_TransferSyntax declared = DcmXfer(file.layout.transfer_syntax.c_str()).getXfer();
  if (declared == EXS_Unknown || file.inflated || encoding_of(declared) == file.layout.encoding)
    return;
  file.notes.emplace_back(std::string("the file's transfer syntax is wrong: its elements are ") +
                          DcmXfer(syntax_of(file.layout.encoding)).getXferName());
}

/// Corrects the value representation of the pixel module's numbers, for decoders too.
void put_words_right(DcmDataset& data) {
  for (const auto& key :
       {DCM_SamplesPerPixel, DCM_PlanarConfiguration, DCM_Rows, DCM_Columns, DCM_BitsAllocated,
        DCM_BitsStored, DCM_HighBit, DCM_PixelRepresentation}) {
    DcmElement* element = nullptr;
    if (data.findAndGetElement(key, element).bad() || element->ident() == EVR_US) continue;
    const auto value = tag_integer(data, key);
    if (value && *value >= 0 && *value <= 65535) {
      data.putAndInsertUint16(DcmTag(key, EVR_US), static_cast<Uint16>(*value));
    }
  }
}

void parse_dataset(DicomFile& dicom, const std::string& bytes, const fs::path& file) {
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  dicom.data = std::make_unique<DcmDataset>();
  dicom.data->transferInit();
  const OFCondition read = dicom.data->read(stream, syntax_of(dicom.layout.encoding));
  dicom.data->transferEnd();
  if (read.bad()) unreadable(file, std::string("expected a whole DICOM file, got: ") + read.text());
  put_words_right(*dicom.data);
  note_wrong_syntax(dicom);
}

void check(const DicomLayout& layout, const fs::path& file) {
  if (!layout.problem.empty()) unreadable(file, "expected " + layout.problem);
}

/// Scans the inflated data set instead of the deflated one.
void use_inflated(DicomFile& dicom, std::string_view deflated, DicomPart part,
                  const fs::path& file) {
  // Upper bound of a header's size.
  constexpr std::size_t kStart = std::size_t{1} << 20U;
  const auto scan = [&](std::size_t limit) {
    dicom.inflated = std::make_unique<std::string>(inflate(deflated, limit));
    MemorySource source(*dicom.inflated);
    DicomLayout layout;
    layout.has_magic = dicom.layout.has_magic;
    layout.transfer_syntax = dicom.layout.transfer_syntax;
    layout.media_class = dicom.layout.media_class;
    scan_dataset(source, part, layout);
    return layout;
  };
  DicomLayout layout;
  if (part == DicomPart::header) layout = scan(kStart);
  if (!layout.has_pixels) layout = scan(kMostInflated);
  if (dicom.inflated->empty()) unreadable(file, "expected a deflated data set, got damaged data");
  dicom.layout = layout;
  dicom.bytes = *dicom.inflated;
}

DicomFile load(ByteSource& source, DicomLayout layout, DicomPart part, const fs::path& file) {
  check(layout, file);
  DicomFile dicom;
  dicom.layout = std::move(layout);
  if (dicom.layout.transfer_syntax == kDeflatedSyntax) {
    const std::uint64_t at = dicom.layout.dataset_at;
    const auto left = static_cast<std::size_t>(source.size() - std::min(source.size(), at));
    use_inflated(dicom, source.read(at, left), part, file);
    check(dicom.layout, file);
    parse_dataset(
        dicom, dicom.inflated->substr(0, static_cast<std::size_t>(dicom.layout.pixels_at)), file);
    return dicom;
  }
  const std::uint64_t at = dicom.layout.dataset_at;
  parse_dataset(dicom, source.read(at, static_cast<std::size_t>(dicom.layout.pixels_at - at)),
                file);
  return dicom;
}

/// The name of a transfer syntax that the libraries in use cannot decode and that their older
/// versions do not know (PS3.6 Annex A); null for others.
const char* name_of_newer_syntax(std::string_view uid) {
  constexpr std::array<std::pair<std::string_view, const char*>, 12> newer{
      {{"1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed Explicit VR Little Endian"},
       {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless"},
       {"1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression"},
       {"1.2.840.10008.1.2.4.112", "JPEG XL"},
       {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 (lossless only)"},
       {"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL (lossless only)"},
       {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"},
       {"1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced"},
       {"1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate"},
       {"1.2.840.10008.1.2.7.1", "SMPTE ST 2110-20 Uncompressed Progressive Active Video"},
       {"1.2.840.10008.1.2.7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Active Video"},
       {"1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression"}}};
  for (const auto& [known, name] : newer) {
    if (uid == known) return name;
  }
  return nullptr;
}

}  // namespace

std::optional<DicomFile> open_dicom(const fs::path& file) {
  FileSource source(file);
  DicomLayout layout = scan_dicom(source, DicomPart::header);
  if (!is_dicom_layout(layout)) return std::nullopt;
  prepare_dicom_libraries();
  DicomFile dicom = load(source, std::move(layout), DicomPart::header, file);
  dicom.bytes = {};
  dicom.inflated.reset();
  return dicom;
}

void check_decodable(const DicomLayout& layout, const fs::path& file) {
  const E_TransferSyntax syntax = DcmXfer(layout.transfer_syntax.c_str()).getXfer();
  const bool video = syntax >= EXS_JPIPReferenced && syntax <= EXS_HEVCMain10ProfileLevel5_1;
  const bool newer = name_of_newer_syntax(layout.transfer_syntax) != nullptr;
  if (layout.transfer_syntax.empty() || (syntax != EXS_Unknown && !video && !newer)) return;
  throw Error(ErrorKind::unsupported,
              "read " + file.string() +
                  ": expected pixels that can be decoded, got transfer syntax " +
                  display_syntax(layout.transfer_syntax));
}

DicomFile parse_dicom(std::string_view bytes, const fs::path& file) {
  MemorySource source(bytes);
  DicomLayout layout = scan_dicom(source, DicomPart::whole);
  if (!is_dicom_layout(layout)) unreadable(file, "expected a DICOM file, got something else");
  prepare_dicom_libraries();
  // A data set in an unknown syntax may look damaged; the syntax is then the reported reason.
  if (!layout.problem.empty()) check_decodable(layout, file);
  DicomFile dicom = load(source, std::move(layout), DicomPart::whole, file);
  if (!dicom.inflated) dicom.bytes = bytes;
  return dicom;
}

std::string display_syntax(const std::string& uid) {
  if (uid.empty()) return "none";
  if (const char* name = name_of_newer_syntax(uid)) return name;
  const DcmXfer facts(uid.c_str());
  if (facts.getXfer() != EXS_Unknown) return facts.getXferName();
  const char* name = dcmFindNameOfUID(uid.c_str());
  return name != nullptr ? name : "a private transfer syntax";
}

}  // namespace spine
