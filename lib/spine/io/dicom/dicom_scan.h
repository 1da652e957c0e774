#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

// A walk over the elements of a DICOM file (PS3.5 7) that reads headers of elements alone, without
// recursion and in bounded memory. Parsers that recurse are given only what it could follow.

namespace spine {

/// Bytes that can be read at any place.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Up to `count` bytes from `at`; fewer at the end.
  virtual std::string read(std::uint64_t at, std::size_t count) = 0;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  std::string read(std::uint64_t at, std::size_t count) override;

 private:
  std::string_view bytes_;
};

/// A file that is opened once. Small reads are served from a block.
class FileSource : public ByteSource {
 public:
  /// What cannot be opened has size 0.
  explicit FileSource(const std::filesystem::path& file);
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::string read(std::uint64_t at, std::size_t count) override;

 private:
  std::string read_past_block(std::uint64_t at, std::size_t count);

  std::ifstream stream_;
  std::uint64_t size_ = 0, block_at_ = 0;
  std::string block_;
};

/// How elements are written.
struct ElementEncoding {
  bool explicit_vr = true;
  bool big_endian = false;
  friend bool operator==(const ElementEncoding&, const ElementEncoding&) = default;
};

struct ByteRange {
  std::uint64_t at = 0, size = 0;
};

/// Where things lie in a file, in bytes from its start.
struct DicomLayout {
  bool has_magic = false;         ///< "DICM" stands at 128, or at 0
  std::string transfer_syntax;    ///< (0002,0010); empty without a meta header
  std::string media_class;        ///< (0002,0002)
  std::uint64_t dataset_at = 0;   ///< behind the meta header
  ElementEncoding encoding;       ///< of the data set as it is, whatever the transfer syntax says
  bool names_kind = false;        ///< it has a SOP Class UID or a modality
  bool has_size = false;          ///< it has rows and columns
  std::uint64_t pixels_at = 0;    ///< where the first element of pixels begins; the end without one
  bool has_pixels = false;        ///< (7FE0,0010)
  bool has_float_pixels = false;  ///< (7FE0,0008) or (7FE0,0009)
  bool words = false;             ///< the pixels' value representation is OW
  bool encapsulated = false;      ///< the pixels are fragments
  ByteRange pixels;               ///< native: their value
  /// Encapsulated: first the Basic Offset Table, then the fragments (PS3.5 A.4).
  std::vector<ByteRange> fragments;
  /// Why the walk ended early, after "expected "; empty: it did not.
  std::string problem;
};

enum class DicomPart {
  header,  ///< up to the pixels
  whole,
};

/// Sequences may be nested so deep. Films have 3 levels, structured reports rarely more than 10.
constexpr std::size_t kDeepestSequence = 64;

/// Finds the data set and its pixels. A deflated data set is left alone: scan_dataset takes its
/// inflated bytes.
/// @param part  header: the walk stops where the pixels begin
DicomLayout scan_dicom(ByteSource& source, DicomPart part);

/// The same for a data set that begins at `layout.dataset_at`.
void scan_dataset(ByteSource& source, DicomPart part, DicomLayout& layout);

/// Whether what was found is DICOM, be it damaged.
bool is_dicom_layout(const DicomLayout& layout);

/// PS3.5 A.5.
constexpr std::string_view kDeflatedSyntax = "1.2.840.10008.1.2.1.99";

}  // namespace spine
