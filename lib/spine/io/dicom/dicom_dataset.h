#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

// Data sets in the making, for the sources that use DCMTK.

namespace spine {

/// @throws Error(internal) "write DICOM: <what>"
[[noreturn]] void refuse_dicom(const std::string& what);

/// A decimal string of at most 16 characters (VR DS).
std::string decimal_string(double value);

/// Puts values into a data set or an item of a sequence. What DCMTK refuses is an internal error.
class DatasetWriter {
 public:
  explicit DatasetWriter(DcmItem& item) : item_(item) {}
  void text(const DcmTag& tag, const std::string& value);
  void word(const DcmTag& tag, int value);
  void bytes(const DcmTag& tag, const std::vector<std::uint8_t>& values);
  void words(const DcmTag& tag, const std::uint16_t* values, std::size_t count);
  void number(const DcmTag& tag, std::uint32_t value);    ///< of value representation UL
  void pointer(const DcmTag& tag, const DcmTagKey& key);  ///< of value representation AT
  /// A new item at the end of a sequence.
  [[nodiscard]] DatasetWriter item(const DcmTag& sequence);
  /// A code as the only item of a sequence.
  void code(const DcmTag& sequence, const std::string& value, const std::string& scheme,
            const std::string& meaning);

 private:
  DcmItem& item_;
};

/// The file's bytes: written to memory so that they reach the disk in one atomic step.
std::string serialise(DcmFileFormat& format, E_TransferSyntax syntax);

}  // namespace spine
