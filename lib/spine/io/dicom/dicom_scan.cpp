#include "spine/io/dicom/dicom_scan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace spine {
namespace {

constexpr std::uint32_t kUndefined = 0xFFFFFFFF;
/// More than any film or report has; a file of empty elements alone could exhaust memory.
constexpr std::size_t kMostElements = 1'000'000;

constexpr std::uint32_t tag_of(std::uint32_t group, std::uint32_t element) {
  return group << 16U | element;
}
constexpr std::uint32_t kItem = tag_of(0xFFFE, 0xE000);
constexpr std::uint32_t kItemEnd = tag_of(0xFFFE, 0xE00D);
constexpr std::uint32_t kSequenceEnd = tag_of(0xFFFE, 0xE0DD);
constexpr std::uint32_t kPixelData = tag_of(0x7FE0, 0x0010);

std::uint32_t number(const std::string& bytes, std::size_t at, std::size_t count, bool big_endian) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[big_endian ? at + i : at + count - 1 - i]);
    value = value << 8U | byte;
  }
  return value;
}

std::uint32_t tag_at(const std::string& bytes, std::size_t at, bool big_endian) {
  return tag_of(number(bytes, at, 2, big_endian), number(bytes, at + 2, 2, big_endian));
}

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

constexpr std::array<std::string_view, 34> kRepresentations{
    "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT",
    "OB", "OD", "OF", "OL", "OV", "OW", "PN", "SH", "SL", "SQ", "SS", "ST",
    "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV"};

bool is_representation(std::string_view vr) {
  return std::find(kRepresentations.begin(), kRepresentations.end(), vr) != kRepresentations.end();
}

