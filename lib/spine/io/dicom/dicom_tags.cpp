#include "spine/io/dicom/dicom_tags.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "spine/util/text.h"

namespace spine {
namespace {

constexpr std::string_view kPadding(" \0\t\r\n", 5);

std::string without_padding(const OFString& value) {
  // OFString is std::string only in some builds of DCMTK.
  std::string out(value.c_str());  // NOLINT(readability-redundant-string-cstr)
  const auto end = out.find_last_not_of(std::string(" \0", 2));
  return end == std::string::npos ? std::string() : out.substr(0, end + 1);
}

DcmElement* find(DcmItem& item, const DcmTagKey& key) {
  DcmElement* element = nullptr;
  return item.findAndGetElement(key, element).good() ? element : nullptr;
}

std::string bytes_of(DcmElement& element) {
  const std::size_t size = element.getLengthField();
  Uint8* bytes = nullptr;
  Uint16* words = nullptr;
  Sint16* with_sign = nullptr;
  const void* data = nullptr;
  if (element.getUint8Array(bytes).good()) {
    data = bytes;
  } else if (element.getUint16Array(words).good()) {
    data = words;
  } else if (element.getSint16Array(with_sign).good()) {
    data = with_sign;
  }
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

/// The text of an element of unknown representation or of bytes.
std::optional<std::string> text_of_bytes(DcmElement* element) {
  if (dynamic_cast<DcmOtherByteOtherWord*>(element) == nullptr) return std::nullopt;
  const std::string bytes = bytes_of(*element);
  return bytes.substr(0, bytes.find('\0'));
}

std::vector<std::optional<double>> numbers_in(const std::string& text) {
  std::vector<std::optional<double>> numbers;
  if (trimmed(text, kPadding).empty()) return numbers;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find('\\', start), text.size());
    numbers.push_back(parse_decimal(std::string_view(text).substr(start, end - start)));
    start = end + 1;
  }
  return numbers;
}

/// A number in a binary representation; nullopt for others.
std::optional<double> binary_number(DcmElement& element, unsigned long position) {
  Float32 single = 0;
  Float64 real = 0;
  Uint16 word = 0;
  Sint16 signed_word = 0;
  Uint32 whole = 0;
  Sint32 signed_whole = 0;
  switch (element.ident()) {
    case EVR_FL:
      if (element.getFloat32(single, position).good()) return single;
      break;
    case EVR_FD:
      if (element.getFloat64(real, position).good()) return real;
      break;
    case EVR_US:
      if (element.getUint16(word, position).good()) return word;
      break;
    case EVR_SS:
      if (element.getSint16(signed_word, position).good()) return signed_word;
      break;
    case EVR_UL:
      if (element.getUint32(whole, position).good()) return whole;
      break;
    case EVR_SL:
      if (element.getSint32(signed_whole, position).good()) return signed_whole;
      break;
    default:
      break;
  }
  return std::nullopt;
}

bool is_binary(DcmEVR vr) {
  return vr == EVR_FL || vr == EVR_FD || vr == EVR_US || vr == EVR_SS || vr == EVR_UL ||
         vr == EVR_SL;
}

}  // namespace

std::string tag_text(DcmItem& item, const DcmTagKey& key) {
  if (const auto text = text_of_bytes(find(item, key))) {
    const std::string first = text->substr(0, text->find('\\'));
    return without_padding(
        first.c_str());  // NOLINT(readability-redundant-string-cstr): up to a NUL
  }
  OFString value;
  return item.findAndGetOFString(key, value).bad() ? std::string() : without_padding(value);
}

std::string tag_texts(DcmItem& item, const DcmTagKey& key) {
  if (const auto text = text_of_bytes(find(item, key))) {
    return without_padding(
        text->c_str());  // NOLINT(readability-redundant-string-cstr): up to a NUL
  }
  OFString value;
  return item.findAndGetOFStringArray(key, value).bad() ? std::string() : without_padding(value);
}

std::optional<double> parse_decimal(std::string_view text) {
  std::string number = trimmed(text, kPadding);
  if (std::count(number.begin(), number.end(), ',') == 1 && number.find('.') == std::string::npos) {
    number[number.find(',')] = '.';
  }
  if (number.size() > 1 && number[0] == '+' && number[1] != '-') number.erase(0, 1);
  double value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, fault] = std::from_chars(number.data(), end, value);
  if (number.empty() || fault != std::errc() || stop != end || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::optional<double>> tag_numbers(DcmItem& item, const DcmTagKey& key) {
  DcmElement* element = find(item, key);
  if (element == nullptr) return {};
  if (!is_binary(element->ident())) return numbers_in(tag_texts(item, key));
  // Sufficient for all callers; a corrupt element may claim millions.
  const unsigned long count = std::min(element->getVM(), 64UL);
  std::vector<std::optional<double>> numbers;
  for (unsigned long i = 0; i < count; ++i) {
    const auto number = binary_number(*element, i);
    numbers.push_back(number && std::isfinite(*number) ? number : std::nullopt);
  }
  return numbers;
}

std::optional<double> tag_number(DcmItem& item, const DcmTagKey& key, unsigned long position) {
  const auto numbers = tag_numbers(item, key);
  return position < numbers.size() ? numbers[position] : std::nullopt;
}

std::optional<int> tag_integer(DcmItem& item, const DcmTagKey& key, unsigned long position) {
  DcmElement* element = find(item, key);
  if (element == nullptr) return std::nullopt;
  std::optional<double> number;
  const std::string bytes =
      dynamic_cast<DcmOtherByteOtherWord*>(element) != nullptr ? bytes_of(*element) : "";
  const std::size_t at = 2 * static_cast<std::size_t>(position);
  // Digits as text are distinguished from words by their bytes: a word of two digits would exceed
  // 12,000.
  const bool digits = !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ' ' || c == '\\';
  });
  if (!digits && at + 2 <= bytes.size()) {
    number = static_cast<unsigned char>(bytes[at]) | static_cast<unsigned char>(bytes[at + 1]) << 8;
  } else {
    number = tag_number(item, key, position);
  }
  if (!number || std::floor(*number) != *number ||
      std::abs(*number) > std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

int tag_word(DcmItem& item, const DcmTagKey& key, int otherwise) {
  Uint16 value = 0;
  return item.findAndGetUint16(key, value).good() ? value : otherwise;
}

std::string tag_bytes(DcmItem& item, const DcmTagKey& key) {
  DcmElement* element = find(item, key);
  return element == nullptr ? std::string() : bytes_of(*element);
}

}  // namespace spine
