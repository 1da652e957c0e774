#include "spine/io/dicom/dicom_runtime.h"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcxfer.h>

TEST_CASE("Any number of threads may initialise the libraries") {
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      spine::prepare_dicom_libraries();
      ++done;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(done == 8);
  for (const auto syntax : {EXS_RLELossless, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless}) {
    CHECK(DcmCodecList::canChangeCoding(syntax, EXS_LittleEndianExplicit));
    CHECK(DcmCodecList::canChangeCoding(EXS_LittleEndianExplicit, syntax));
  }
}
