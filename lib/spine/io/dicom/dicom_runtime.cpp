#include "spine/io/dicom/dicom_runtime.h"

#include <mutex>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/oflog/oflog.h>
#include <gdcmGlobal.h>
#include <gdcmTrace.h>

#include "spine/core/error.h"

namespace spine {

void prepare_dicom_libraries() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Every fault reaches the caller as a condition; the libraries' own lines would be noise.
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    gdcm::Trace::SetDebug(false);
    gdcm::Trace::SetWarning(false);
    gdcm::Trace::SetError(false);
    gdcm::Global::GetInstance();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    // A JPEG-LS stream of odd length gets a byte behind its end. The other way, an FF before the
    // end, writes past DCMTK 3.6.7's buffer.
    DJLSEncoderRegistration::registerCodecs(0, 0, 0, 0, OFTrue, 0, OFTrue, EJLSUC_default, OFFalse,
                                            DJLSCodecParameter::interleaveDefault, OFFalse);
    DcmRLEEncoderRegistration::registerCodecs();
    if (!dcmDataDict.isDictionaryLoaded()) {
      throw Error(ErrorKind::internal,
                  "DICOM: DCMTK found no data dictionary (dicom.dic of package libdcmtk; check the "
                  "environment variable DCMDICTPATH)");
    }
  });
}

}  // namespace spine
