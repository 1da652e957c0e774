#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "spine/sim/scene.h"
#include "spine/sim/simulate.h"

namespace spine::train {

/// Rows at which path-length maps are kept mostly: enough to magnify a 256-pixel input 1.7 times,
/// about 1 mm a pixel. Pins of a millimetre fall between their rays.
inline constexpr int kCacheRows = 448;

/// Path-length maps of many patients, one file a seed ("paths-<seed>.bin", 1 to 2 MB for 448 rows).
/// Rendering costs a hundred times what reading costs, so films are projected once and exposed anew
/// at every use. Lengths are quantised to 16 bits of each map's maximum (below 0.01 mm).
///
/// Files are written atomically, so one process may fill a folder while another trains from it.
class ProjectionCache {
 public:
  /// @param rows  of the maps that fill() renders
  explicit ProjectionCache(std::filesystem::path folder, int rows = kCacheRows)
      : folder_(std::move(folder)), rows_(rows) {}

  /// Seeds present, ascending; empty when the folder does not exist.
  [[nodiscard]] std::vector<std::uint64_t> seeds() const;
  [[nodiscard]] std::filesystem::path file_of(std::uint64_t seed) const;
  /// @throws Error(unreadable) naming the file when it is damaged.
  [[nodiscard]] sim::PathLengthProjections read(std::uint64_t seed) const;
  /// @throws Error(output) naming the file.
  void write(std::uint64_t seed, const sim::PathLengthProjections& paths) const;

  /// Renders the missing seeds of [first, first + count) with `threads` threads.
  /// @param stop  asked between films; true ends early
  /// @param progress  called with (films done, films in all) from the calling threads, one at a
  /// time
  void fill(const sim::Simulator& simulator, std::uint64_t first, std::uint64_t count, int threads,
            const std::function<bool()>& stop,
            const std::function<void(std::uint64_t, std::uint64_t)>& progress) const;

 private:
  std::filesystem::path folder_;
  int rows_;
};

}  // namespace spine::train
