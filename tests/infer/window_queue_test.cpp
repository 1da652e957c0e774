#include "spine/infer/window_queue.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "support/catch.h"
#include "support/few_threads.h"

#include "spine/core/error.h"

using namespace spine;

namespace {

Windows windows_of(int first, int count) {
  Windows windows;
  for (int i = 0; i < count; ++i)
    windows.push_back({cv::Mat(1, 1, CV_32FC1, cv::Scalar(first + i))});
  return windows;
}

float value(const std::vector<cv::Mat>& planes) { return planes.at(0).at<float>(0, 0); }

Windows doubled(const Windows& windows) {
  Windows outputs;
  for (const auto& planes : windows) outputs.push_back({2 * planes.at(0)});
  return outputs;
}

/// Submits from many threads at once, request i about i % 4 + 1 windows. @returns how many were
/// wrong
int wrong_answers(WindowQueue& queue, int requests) {
  std::atomic<int> wrong{0};
  for_each_index(static_cast<std::size_t>(requests), 16, [&](std::size_t index) {
    const int i = static_cast<int>(index), count = i % 4 + 1;
    const Windows outputs = queue.run(windows_of(100 * i, count));
    if (static_cast<int>(outputs.size()) != count) ++wrong;
    for (int k = 0; k < count; ++k) {
      if (value(outputs.at(static_cast<std::size_t>(k))) !=
          2.0F * static_cast<float>(100 * i + k)) {
        ++wrong;
      }
    }
  });
  return wrong;
}

}  // namespace

TEST_CASE("Every thread gets the outputs of its own windows, computed with those of others") {
  std::atomic<std::size_t> largest{0};
  WindowQueue queue(
      [&](const Windows& windows) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        largest = std::max(largest.load(), windows.size());
        return doubled(windows);
      },
      8);
  CHECK(wrong_answers(queue, 200) == 0);
  CHECK(largest > 4);  // of more than one request
  CHECK(largest <= 8);
}

TEST_CASE("A request larger than a batch is computed by itself") {
  WindowQueue queue(doubled, 2);
  CHECK(value(queue.run(windows_of(0, 9)).at(8)) == 16);
}

TEST_CASE("A failure is reported to its own request only") {
  WindowQueue queue(
      [](const Windows& windows) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        for (const auto& planes : windows) {
          if (value(planes) == 7) throw Error(ErrorKind::internal, "seven");
        }
        return doubled(windows);
      },
      16);
  std::atomic<int> failed{0}, good{0};
  for_each_index(64, 16, [&](std::size_t i) {
    try {
      const int number = static_cast<int>(i);
      if (value(queue.run(windows_of(number, 1)).at(0)) == 2.0F * static_cast<float>(number))
        ++good;
    } catch (const Error& error) {
      if (i == 7 && std::string(error.what()) == "seven") ++failed;
    }
  });
  CHECK(failed == 1);
  CHECK(good == 63);
}

TEST_CASE("Batches shrink when memory is insufficient") {
  std::atomic<int> short_of{0};
  WindowQueue queue(
      [&](const Windows& windows) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (windows.size() > 4) {
          ++short_of;
          throw Error(ErrorKind::out_of_memory, "network: out of memory");
        }
        return doubled(windows);
      },
      32);
  CHECK(wrong_answers(queue, 200) == 0);
  CHECK(short_of < 20);
}

TEST_CASE("Without worker threads the caller computes") {
  const test::FewThreads few(0);
  WindowQueue queue(doubled, 4);
  CHECK(value(queue.run(windows_of(5, 1)).at(0)) == 10);
}
