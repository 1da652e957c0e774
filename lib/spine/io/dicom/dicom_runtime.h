#pragma once

namespace spine {

/// Initialises DCMTK and GDCM once, thread-safely: registers decoders and encoders and silences
/// logs.
/// @throws Error(internal) if DCMTK's dictionary file is missing
void prepare_dicom_libraries();

}  // namespace spine
