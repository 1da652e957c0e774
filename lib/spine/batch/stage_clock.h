#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace spine::batch {

/// Accumulates the seconds spent in each stage over all studies and threads, for the run record.
/// Thread-safe.
class StageClock {
 public:
  /// Adds the time from its construction to its destruction to one stage.
  class Scope {
   public:
    Scope(StageClock& clock, std::string stage) : clock_(clock), stage_(std::move(stage)) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    Scope(Scope&&) = delete;
    Scope& operator=(Scope&&) = delete;
    ~Scope() {
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
      clock_.add(stage_, spent.count());
    }

   private:
    StageClock& clock_;
    std::string stage_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  };

  /// Starts timing a stage until the returned object is destroyed.
  [[nodiscard]] Scope time(std::string stage) { return {*this, std::move(stage)}; }

  /// Adds a duration to a stage.
  void add(const std::string& stage, double seconds) {
    const std::lock_guard lock(mutex_);
    seconds_[stage] += seconds;
  }

  /// Total seconds by stage.
  [[nodiscard]] std::map<std::string, double> seconds() const {
    const std::lock_guard lock(mutex_);
    return seconds_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, double> seconds_;
};

}  // namespace spine::batch
