#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "spine/sim/scene.h"
#include "spine/sim/simulate.h"

namespace spine::train {

/// Default number of rows of path-length maps: enough to magnify a 256-pixel input 1.7 times, about
/// 1 mm per pixel. Pins of a millimetre may fall between rays.
inline constexpr int kCacheRows = 448;

/// Cache of path-length projections, one file per seed ("paths-<seed>.bin", 1 to 2 MB for 448
/// rows). Rendering takes a hundred times longer than reading, so patients are projected once and
/// exposed for each sample. Lengths are quantised to 16 bits of the maximum of each map (below 0.01
/// mm).
///
/// Files are written atomically, so one process may fill a folder while another trains from it.
class ProjectionCache {
 public:
  /// @param folder  need not exist
  /// @param rows    rows of the maps rendered by fill()
  explicit ProjectionCache(std::filesystem::path folder, int rows = kCacheRows)
      : folder_(std::move(folder)), rows_(rows) {}

  /// Seeds in the cache, ascending; empty if the folder does not exist.
  [[nodiscard]] std::vector<std::uint64_t> seeds() const;
  /// The file of a seed.
  [[nodiscard]] std::filesystem::path file_of(std::uint64_t seed) const;
  /// Reads the projections of a seed. @throws Error(unreadable) naming the file if it is damaged
  [[nodiscard]] sim::PathLengthProjections read(std::uint64_t seed) const;
  /// Writes the projections of a seed. @throws Error(output) naming the file
  void write(std::uint64_t seed, const sim::PathLengthProjections& paths) const;

  /// Renders the missing seeds of [first, first + count) with `threads` threads.
  /// @param stop      polled between films; true ends early
  /// @param progress  called with (films done, films in total) from the rendering threads, one at a
  ///                  time
  /// @throws Error(output)
  void fill(const sim::Simulator& simulator, std::uint64_t first, std::uint64_t count, int threads,
            const std::function<bool()>& stop,
            const std::function<void(std::uint64_t, std::uint64_t)>& progress) const;

 private:
  std::filesystem::path folder_;
  int rows_;
};

}  // namespace spine::train