/// Whether the length has 2 bytes (PS3.5 7.1.2). Unknown pairs of letters are assumed to be later
/// representations with 4 bytes; other bytes are treated as DCMTK does.
bool has_short_length(std::string_view vr) {
  constexpr std::array<std::string_view, 13> long_ones{"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                       "SV", "UC", "UN", "UR", "UT", "UV"};
  if (!is_letter(vr[0]) || !is_letter(vr[1])) return true;
  if (!is_representation(vr)) return false;
  return std::find(long_ones.begin(), long_ones.end(), vr) == long_ones.end();
}

struct Element {
  std::uint32_t tag = 0;
  std::string vr;  ///< empty if implicit
  std::uint32_t length = 0;
  std::uint64_t value_at = 0;
};

/// The header of an element; nullopt if the file ends within it.
std::optional<Element> element_at(ByteSource& source, std::uint64_t at, ElementEncoding encoding) {
  const std::string bytes = source.read(at, 12);
  if (bytes.size() < 8) return std::nullopt;
  Element element;
  element.tag = tag_at(bytes, 0, encoding.big_endian);
  element.value_at = at + 8;
  const bool delimiter = element.tag >> 16U == 0xFFFE;
  if (!encoding.explicit_vr || delimiter) {
    element.length = number(bytes, 4, 4, encoding.big_endian);
    return element;
  }
  element.vr = bytes.substr(4, 2);
  if (has_short_length(element.vr)) {
    element.length = number(bytes, 6, 2, encoding.big_endian);
    return element;
  }
  if (bytes.size() < 12) return std::nullopt;
  element.length = number(bytes, 8, 4, encoding.big_endian);
  element.value_at = at + 12;
  return element;
}

/// Encoding of the first element of a data set: its group is a small number, and two letters of a
/// known value representation cannot be the length of a first element.
ElementEncoding encoding_at(ByteSource& source, std::uint64_t at) {
  const std::string bytes = source.read(at, 6);
  ElementEncoding encoding;
  if (bytes.size() < 6) return encoding;
  encoding.big_endian = number(bytes, 0, 2, true) < number(bytes, 0, 2, false);
  encoding.explicit_vr = is_representation(std::string_view(bytes).substr(4, 2));
  return encoding;
}

class Walk {
 public:
  Walk(ByteSource& source, DicomPart part, DicomLayout& layout)
      : source_(source), part_(part), layout_(layout), at_(layout.dataset_at) {
    levels_.push_back({false, source.size(), false, layout.encoding});
  }

  void run() {
    while (!done_ && layout_.problem.empty()) {
      const Level& level = levels_.back();
      if (at_ >= level.end) {
        if (levels_.size() == 1) break;
        at_ = level.end;
        levels_.pop_back();
      } else if (!(level.sequence ? step_in_sequence() : step_in_item()) && !leave_guess()) {
        lost();
      }
    }
    // Data after the pixels are not part of the film: padding, signatures, garbage.
    if (!found_pixels_) layout_.pixels_at = std::min(at_, source_.size());
  }

 private:
  struct Level {
    bool sequence = false;
    std::uint64_t end = 0;  ///< of the enclosing level if the length is undefined
    bool guessed = false;   ///< only resembled a sequence
    ElementEncoding encoding;
  };

  bool step_in_sequence() {
    const auto element = element_at(source_, at_, levels_.back().encoding);
    if (!element) return false;
    at_ += 8;
    if (element->tag == kSequenceEnd) {
      levels_.pop_back();
      return true;
    }
    return element->tag == kItem && push(false, *element, false, levels_.back().encoding);
  }

  bool step_in_item() {
    const ElementEncoding encoding = levels_.back().encoding;
    const auto element = element_at(source_, at_, encoding);
    if (!element) return false;
    if (element->tag == kItemEnd || element->tag == kSequenceEnd) {
      if (element->tag == kItemEnd || levels_.size() == 1) at_ += 8;
      if (levels_.size() > 1) levels_.pop_back();
      return true;
    }
    if (element->tag == kItem) return false;
    if (levels_.size() == 1 && top_element(*element)) return true;
    if (element->length == kUndefined) {
      if (element->tag == kPixelData) return skip_fragments(element->value_at, nullptr);
      at_ = element->value_at;
      // PS3.5 6.2.2: VR UN of undefined length is a sequence in implicit VR.
      return push(true, *element, false,
                  element->vr == "UN" ? ElementEncoding{false, false} : encoding);
    }
    if (!fits(*element)) return false;
    at_ = element->value_at;
    if (element->vr == "SQ") return push(true, *element, false, encoding);
    if ((element->vr.empty() || element->vr == "UN") && starts_with_item(*element, encoding)) {
      return push(true, *element, true, {false, encoding.big_endian});
    }
    at_ += element->length;
    return true;
  }

  /// @returns whether the element was consumed: pixels are
  bool top_element(const Element& element) {
    constexpr std::uint32_t sop_class = tag_of(0x0008, 0x0016), modality = tag_of(0x0008, 0x0060),
                            rows = tag_of(0x0028, 0x0010), columns = tag_of(0x0028, 0x0011);
    if (element.tag == sop_class || element.tag == modality) layout_.names_kind = true;
    if (element.tag == rows) has_rows_ = true;
    if (element.tag == columns && has_rows_) layout_.has_size = true;
    const std::uint32_t first = tag_of(0x7FE0, 0x0008);
    if (element.tag < first || element.tag > kPixelData || found_pixels_) return false;
    found_pixels_ = true;
    layout_.pixels_at = at_;
    layout_.has_pixels = element.tag == kPixelData;
    layout_.has_float_pixels = !layout_.has_pixels;
    layout_.words = element.vr == "OW";
    if (part_ == DicomPart::header) {
      done_ = true;
      return true;
    }
    if (!layout_.has_pixels) return false;
    take_pixels(element);
    return true;
  }

  void take_pixels(const Element& element) {
    if (element.length != kUndefined) {
      layout_.pixels = {element.value_at, element.length};
      if (!fits(element)) return lost();
      at_ = element.value_at + element.length;
      return;
    }
    if (starts_with_item(element, layout_.encoding)) {
      layout_.encapsulated = true;
      if (!skip_fragments(element.value_at, &layout_.fragments)) lost();
      return;
    }
    // Native pixels of undefined length: all remaining bytes except the delimiter.
    std::uint64_t end = source_.size();
    if (end >= element.value_at + 8) {
      const std::string last = source_.read(end - 8, 8);
      if (tag_at(last, 0, layout_.encoding.big_endian) == kSequenceEnd) end -= 8;
    }
    layout_.pixels = {element.value_at, end - element.value_at};
    done_ = true;
  }

  /// Fragments are contiguous; bytes within one that resemble a delimiter are ignored.
  bool skip_fragments(std::uint64_t at, std::vector<ByteRange>* fragments) {
    const Level& level = levels_.back();
    while (at < level.end) {
      const auto item = element_at(source_, at, level.encoding);
      if (!item) return false;
      if (item->tag == kSequenceEnd) {
        at += 8;
        break;
      }
      if (item->tag != kItem || item->value_at > level.end ||
          item->length > level.end - item->value_at || too_many())
        return false;
      if (fragments != nullptr) fragments->push_back({item->value_at, item->length});
      at = item->value_at + item->length;
    }
    at_ = at;
    return true;
  }

  bool push(bool sequence, const Element& element, bool guessed, ElementEncoding encoding) {
    std::uint64_t end = levels_.back().end;
    if (element.length != kUndefined) {
      if (element.length > end - std::min(end, at_)) return false;
      end = at_ + element.length;
    }
    if (too_many()) return true;
    levels_.push_back({sequence, end, guessed, encoding});
    // A sequence and its item add two levels.
    if (levels_.size() > 2 * kDeepestSequence + 1) {
      layout_.problem = "sequences that are nested at most " + std::to_string(kDeepestSequence) +
                        " deep, got more";
    }
    return true;
  }

  [[nodiscard]] bool fits(const Element& element) {
    const std::uint64_t end = levels_.back().end;
    return !too_many() && element.value_at <= end && element.length <= end - element.value_at;
  }

  bool starts_with_item(const Element& element, ElementEncoding encoding) {
    if (element.length < 8) return false;
    const std::string bytes = source_.read(element.value_at, 4);
    return bytes.size() == 4 && tag_at(bytes, 0, encoding.big_endian) == kItem;
  }

  /// Skips bytes that only resembled a sequence.
  bool leave_guess() {
    if (!layout_.problem.empty()) return true;
    for (std::size_t i = levels_.size(); i-- > 1;) {
      if (!levels_[i].guessed) continue;
      at_ = levels_[i].end;
      levels_.resize(i);
      return true;
    }
    return false;
  }

  bool too_many() {
    if (++elements_ <= kMostElements) return false;
    layout_.problem = "at most " + std::to_string(kMostElements) + " elements, got more";
    return true;
  }

  void lost() {
    const bool whole_pixels =
        layout_.has_pixels &&
        (layout_.encapsulated ? !layout_.fragments.empty()
                              : layout_.pixels.at + layout_.pixels.size <= source_.size()) &&
        at_ > layout_.pixels_at;
    done_ = true;
    if (whole_pixels || !layout_.problem.empty()) return;
    layout_.problem = "a whole DICOM file, got one that ends or cannot be followed at byte " +
                      std::to_string(at_) + " of " + std::to_string(source_.size());
  }

  ByteSource& source_;
  DicomPart part_;
  DicomLayout& layout_;
  std::vector<Level> levels_;
  std::uint64_t at_;
  std::size_t elements_ = 0;
  bool done_ = false, found_pixels_ = false, has_rows_ = false;
};

std::string uid_at(ByteSource& source, const Element& element) {
  std::string text = source.read(element.value_at, std::min<std::size_t>(element.length, 64));
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  return text;
}

/// Whether the elements of a data set, or of a meta header, may start here.
bool may_begin(ByteSource& source, std::uint64_t at) {
  const std::string bytes = source.read(at, 8);
  if (bytes.size() < 8) return false;
  const ElementEncoding encoding = encoding_at(source, at);
  constexpr std::array<std::uint32_t, 6> groups{0x0002, 0x0008, 0x0010, 0x0018, 0x0020, 0x0028};
  const std::uint32_t tag = tag_at(bytes, 0, encoding.big_endian);
  if (std::find(groups.begin(), groups.end(), tag >> 16U) == groups.end()) return false;
  return encoding.explicit_vr || number(bytes, 4, 4, encoding.big_endian) < 0x10000;
}

/// Scans the meta header (PS3.10 7.1) by its group, ignoring its stated length.
void scan_meta(ByteSource& source, DicomLayout& layout) {
  std::uint64_t at = layout.dataset_at;
  for (std::size_t count = 0;; ++count) {
    const ElementEncoding encoding = encoding_at(source, at);
    const auto element = element_at(source, at, encoding);
    if (!element || element->tag >> 16U != 0x0002) break;
    const std::uint64_t left = source.size() - std::min(source.size(), element->value_at);
    if (element->length > left || count > kMostElements) {
      layout.problem = "a meta header of whole elements, got one that cannot be followed at byte " +
                       std::to_string(at);
      return;
    }
    if (element->tag == tag_of(0x0002, 0x0002)) layout.media_class = uid_at(source, *element);
    if (element->tag == tag_of(0x0002, 0x0010)) layout.transfer_syntax = uid_at(source, *element);
    at = element->value_at + element->length;
  }
  layout.dataset_at = at;
}

bool has_text(ByteSource& source, std::uint64_t at, std::string_view text) {
  return source.read(at, text.size()) == text;
}

bool begins_like_picture(ByteSource& source) {
  const std::array<std::string_view, 4> starts{
      std::string_view("II*\0", 4), std::string_view("MM\0*", 4), "\x89PNG", "\xFF\xD8\xFF"};
  return std::any_of(starts.begin(), starts.end(),
                     [&](const auto& start) { return has_text(source, 0, start); });
}

/// A preamble may resemble another format (PS3.10 7.1): the data after "DICM" decide.
bool find_start(ByteSource& source, DicomLayout& layout) {
  constexpr std::uint64_t preamble = 128;
  for (const std::uint64_t at : {preamble, std::uint64_t{0}}) {
    if (!has_text(source, at, "DICM")) continue;
    if (!may_begin(source, at + 4) && begins_like_picture(source)) continue;
    layout.has_magic = true;
    layout.dataset_at = at + 4;
    return true;
  }
  return may_begin(source, 0);
}

}  // namespace

