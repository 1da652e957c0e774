#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace spine::sim {

/// Deterministic random numbers: xoshiro256** (Blackman & Vigna 2018) seeded by splitmix64.
///
/// The standard library's distributions may differ between implementations; these may not. Streams
/// split by name are independent of each other and of how often the parent was drawn from, so that
/// adding a draw to one part of the simulator does not affect the others.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : seed_(seed) {
    for (auto& word : state_) word = splitmix(seed);
  }

  /// An independent stream for the part `name`, the `index`-th of its kind.
  [[nodiscard]] Rng split(std::string_view name, std::uint64_t index = 0) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed_;  // FNV-1a over the name
    for (const char c : name) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    hash += 0x9e3779b97f4a7c15ULL * (index + 1);
    return Rng(splitmix(hash));
  }

  /// The next 64 random bits.
  std::uint64_t next() {
    const std::uint64_t result = rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform integer in [low, high].
  int integer(int low, int high) {
    return low + static_cast<int>(uniform() * (static_cast<double>(high) - low + 1));
  }
  /// True with the given probability.
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box–Muller, one of the pair is discarded: no hidden state).
  double normal() {
    const double u = 1.0 - uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * uniform());
  }
  double normal(double mean, double sd) { return mean + sd * normal(); }
  /// Normal, resampled until inside [low, high].
  double normal_within(double mean, double sd, double low, double high) {
    for (int i = 0; i < 100; ++i) {
      const double v = normal(mean, sd);
      if (v >= low && v <= high) return v;
    }
    return std::fmin(std::fmax(mean, low), high);
  }

 private:
  static std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static std::uint64_t splitmix(std::uint64_t& x) {
    x += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = x;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace spine::sim
