// Landmarks of known angles through the installed library.
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "spine/core/landmarks.h"
#include "spine/io/landmarks_io.h"
#include "spine/stages/measure/measure.h"

int main() {
  spine::Landmarks landmarks;
  landmarks.size = {1000, 1000};
  landmarks.anterior = spine::Side::right;
  // The endplate falls 50 px over 50 px to the front: SS 45 degrees. The heads lie straight below
  // its middle: PT 0.
  landmarks.s1 = spine::Endplate{{400, 500}, {450, 550}};
  landmarks.femoral_heads = {{{425, 700}, 40}};
  const auto read_back = spine::landmarks_from_json(spine::to_json(landmarks));
  const auto values = spine::measure(read_back);
  for (const auto& [name, expected] :
       {std::pair("SS", 45.0), std::pair("PT", 0.0), std::pair("PI", 45.0)}) {
    const auto* m = values.find(name);
    if (m == nullptr || !m->value || std::abs(*m->value - expected) > 1e-6) {
      std::fprintf(stderr, "%s: expected %g, got %s\n", name, expected,
                   m == nullptr ? "no such value" : m->status.c_str());
      return 1;
    }
  }
  return 0;
}
