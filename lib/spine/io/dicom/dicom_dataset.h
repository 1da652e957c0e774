#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

// Construction of DICOM data sets with DCMTK.

namespace spine {

/// Throws.
/// @throws Error(internal) "write DICOM: <what>"
[[noreturn]] void refuse_dicom(const std::string& what);

/// Formats a number as a decimal string of at most 16 characters (VR DS).
std::string decimal_string(double value);

/// Writes values into a data set or a sequence item.
/// All functions: @throws Error(internal) if DCMTK rejects a value.
class DatasetWriter {
 public:
  explicit DatasetWriter(DcmItem& item) : item_(item) {}
  void text(const DcmTag& tag, const std::string& value);
  void word(const DcmTag& tag, int value);
  void bytes(const DcmTag& tag, const std::vector<std::uint8_t>& values);
  void words(const DcmTag& tag, const std::uint16_t* values, std::size_t count);
  void number(const DcmTag& tag, std::uint32_t value);    ///< value representation UL
  void pointer(const DcmTag& tag, const DcmTagKey& key);  ///< value representation AT
  /// Appends an item to a sequence.
  [[nodiscard]] DatasetWriter item(const DcmTag& sequence);
  /// Sets a code as the only item of a sequence.
  void code(const DcmTag& sequence, const std::string& value, const std::string& scheme,
            const std::string& meaning);

 private:
  DcmItem& item_;
};

/// Serialises a file in memory, so that it can be written to disk atomically.
std::string serialise(DcmFileFormat& format, E_TransferSyntax syntax);

}  // namespace spine
