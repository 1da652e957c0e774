#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/io/dicom/dicom_scan.h"

// Encapsulated pixels (PS3.5 A.4): assignment of fragments to frames, and their compression.

namespace spine {

/// The fragments of a frame, assigned by their number, the Basic Offset Table or the starts of code
/// streams; empty if none of these is conclusive.
/// @param frame  from 1
std::vector<std::string_view> fragments_of_frame(std::string_view bytes, const DicomLayout& layout,
                                                 int frames, int frame);

/// The transfer syntax for decoding a code stream: its own markers (ITU-T T.81 B.1, T.87, T.800 A)
/// take precedence over the declared syntax, which may be wrong. EXS_Unknown if no decoder is
/// available.
/// @param stream  the fragments of a frame, concatenated
/// @param declared  syntax declared by the file
E_TransferSyntax syntax_of_stream(std::string_view stream, E_TransferSyntax declared);

/// Whether the syntax is one of JPEG 2000.
bool is_jpeg_2000(E_TransferSyntax syntax);

/// Size parameters of a JPEG 2000 code stream (ITU-T T.800 A.5.1).
struct Jpeg2000Size {
  int width = 0, height = 0, components = 0, bits = 0;
  bool is_signed = false;
};
/// Reads the size parameters; all 0 if there are none, or components are subsampled or differ in
/// depth.
Jpeg2000Size jpeg_2000_size(std::string_view stream);

}  // namespace spine
