#include "spine/io/dicom/dicom_description.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace spine {
namespace {

// --- Words ---

/// A lower-case word, with how it is joined to the previous one.
struct Word {
  std::string text;
  bool foreign = false;  ///< contains non-ASCII letters
  bool joined = false;   ///< preceded by "+", "/" or similar
};

/// Decodes one UTF-8 code point and advances `at`; malformed bytes are one code point each.
char32_t next_code_point(const std::string& text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const std::uint8_t first = byte(at);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t code = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) {
      ++at;
      return first;
    }
    code = code << 6U | (byte(at + i) & 0x3FU);
  }
  at += length;
  return code;
}

void append_utf8(std::string& text, char32_t code) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

/// Letters of scripts written without spaces: Chinese, Japanese, Korean.
bool is_unspaced(char32_t code) { return code >= 0x2E80; }

/// Lower case of Latin, Greek and Cyrillic letters; full-width forms become ASCII.
char32_t simplified(char32_t code) {
  if (code >= 0xFF01 && code <= 0xFF5E) code -= 0xFEE0;
  const auto within = [&](char32_t first, char32_t last) { return code >= first && code <= last; };
  if (within('A', 'Z') || (within(0xC0, 0xDE) && code != 0xD7)) return code + 0x20;
  if (within(0x0391, 0x03A9) || within(0x0410, 0x042F)) return code + 0x20;
  if (within(0x0400, 0x040F)) return code + 0x50;
  // Alternating upper and lower case, upper first.
  if (within(0x0100, 0x0137) || within(0x014A, 0x0177)) return code | 1U;
  if (within(0x0139, 0x0148) || within(0x0179, 0x017E)) return code + (code & 1U);
  return code;
}

bool is_letter(char32_t code) {
  if (code < 0x80) return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z');
  const bool punctuation = code < 0xC0 || code == 0xD7 || code == 0xF7 ||
                           (code >= 0x2000 && code <= 0x2BFF) ||
                           (code >= 0x3000 && code <= 0x303F) || code == 0x30FB;
  return !punctuation;
}

/// Joins initials: "a.p." becomes one word.
void unite_initials(std::vector<Word>& words) {
  constexpr std::array<std::array<std::string_view, 3>, 4> kPairs{
      {{"a", "p", "ap"},
       {"p", "a", "pa"},
       {"antero", "posterior", "anteroposterior"},
       {"postero", "anterior", "posteroanterior"}}};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    for (const auto& [first, second, whole] : kPairs) {
      if (words[i].text != first || words[i + 1].text != second) continue;
      words[i].text = whole;
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      break;
    }
  }
}

std::vector<Word> words_of(const std::string& text) {
  std::vector<Word> words;
  Word word;
  char32_t before = ' ';
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = simplified(next_code_point(text, at));
    if (is_letter(code)) {
      // A change of script separates words, as "AP" within Japanese.
      if (!word.text.empty() && is_unspaced(code) != is_unspaced(before)) {
        words.push_back(std::exchange(word, {}));
      }
      append_utf8(word.text, code);
      word.foreign = word.foreign || code >= 0x80;
    } else {
      if (!word.text.empty()) words.push_back(std::exchange(word, {}));
      const bool joins = std::u32string_view(U"+&/\\,;|").find(code) != std::u32string_view::npos;
      // A dash without surrounding blanks joins words.
      const bool dash = code == '-' && is_letter(before) && at < text.size() && text[at] != ' ';
      word.joined = word.joined || joins || dash || code >= 0x80;
      word.foreign = word.foreign || code == 0x1B;  // text in an undecoded character set
    }
    before = code;
  }
  if (!word.text.empty()) words.push_back(word);
  unite_initials(words);
  return words;
}

// --- What words mean ---

/// Whole words, beginnings of words, and parts of words.
template <std::size_t N, std::size_t M, std::size_t K>
struct Vocabulary {
  std::array<std::string_view, N> whole;
  std::array<std::string_view, M> beginnings;
  std::array<std::string_view, K> parts;

