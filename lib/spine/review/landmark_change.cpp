#include "spine/review/landmark_change.h"

#include <algorithm>
#include <array>

#include "spine/core/error.h"
#include "spine/core/structure.h"
#include "spine/io/landmarks_io.h"

namespace spine::review {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> kCorners{"sup_post", "sup_ant", "inf_post", "inf_ant"};
constexpr const char* kHeads = "femoral_heads";

[[noreturn]] void refuse(const std::string& at, const std::string& why) {
  throw Error(ErrorKind::usage, "change of landmarks: \"" + at + "\": " + why);
}

/// Parts whose value is replaced as a whole.
std::vector<std::string> whole_parts() {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    parts.push_back("vertebrae." + std::string(level_name(i)));
  }
  parts.insert(parts.end(), {"S1", kHeads, "anterior"});
  return parts;
}

/// The pointer (RFC 6901) to a part.
json::json_pointer pointer_to(const std::string& at) {
  const auto parts = whole_parts();
  const auto is_known = [&](const std::string& name) {
    return std::find(parts.begin(), parts.end(), name) != parts.end();
  };
  const auto dot = at.rfind('.');
  const bool is_point = dot != std::string::npos && std::find(kCorners.begin(), kCorners.end(),
                                                              at.substr(dot + 1)) != kCorners.end();
  const std::string whole = is_point ? at.substr(0, dot) : at;
  const bool has_corner = whole == "S1" || whole.starts_with("vertebrae.");
  if (!is_known(whole) || (is_point && !has_corner)) refuse(at, "no such part");
  std::string path = "/" + at;
  std::replace(path.begin(), path.end(), '.', '/');
  return json::json_pointer(path);
}

/// The part; null where it, or what it belongs to, is not there.
json value_at(const json& landmarks, const json::json_pointer& pointer) {
  const json* value = &landmarks;
  json::json_pointer rest = pointer;
  std::vector<std::string> keys;
  for (; !rest.empty(); rest.pop_back()) keys.push_back(rest.back());
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    if (!value->is_object() || !value->contains(*key)) return nullptr;
    value = &value->at(*key);
  }
  return *value;
}

/// @throws Error unless this is "spine-landmarks/2" in which each landmark is null or complete
void check_complete(const json& landmarks) {
  const Landmarks parsed = landmarks_from_json(landmarks);
  const auto check = [](const json& value, bool found, const std::string& name) {
    if (!value.is_null() && !found) refuse(name, "expected all of its corners, or null");
  };
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const std::string level = level_name(i);
    check(landmarks.at("vertebrae").at(level), parsed.vertebrae[i].has_value(), level);
  }
  check(landmarks.at("S1"), parsed.s1.has_value(), "S1");
}

}  // namespace

void make_changes(const std::vector<LandmarkChange>& changes, json& landmarks) {
  json changed = landmarks;
  for (const LandmarkChange& change : changes) {
    const auto pointer = pointer_to(change.at);
    if (value_at(changed, pointer) != change.from) {
      refuse(change.at, "it was changed by someone else meanwhile");
    }
    try {
      changed[pointer] = change.to;
    } catch (const json::exception&) {
      refuse(change.at, "expected a part of a landmark that is there, found none");
    }
  }
  check_complete(changed);
  landmarks = std::move(changed);
}

std::vector<LandmarkChange> inverse(const std::vector<LandmarkChange>& changes) {
  std::vector<LandmarkChange> result(changes.rbegin(), changes.rend());
  for (LandmarkChange& change : result) std::swap(change.from, change.to);
  return result;
}

std::vector<LandmarkChange> difference(const json& from, const json& to) {
  std::vector<LandmarkChange> changes;
  for (const std::string& part : whole_parts()) {
    const auto pointer = pointer_to(part);
    const json a = value_at(from, pointer), b = value_at(to, pointer);
    if (a != b) changes.push_back({part, a, b});
  }
  return changes;
}

json to_json(const LandmarkChange& change) {
  return {{"at", change.at}, {"from", change.from}, {"to", change.to}};
}

LandmarkChange change_from_json(const json& document) {
  const bool fits = document.is_object() && document.contains("at") && document["at"].is_string() &&
                    document.contains("from") && document.contains("to");
  if (!fits) {
    throw Error(ErrorKind::usage, R"(change of landmarks: expected {"at", "from", "to"})");
  }
  return {document["at"].get<std::string>(), document["from"], document["to"]};
}

std::vector<std::string> edited_landmarks(const json& machine, const json& reader) {
  std::vector<std::string> edited;
  const auto compare = [&](const std::string& whole, const std::string& name, const char* end) {
    for (const char* side : {"_post", "_ant"}) {
      const auto pointer = pointer_to(whole + "." + end + side);
      if (value_at(machine, pointer) == value_at(reader, pointer)) continue;
      edited.push_back(name + "." + end);
      return;
    }
  };
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const std::string level(level_name(i));
    for (const char* end : {"sup", "inf"}) compare("vertebrae." + level, level, end);
  }
  compare("S1", "S1", "sup");
  const json heads_a = machine.value(kHeads, json::array()),
             heads_b = reader.value(kHeads, json::array());
  for (std::size_t i = 0; i < std::max(heads_a.size(), heads_b.size()); ++i) {
    if (i >= heads_a.size() || i >= heads_b.size() || heads_a[i] != heads_b[i]) {
      edited.push_back("F" + std::to_string(i + 1));
    }
  }
  return edited;
}

}  // namespace spine::review
