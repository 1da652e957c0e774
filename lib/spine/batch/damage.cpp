#include "spine/batch/damage.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string_view>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

namespace spine::batch {
namespace {

using nlohmann::json;

/// This many leading zeros indicate a lost block rather than a text encoding.
constexpr std::size_t kLostBlock = 16;

bool begins_with_zeros(std::string_view text) {
  return text.size() >= kLostBlock &&
         text.substr(0, kLostBlock).find_first_not_of('\0') == std::string_view::npos;
}

/// Strips trailing zeros.
std::string_view written_part(std::string_view text) {
  const auto last = text.find_last_not_of('\0');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// Top-level keys that may come first in records of this toolkit.
constexpr std::array<std::string_view, 15> kKeys{
    "anterior",      "area_px",      "box_confidence", "boxes",         "command",
    "confidence",    "count",        "device",         "exposed_field", "filled_in",
    "implant_found", "masks_sha256", "measurements",   "notes",         "provenance"};

bool is_own_key(std::string_view key) {
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

/// Whether a text, as far as it goes, begins like a document of this toolkit.
bool begins_like_own(std::string_view text) {
  static constexpr std::string_view kBegin = "{\n  \"";
  if (text.size() <= kBegin.size()) return kBegin.starts_with(text);
  if (!text.starts_with(kBegin)) return false;
  const std::string_view rest = text.substr(kBegin.size());
  if (rest.find('"') != std::string_view::npos) return true;
  return std::any_of(kKeys.begin(), kKeys.end(),
                     [&](std::string_view key) { return key.starts_with(rest); });
}

}  // namespace

bool is_cut_off_json(const std::string& text) {
  if (begins_with_zeros(text)) return true;
  const std::string_view written = written_part(text);
  if (written.find('\0') != std::string_view::npos || !begins_like_own(written)) return false;
  if (is_nested_too_deep(written)) return false;
  bool any_key = false, own_key = false;
  const json::parser_callback_t note_keys = [&](int depth, json::parse_event_t event,
                                                const json& parsed) {
    if (event == json::parse_event_t::key && depth == 1) {
      any_key = true;
      own_key = own_key || is_own_key(parsed.get<std::string>());
    }
    return true;
  };
  try {
    [[maybe_unused]] const json whole = json::parse(written.begin(), written.end(), note_keys);
  } catch (const json::parse_error& error) {
    return error.byte >= written.size() && (own_key || !any_key);  // truncated at its end
  }
  return false;
}

bool is_cut_off_json_file(const std::filesystem::path& file) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;
  try {
    return is_cut_off_json(read_file(file, kMostBytes));
  } catch (const Error&) {
    return false;
  }
}

bool is_cut_off_table(const std::string& text, const std::string& header) {
  if (begins_with_zeros(text)) return true;
  const std::string_view written = written_part(text);
  return written.size() < header.size() && std::string_view(header).starts_with(written);
}

bool is_cut_off_table_file(const std::filesystem::path& table) {
  std::ifstream stream(table, std::ios::binary | std::ios::ate);
  if (!stream) return false;
  if (stream.tellg() == std::ifstream::pos_type(0)) return true;
  stream.seekg(-1, std::ios::end);
  return stream.get() != '\n';
}

}  // namespace spine::batch
