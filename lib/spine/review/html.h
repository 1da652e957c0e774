#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace spine::review {

/// Text as the content of an HTML or SVG element, or as the value of a quoted attribute. Invisible
/// characters that affect the display of others, and bytes that are no UTF-8, are replaced.
std::string html(std::string_view text);

/// The source expression of a content security policy (CSP Level 3, 2.3.1) that allows an inline
/// script or style of exactly this content: "'sha256-...'".
std::string csp_source(std::string_view content);

/// Texts by key.
using Texts = std::map<std::string, std::string, std::less<>>;

/// The text of this key; the key itself if there is none.
std::string_view text_of(const Texts& texts, std::string_view key);

/// The texts of the page in a language, from `<language>.json` and `report.<language>.json`.
/// @throws Error(usage) for an unknown language
Texts texts_in(const std::string& language);

/// A flag in words: its own text, or that of its kind and the landmark or angle: "uncertain L3".
std::string worded_flag(const Texts& texts, std::string_view flag);

/// Replaces "{name}" in a text by values.
std::string filled_in(std::string_view text,
                      const std::map<std::string, std::string, std::less<>>& values);

/// Receives parts of a page, in order.
using Sink = std::function<void(std::string_view)>;

/// Writes a template: "{{key}}" becomes the escaped text of this key, "{{>part}}" is written by the
/// part of this name.
/// @throws Error(internal) for an unknown part
void fill_template(std::string_view page, const Texts& texts,
                   const std::map<std::string, std::function<void()>, std::less<>>& parts,
                   const Sink& write);

}  // namespace spine::review
