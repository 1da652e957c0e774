#pragma once

namespace spine {

/// Makes DCMTK and GDCM ready once, from any thread: decoders and encoders registered, both silent.
/// @throws Error(internal) when DCMTK's dictionary file is missing.
void prepare_dicom_libraries();

}  // namespace spine
