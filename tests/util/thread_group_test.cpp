#include "spine/util/thread_group.h"

#include <atomic>
#include <new>
#include <stdexcept>
#include <string>

#include "support/catch.h"
#include "support/few_threads.h"

using namespace spine;

TEST_CASE("A group runs its work and waits for it") {
  std::atomic<int> done{0};
  {
    ThreadGroup group;
    for (int i = 0; i < 5; ++i) CHECK(group.start([&] { ++done; }));
    CHECK(group.size() == 5);
    group.join();
    CHECK(done == 5);
    CHECK(group.size() == 0);
    CHECK(group.start([&] { ++done; }));
  }
  CHECK(done == 6);
}

TEST_CASE("An exception of a thread is rethrown by join once") {
  ThreadGroup group;
  group.start([] { throw std::runtime_error("in a thread"); });
  CHECK_THROWS_WITH(group.join(), "in a thread");
  group.join();
}

TEST_CASE("A system without threads is not an error") {
  for (const int given : {0, 1, 2, 50}) {
    const test::FewThreads few(given);
    std::vector<std::atomic<int>> visits(30);
    for_each_index(visits.size(), 8, [&](std::size_t i) { ++visits[i]; });
    for (const auto& count : visits) CHECK(count == 1);
  }
  set_thread_starter([](std::function<void()>) -> std::thread { throw std::bad_alloc(); });
  ThreadGroup group;
  CHECK_FALSE(group.start([] {}));
  set_thread_starter({});
  CHECK(group.start([] {}));
}

TEST_CASE("Every index is visited once by any number of threads") {
  for (const int threads : {-1, 0, 1, 3, 100}) {
    for (const std::size_t count : {0U, 1U, 7U}) {
      std::vector<std::atomic<int>> visits(count);
      for_each_index(count, threads, [&](std::size_t i) { ++visits[i]; });
      for (const auto& visited : visits) CHECK(visited == 1);
    }
  }
}

TEST_CASE("After an exception no further index is started") {
  for (const int threads : {1, 3}) {
    std::atomic<int> visits{0};
    const auto visit = [&](std::size_t i) {
      ++visits;
      if (i == 2) throw std::runtime_error("at " + std::to_string(i));
    };
    CHECK_THROWS_WITH(for_each_index(100'000, threads, visit), "at 2");
    CHECK(visits < 100'000);
  }
}
