#include "spine/cli/app.h"

// Alone here, as it is compiled again at every commit.
namespace spine::cli {

std::string_view version() noexcept { return SPINE_VERSION; }

}  // namespace spine::cli
