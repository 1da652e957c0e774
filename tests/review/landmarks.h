#pragma once
#include <nlohmann/json.hpp>

namespace spine::test {

/// Landmarks of a film of 400 x 800 pixels: L1, L2, S1 and one head.
inline nlohmann::json some_landmarks() {
  const auto body = [](double y) {
    return nlohmann::json{{"sup_post", {240.0, y}},
                          {"sup_ant", {180.0, y - 5}},
                          {"inf_post", {242.0, y + 50}},
                          {"inf_ant", {182.0, y + 48}}};
  };
  return {
      {"schema", "spine-landmarks/2"},
      {"size", {400, 800}},
      {"anterior", "left"},
      {"vertebrae",
       {{"L1", body(100)}, {"L2", body(170)}, {"L3", nullptr}, {"L4", nullptr}, {"L5", nullptr}}},
      {"S1", {{"sup_post", {250.0, 450.0}}, {"sup_ant", {190.0, 490.0}}}},
      {"femoral_heads", {{{"center", {170.0, 650.0}}, {"radius", 40.0}}}}};
}

}  // namespace spine::test
