#include "spine/review/html.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/review/assets.h"
#include "spine/util/base64.h"
#include "spine/util/sha256.h"
#include "spine/util/text.h"
#include "spine/util/utf8.h"

namespace spine::review {

std::string html(std::string_view text) {
  std::string escaped;
  for (const char c : to_printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string csp_source(std::string_view content) {
  const std::string digits = sha256_of_text(content);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return "'sha256-" + base64(bytes) + "'";
}

std::string_view text_of(const Texts& texts, std::string_view key) {
  const auto text = texts.find(key);
  return text == texts.end() ? key : std::string_view(text->second);
}

Texts texts_in(const std::string& language) {
  Texts texts;
  for (const std::string& file : {language + ".json", "report." + language + ".json"}) {
    const Asset* asset = find_asset(file);
    if (asset == nullptr) {
      throw Error(ErrorKind::usage, "report: expected the language en or ko, got " + language);
    }
    const auto document = nlohmann::json::parse(asset->content);
    for (const auto& [key, text] : document.items()) {
      if (text.is_string()) texts[key] = text.get<std::string>();
    }
  }
  return texts;
}

std::string worded_flag(const Texts& texts, std::string_view flag) {
  if (texts.contains(flag)) return std::string(text_of(texts, flag));
  const auto bar = flag.rfind('_');
  const std::string kind = "flag_" + std::string(flag.substr(0, bar));
  if (bar == std::string_view::npos || !texts.contains(kind)) {
    return replace_all(std::string(flag), "_", " ");
  }
  return filled_in(text_of(texts, kind), {{"what", std::string(flag.substr(bar + 1))}});
}

std::string filled_in(std::string_view text,
                      const std::map<std::string, std::string, std::less<>>& values) {
  std::string result;
  while (!text.empty()) {
    const auto open = text.find('{'), close = text.find('}', open);
    const auto value = close == std::string_view::npos
                           ? values.end()
                           : values.find(text.substr(open + 1, close - open - 1));
    if (value == values.end()) break;
    result.append(text.substr(0, open)).append(value->second);
    text.remove_prefix(close + 1);
  }
  return result.append(text);
}

void fill_template(std::string_view page, const Texts& texts,
                   const std::map<std::string, std::function<void()>, std::less<>>& parts,
                   const Sink& write) {
  while (true) {
    const auto open = page.find("{{");
    write(page.substr(0, open));
    if (open == std::string_view::npos) return;
    const auto close = page.find("}}", open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    if (name.starts_with('>')) {
      const auto part = parts.find(name.substr(1));
      if (part == parts.end()) {
        throw Error(ErrorKind::internal, "report: unknown part " + std::string(name));
      }
      part->second();
    } else {
      write(html(text_of(texts, name)));
    }
    page.remove_prefix(close + 2);
  }
}

}  // namespace spine::review
