#pragma once
#include <filesystem>
#include <string>

#include "spine/review/machine_result.h"
#include "spine/review/review_file.h"

namespace spine::test {

/// Appends an event of a reader to a study's review.
inline void act(const std::filesystem::path& folder, review::Event event,
                const std::string& reader = "AB") {
  const auto machine = review::read_machine_result(folder, folder.filename().string());
  event.reader = reader;
  auto file = review::ReviewFile::read(folder, folder.filename().string());
  file.append(event, machine.landmarks);
}

/// An edit that turns the endplate of S1.
inline review::Event move_s1(const std::filesystem::path& folder) {
  const auto landmarks = review::read_machine_result(folder, "x").landmarks;
  const auto from = landmarks["S1"]["sup_ant"];
  review::Event event;
  event.changes = {{"S1.sup_ant", from, {from[0], from[1].get<double>() + 25}}};
  return event;
}

inline review::Event verdict(review::Action action, const std::string& text = "") {
  review::Event event;
  event.action = action;
  event.text = text;
  return event;
}

}  // namespace spine::test