std::string MemorySource::read(std::uint64_t at, std::size_t count) {
  if (at >= bytes_.size()) return {};
  return std::string(bytes_.substr(at, count));
}

FileSource::FileSource(const std::filesystem::path& file) : stream_(file, std::ios::binary) {
  stream_.seekg(0, std::ios::end);
  const auto end = stream_.tellg();
  if (stream_ && end > 0) size_ = static_cast<std::uint64_t>(end);
}

std::string FileSource::read(std::uint64_t at, std::size_t count) {
  constexpr std::size_t kBlock = 1U << 16U;
  if (at >= size_) return {};
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - at));
  if (count > kBlock / 2) return read_past_block(at, count);
  if (at < block_at_ || at + count > block_at_ + block_.size()) {
    block_ = read_past_block(at, kBlock);
    block_at_ = at;
  }
  return block_.substr(static_cast<std::size_t>(at - block_at_), count);
}

std::string FileSource::read_past_block(std::uint64_t at, std::size_t count) {
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - at)), '\0');
  stream_.clear();
  stream_.seekg(static_cast<std::streamoff>(at));
  stream_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(stream_.gcount()));
  return bytes;
}

DicomLayout scan_dicom(ByteSource& source, DicomPart part) {
  DicomLayout layout;
  if (!find_start(source, layout)) return layout;
  scan_meta(source, layout);
  if (!layout.problem.empty() || layout.transfer_syntax == kDeflatedSyntax) return layout;
  scan_dataset(source, part, layout);
  return layout;
}

void scan_dataset(ByteSource& source, DicomPart part, DicomLayout& layout) {
  layout.encoding = encoding_at(source, layout.dataset_at);
  Walk(source, part, layout).run();
}

bool is_dicom_layout(const DicomLayout& layout) {
  return layout.has_magic || !layout.transfer_syntax.empty() || layout.names_kind ||
         (layout.has_size && layout.has_pixels);
}

}  // namespace spine
