#include "spine/io/dicom/dicom_dataset.h"

#include <iomanip>
#include <locale>
#include <sstream>

#include <dcmtk/dcmdata/dcostrmb.h>

#include "spine/core/error.h"

namespace spine {
namespace {

void check(const OFCondition& condition) {
  if (condition.bad()) refuse_dicom(condition.text());
}

}  // namespace

void refuse_dicom(const std::string& what) {
  throw Error(ErrorKind::internal, "write DICOM: " + what);
}

std::string decimal_string(double value) {
  for (int digits = 12; digits > 1; --digits) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::setprecision(digits) << value;
    if (out.str().size() <= 16) return out.str();
  }
  refuse_dicom("number " + std::to_string(value) + " does not fit a decimal string");
}

void DatasetWriter::text(const DcmTag& tag, const std::string& value) {
  check(item_.putAndInsertString(tag, value.c_str()));
}

void DatasetWriter::word(const DcmTag& tag, int value) {
  check(item_.putAndInsertUint16(tag, static_cast<Uint16>(value)));
}

void DatasetWriter::bytes(const DcmTag& tag, const std::vector<std::uint8_t>& values) {
  std::vector<Uint8> even(values.begin(), values.end());
  if (even.size() % 2 != 0) even.push_back(0);
  check(item_.putAndInsertUint8Array(tag, even.data(), even.size()));
}

void DatasetWriter::words(const DcmTag& tag, const std::uint16_t* values, std::size_t count) {
  check(item_.putAndInsertUint16Array(tag, values, count));
}

void DatasetWriter::number(const DcmTag& tag, std::uint32_t value) {
  check(item_.putAndInsertUint32(tag, value));
}

void DatasetWriter::pointer(const DcmTag& tag, const DcmTagKey& key) {
  check(item_.putAndInsertTagKey(tag, key));
}

DatasetWriter DatasetWriter::item(const DcmTag& sequence) {
  DcmItem* made = nullptr;
  check(item_.findOrCreateSequenceItem(sequence, made, -2));  // -2: append
  return DatasetWriter(*made);
}

void DatasetWriter::code(const DcmTag& sequence, const std::string& value,
                         const std::string& scheme, const std::string& meaning) {
  DatasetWriter code = item(sequence);
  code.text(DCM_CodeValue, value);
  code.text(DCM_CodingSchemeDesignator, scheme);
  code.text(DCM_CodeMeaning, meaning);
}

std::string serialise(DcmFileFormat& format, E_TransferSyntax syntax) {
  std::vector<char> buffer(1U << 20U);
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  std::string bytes;
  format.transferInit();
  OFCondition status = EC_Normal;
  do {
    status = format.write(stream, syntax, EET_ExplicitLength, nullptr);
    void* data = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(data, length);
    bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(length));
  } while (status == EC_StreamNotifyClient);
  format.transferEnd();
  if (status.bad()) refuse_dicom(status.text());
  return bytes;
}

}  // namespace spine
