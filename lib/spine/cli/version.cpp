#include "spine_version.h"

#include "spine/cli/app.h"

// Kept separate, since it is recompiled at every commit.
namespace spine::cli {

std::string_view version() noexcept { return SPINE_VERSION; }
std::string_view commit() noexcept { return SPINE_COMMIT; }
bool dirty() noexcept { return SPINE_DIRTY; }

}  // namespace spine::cli
