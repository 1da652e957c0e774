#include "spine/batch/privacy.h"

#include "spine/stages/burned_in_text.h"

namespace spine::batch {

Image Privacy::shown(const Image& film) const {
  return keep_identifiers ? film : without_burned_in_text(film);
}

void Privacy::note_in(nlohmann::json& options) const {
  if (keep_identifiers) options["identifiers"] = "kept";
}

}  // namespace spine::batch
