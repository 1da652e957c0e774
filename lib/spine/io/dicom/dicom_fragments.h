#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/io/dicom/dicom_scan.h"

// Encapsulated pixels (PS3.5 A.4): which fragments are a frame's, and what they hold.

namespace spine {

/// The fragments of one frame, by their number, by the Basic Offset Table, or by where code streams
/// start; empty where none of these tells.
/// @param frame  from 1
std::vector<std::string_view> fragments_of_frame(std::string_view bytes, const DicomLayout& layout,
                                                 int frames, int frame);

/// The transfer syntax by which a code stream is to be decoded: what its own markers say (ITU-T
/// T.81 B.1, T.87, T.800 A) goes before the file's syntax, which may be wrong. EXS_Unknown where
/// nothing here decodes it.
/// @param stream  a frame's fragments, joined
/// @param said    by the file
E_TransferSyntax syntax_of_stream(std::string_view stream, E_TransferSyntax said);

bool is_jpeg_2000(E_TransferSyntax syntax);

/// The header of a JPEG 2000 code stream (ITU-T T.800 A.5.1).
struct Jpeg2000Size {
  int width = 0, height = 0, components = 0, bits = 0;
  bool is_signed = false;
};
/// All 0 where there is none, or its components differ in depth or are subsampled.
Jpeg2000Size jpeg_2000_size(std::string_view stream);

}  // namespace spine