  [[nodiscard]] bool has(const std::string& word) const {
    return std::find(whole.begin(), whole.end(), word) != whole.end() ||
           std::any_of(beginnings.begin(), beginnings.end(),
                       [&](auto part) { return word.starts_with(part); }) ||
           std::any_of(parts.begin(), parts.end(),
                       [&](auto part) { return word.find(part) != std::string::npos; });
  }
};

/// Deduction guide: Clang deduces aggregate arguments only from version 17.
template <std::size_t N, std::size_t M, std::size_t K>
Vocabulary(std::array<std::string_view, N>, std::array<std::string_view, M>,
           std::array<std::string_view, K>) -> Vocabulary<N, M, K>;

constexpr Vocabulary kLateral{
    std::to_array<std::string_view>({"lat", "ll", "rl", "llat", "rlat", "latlt", "latrt", "side",
                                     "sag", "sida", "lld", "rld", "yan"}),
    std::to_array<std::string_view>({"later", "seit",    "profi",  "perfil",  "sagit", "saggit",
                                     "zij",   "sideb",   "sideop", "sido",    "sivu",  "bocz",
                                     "bocn",  "oldal",   "yanal",  "stransk", "kulg",  "sanu",
                                     "sonin", "samping", "nghieng"}),
    std::to_array<std::string_view>({"boczn", "bočn", "бок", "бічн", "латер", "проф", "стран",
                                     "πλαγ", "πλάγ", "προφ", "külg", "sānu", "šonin", "側", "侧",
                                     "측면", "جانب", "צד", "ข้าง"})};

constexpr auto kFrontal = std::to_array<std::string_view>(
    {"ap", "pa", "frontal", "frontale", "face", "anteroposterior", "vd", "coronal",
     "posteroanterior", "anteroposterieur", "obl", "oblique"});

/// More than one view, or an examination with an unstated number of views.
constexpr Vocabulary kSeveral{
    std::to_array<std::string_view>(
        {"views",  "vws",   "vw",    "ebenen", "eb",    "vues",     "incidences", "plans", "planes",
         "series", "two",   "three", "zwei",   "drei",  "beide",    "beiden",     "both",  "deux",
         "trois",  "dos",   "tres",  "due",    "duas",  "dois",     "twee",       "drie",  "tva",
         "dwie",   "dwoch", "iki",   "dve",    "kaksi", "complete", "biplan"}),
    std::to_array<std::string_view>({"incidenci", "proyeccion", "proiezion", "projeko", "projectie",
                                     "projektion", "projekcj", "richting"}),
    std::to_array<std::string_view>({"två", "dwóch", "yönlü", "方向", "проекци", "проєкц"})};

/// Words that occur beside the name of a view without naming one.
constexpr Vocabulary kNeutral{
    std::to_array<std::string_view>(
        {"standing", "stehend", "stand",      "stehen",       "stehende",  "erect",     "upright",
         "supine",   "liegend", "debout",     "charge",       "couche",    "decubitus", "weight",
         "bearing",  "wb",      "portable",   "mobile",       "grid",      "table",     "bucky",
         "view",     "proj",    "projection", "xray",         "ray",       "rx",        "rad",
         "left",     "right",   "lt",         "rt",           "de",        "der",       "the",
         "of",       "in",      "im",         "frontal",      "cr",        "dx",        "dr",
         "image",    "film",    "aufnahme",   "strahlengang", "incidence", "vue",       "ap",
         "pa"}),
    std::to_array<std::string_view>({"rontgen", "roentgen", "radiograph", "radiogra"}),
    std::to_array<std::string_view>({"röntgen"})};

constexpr auto kAnd = std::to_array<std::string_view>(
    {"und", "u", "and", "et", "y", "e", "og", "och", "en", "ve", "i", "ja", "a", "n", "es"});

