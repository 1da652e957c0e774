#pragma once
#include <optional>
#include <string>

#include "spine/review/review_file.h"

namespace spine::review {

/// Which studies a reader reads without the machine's results, so that agreement with the machine
/// can be told from yielding to it (automation bias).
struct BlindOptions {
  std::optional<int> session;  ///< all studies, in this session, from 1
  /// Share, 0 to 1, of the studies that are read blind, as session 1, before the machine's results
  /// are shown and corrected. Which ones depends on the reader and the study alone.
  double first = 0;
};

/// The reading that a reader's next event on a study belongs to.
/// @param study   its id
/// @param review  events on the study so far
ReadingId reading_of(const BlindOptions& options, const std::string& reader,
                     const std::string& study, const ReviewFile& review);

}  // namespace spine::review
