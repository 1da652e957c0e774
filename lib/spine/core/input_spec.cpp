#include "spine/core/input_spec.h"

#include <array>
#include <utility>

#include "spine/core/error.h"

namespace spine {
namespace {

struct Preprocessing {
  const char* name;
  std::vector<std::string> views;
};

const std::array<Preprocessing, 5>& preprocessings() {
  static const std::vector<std::string> pen_6 = InputSpec{}.views;
  static const std::array<Preprocessing, 5> all{{{"identity", {"original"}},
                                                 {"clahe", {"clahe"}},
                                                 {"equal_hist", {"equal_hist"}},
                                                 {"pen_5", {pen_6.begin(), pen_6.end() - 1}},
                                                 {"pen_6", pen_6}}};
  return all;
}

}  // namespace

std::vector<std::string> preprocessing_views(const std::string& name) {
  std::string known;
  for (const auto& preprocessing : preprocessings()) {
    if (preprocessing.name == name) return preprocessing.views;
    known += (known.empty() ? "" : ", ") + std::string(preprocessing.name);
  }
  throw Error(ErrorKind::usage, "preprocessing: unknown name \"" + name + "\"; known: " + known);
}

}  // namespace spine
