#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

// Iterative scan over the element headers of a DICOM file (PS3.5 7) in bounded memory. Recursive
// parsers receive only files that pass it.

namespace spine {

/// Random access to bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Up to `count` bytes from `at`; fewer at the end.
  virtual std::string read(std::uint64_t at, std::size_t count) = 0;
};

/// Bytes in memory, which must outlive the source.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  std::string read(std::uint64_t at, std::size_t count) override;

 private:
  std::string_view bytes_;
};

/// A file that is opened once. Small reads are served from a buffered block.
class FileSource : public ByteSource {
 public:
  /// Has size 0 if the file cannot be opened.
  explicit FileSource(const std::filesystem::path& file);
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::string read(std::uint64_t at, std::size_t count) override;

 private:
  std::string read_past_block(std::uint64_t at, std::size_t count);

  std::ifstream stream_;
  std::uint64_t size_ = 0, block_at_ = 0;
  std::string block_;
};

/// Encoding of data elements.
struct ElementEncoding {
  bool explicit_vr = true;
  bool big_endian = false;
  friend bool operator==(const ElementEncoding&, const ElementEncoding&) = default;
};

/// Offset and size in bytes.
struct ByteRange {
  std::uint64_t at = 0, size = 0;
};

/// Positions in a file, in bytes from its start.
struct DicomLayout {
  bool has_magic = false;        ///< "DICM" at offset 128, or at 0
  std::string transfer_syntax;   ///< (0002,0010); empty without a meta header
  std::string media_class;       ///< (0002,0002)
  std::uint64_t dataset_at = 0;  ///< end of the meta header
  ElementEncoding encoding;  ///< actual encoding of the data set, regardless of the transfer syntax
  bool names_kind = false;   ///< it has a SOP Class UID or a modality
  bool has_size = false;     ///< it has rows and columns
  std::uint64_t pixels_at =
      0;  ///< offset of the first pixel element; the end of the file if there is none
  bool has_pixels = false;        ///< (7FE0,0010)
  bool has_float_pixels = false;  ///< (7FE0,0008) or (7FE0,0009)
  bool words = false;             ///< the pixels' value representation is OW
  bool encapsulated = false;      ///< the pixels are stored as fragments
  ByteRange pixels;               ///< native: the pixel value
  /// Encapsulated: the Basic Offset Table, followed by the fragments (PS3.5 A.4).
  std::vector<ByteRange> fragments;
  /// Why the scan ended early, to follow "expected "; empty: it did not.
  std::string problem;
};

/// How much of a file to scan.
enum class DicomPart {
  header,  ///< up to the pixels
  whole,
};

/// Maximum nesting of sequences. Films have 3 levels, structured reports rarely more than 10.
constexpr std::size_t kDeepestSequence = 64;

/// Locates the data set and its pixels. A deflated data set is not scanned: pass its inflated bytes
/// to scan_dataset().
/// @param part  header: the scan stops at the pixels
DicomLayout scan_dicom(ByteSource& source, DicomPart part);

/// Scans a data set that starts at `layout.dataset_at`.
void scan_dataset(ByteSource& source, DicomPart part, DicomLayout& layout);

/// Whether a scanned file is DICOM, possibly damaged.
bool is_dicom_layout(const DicomLayout& layout);

/// Deflated Explicit VR Little Endian (PS3.5 A.5).
constexpr std::string_view kDeflatedSyntax = "1.2.840.10008.1.2.1.99";

}  // namespace spine
