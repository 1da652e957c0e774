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
    // Errors are returned as conditions; the libraries' own log is switched off.
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    gdcm::Trace::SetDebug(false);
    gdcm::Trace::SetWarning(false);
    gdcm::Trace::SetError(false);
    gdcm::Global::GetInstance();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    // Pad JPEG-LS streams of odd length after their end. The alternative, an FF before the end,
    // overruns the buffer of DCMTK 3.6.7.
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
