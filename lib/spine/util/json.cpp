#include "spine/util/json.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/schema.h"

namespace spine {
namespace {

using nlohmann::json;

bool is_plain(const json& value) { return !value.is_structured(); }

void print(const json& value, int depth, std::string& out) {
  const auto dump = [](const json& v) {
    return v.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  const bool inline_list = value.is_array() && std::all_of(value.begin(), value.end(), is_plain);
  if (is_plain(value) || value.empty()) {
    out += dump(value);
    return;
  }
  if (inline_list) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      out += dump(value[i]);
    }
    out += ']';
    return;
  }
  const bool is_object = value.is_object();
  const std::string indent(static_cast<std::size_t>(depth + 1) * 2, ' ');
  out += is_object ? "{" : "[";
  bool first = true;
  for (auto it = value.begin(); it != value.end(); ++it) {
    out += first ? "\n" : ",\n";
    first = false;
    out += indent;
    if (is_object) out += dump(json(it.key())) + ": ";
    print(*it, depth + 1, out);
  }
  out += '\n';
  out.append(indent, 2);
  out += is_object ? '}' : ']';
}

}  // namespace

std::string pretty(const json& document) {
  std::string text;
  print(document, 0, text);
  return text + "\n";
}

void write_json(const std::filesystem::path& file, const json& document) {
  write_file_atomically(file, pretty(document));
}

json read_json(const std::filesystem::path& file) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{64}
                                       << 20U;  // parsed documents take many times more
  const std::string text = read_file(file, kMostBytes);
  const auto fail_json = [&](const std::string& got) {
    throw Error(ErrorKind::unreadable, "read " + file.string() + ": expected JSON, got " + got);
  };
  if (is_nested_too_deep(text)) {
    fail_json("one of more than " + std::to_string(kMaxJsonLevels) + " levels");
  }
  try {
    json document = json::parse(text);
    update_schema(document);
    return document;
  } catch (const json::parse_error& error) {
    const auto position = std::min(error.byte > 0 ? error.byte - 1 : 0, text.size());
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n');
    fail_json(text.empty() ? std::string("an empty file")
                           : "a syntax error in line " + std::to_string(line));
  } catch (const json::out_of_range&) {
    fail_json("a number that is too large");
  }
  return {};
}

std::string text_at(const json& object, const char* key, std::string otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::move(otherwise);
}

bool is_nested_too_deep(std::string_view json) {
  int levels = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;  // an escaped character does not end the string
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++levels > kMaxJsonLevels) return true;
    } else if (c == ']' || c == '}') {
      --levels;
    }
  }
  return false;
}

}  // namespace spine
