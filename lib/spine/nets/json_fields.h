#pragma once
#include <istream>
#include <iterator>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/util/json.h"

namespace spine {

/// Parses JSON text of bounded nesting. @throws Error(usage) for deeper nesting,
/// nlohmann::json::exception for invalid JSON.
inline nlohmann::json parse_json(const std::string& text) {
  if (is_nested_too_deep(text)) {
    throw Error(ErrorKind::usage, "expected JSON of at most " + std::to_string(kMaxJsonLevels) +
                                      " levels, found more");
  }
  return nlohmann::json::parse(text);
}
/// The same for the rest of a stream.
inline nlohmann::json parse_json(std::istream& in) {
  return parse_json(std::string(std::istreambuf_iterator<char>(in), {}));
}

/// Reads the keys of one JSON object strictly: a key of the wrong type, a missing required key and
/// an unknown key are Error(usage) naming the object, the key and the known keys.
class JsonFields {
 public:
  /// @param where  named in errors, e.g. "net.json: resnet"
  JsonFields(const nlohmann::json& object, std::string where)
      : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) {
      throw Error(ErrorKind::usage,
                  where_ + ": expected a JSON object, found " + object_.type_name());
    }
  }

  /// Sets `value` when the key is present; leaves it unchanged otherwise.
  template <typename T>
  void optional(const std::string& key, T& value) {
    known_.push_back(key);
    const auto it = object_.find(key);
    if (it == object_.end()) return;
    try {
      it->get_to(value);
    } catch (const nlohmann::json::exception&) {
      throw Error(ErrorKind::usage,
                  where_ + ": key \"" + key + "\" has the wrong type: " + it->dump().substr(0, 80));
    }
  }

  /// Like optional, but the key must be present.
  template <typename T>
  void required(const std::string& key, T& value) {
    if (!object_.contains(key)) {
      throw Error(ErrorKind::usage, where_ + ": key \"" + key + "\" is missing");
    }
    optional(key, value);
  }

  /// @throws Error(usage) for the first key that was not read.
  void finish() const {
    for (const auto& [key, unused] : object_.items()) {
      bool found = false;
      std::string list;
      for (const auto& k : known_) {
        found = found || k == key;
        list += (list.empty() ? "" : ", ") + k;
      }
      if (!found) {
        throw Error(ErrorKind::usage,
                    where_ + ": unknown key \"" + key + "\"; known keys: " + list);
      }
    }
  }

 private:
  const nlohmann::json& object_;
  std::string where_;
  std::vector<std::string> known_;
};

}  // namespace spine