/// Spine, sacrum, pelvis, hip and abdomen.
constexpr Vocabulary kTrunk{
    std::to_array<std::string_view>({"ls", "ws", "lws", "lwk", "lsp", "bwk", "tls", "lspine",
                                     "whole", "full", "eos", "hip", "hips", "kub", "col", "trunk"}),
    std::to_array<std::string_view>(
        {"spin",    "lumb",   "lomb",    "rachi",  "colon",  "colum",  "colun",  "kolumn",
         "vertebr", "wirbel", "wervel",  "sacr",   "sakr",   "ilio",   "kreuzb", "ganz",
         "scolio",  "skoli",  "escolio", "ryg",    "kreg",   "ledzw",  "omurga", "selk",
         "lann",    "lend",   "pelvi",   "becken", "bekken", "bassin", "bacin",  "huft",
         "hueft",   "heup",   "cader",   "hanche", "abdom",  "bauch",  "gerinc", "pater"}),
    std::to_array<std::string_view>({"wirbels", "lumbal", "lumbar", "spine",  "säule", "vértebr",
                                     "vertébr", "hüft",   "länd",   "lænd",   "kręg",  "lędźw",
                                     "beder",   "páteř",  "поясн",  "позвон", "хребе", "крест",
                                     "таз",     "腰",     "脊",     "骨盤",   "骨盆",  "척추",
                                     "요추",    "골반",   "σπονδ",  "οσφυ"})};

// Body parts that exclude a film of the lumbar spine.
constexpr auto kOtherParts = std::to_array<std::string_view>(
    {"chest",    "thorax",   "hand",    "foot",  "knee",   "knie",     "ankle",
     "shoulder", "schulter", "elbow",   "skull", "wrist",  "finger",   "clavicle",
     "femur",    "tibia",    "toe",     "fuss",  "cspine", "cervical", "hws",
     "ribs",     "thumb",    "patella", "heel",  "sinus",  "forearm"});

template <std::size_t N>
bool is_one_of(const std::string& word, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// "2", "3", "2v", "2pl", "2x", "2ebenen".
bool counts_several(const std::string& word) {
  if (word.empty() || word[0] < '2' || word[0] > '9') return false;
  return word.size() == 1 || (word[1] >= 'a' && word[1] <= 'z' &&
                              word.find_first_of("0123456789", 1) == std::string::npos);
}

bool is_known(const Word& word) {
  return is_one_of(word.text, kFrontal) || kLateral.has(word.text) || kTrunk.has(word.text) ||
         kNeutral.has(word.text) || is_one_of(word.text, kOtherParts);
}

/// Whether an unknown term is joined to the word at `at`, as in "AP + ..." or "... und AP".
bool joins_unknown(const std::vector<Word>& words, std::size_t at) {
  const auto after = [&](std::size_t i) {
    return i + 1 < words.size() && words[i + 1].joined && !is_known(words[i + 1]);
  };
  const auto before = [&](std::size_t i) {
    return i > 0 && words[i].joined && !is_known(words[i - 1]);
  };
  if (after(at) || before(at)) return true;
  if (at + 2 < words.size() && is_one_of(words[at + 1].text, kAnd) && !is_known(words[at + 2])) {
    return true;
  }
  return at >= 2 && is_one_of(words[at - 1].text, kAnd) && !is_known(words[at - 2]);
}

}  // namespace

DescribedView described_view(const std::string& text) {
  const std::vector<Word> words = words_of(text);
  bool frontal = false, lateral = false, several = false, maybe_more = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (is_one_of(word.text, kFrontal)) {
      frontal = true;
      maybe_more = maybe_more || joins_unknown(words, i);
    } else if (kLateral.has(word.text)) {
      lateral = true;
    }
    several = several || kSeveral.has(word.text);
    maybe_more = maybe_more || counts_several(word.text) || (word.foreign && !is_known(word));
  }
  if (several || (frontal && (lateral || maybe_more))) return DescribedView::several;
  if (lateral) return DescribedView::lateral;
  return frontal ? DescribedView::frontal : DescribedView::unsaid;
}

bool describe_another_part(const std::vector<std::string>& texts) {
  bool other = false;
  for (const std::string& text : texts) {
    const std::vector<Word> words = words_of(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Word& word = words[i];
      if (kTrunk.has(word.text) || (word.foreign && !is_known(word))) return false;
      if (!is_one_of(word.text, kOtherParts)) continue;
      if (joins_unknown(words, i)) return false;
      other = true;
    }
  }
  return other;
}

}  // namespace spine
