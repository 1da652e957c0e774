#include "spine/batch/bounded_queue.h"

#include <atomic>
#include <thread>

#include "support/catch.h"

using spine::batch::BoundedQueue;

TEST_CASE("What is there can be taken without waiting") {
  spine::batch::BoundedQueue<int> queue(2);
  CHECK_FALSE(queue.try_pop());
  queue.push(1);
  queue.push(2);
  CHECK(queue.try_pop() == 1);
  CHECK(queue.push(3));
  CHECK(queue.try_pop() == 2);
  queue.close();
  CHECK(queue.try_pop() == 3);
  CHECK_FALSE(queue.try_pop());
}

TEST_CASE("A bounded queue keeps the order and never holds more than its capacity") {
  constexpr int kItems = 1000;
  constexpr int kCapacity = 3;
  BoundedQueue<int> queue(kCapacity);
  std::atomic<int> pushed{0};
  std::thread producer([&] {
    for (int i = 0; i < kItems; ++i) {
      queue.push(i);
      ++pushed;
    }
    queue.close();
  });
  int taken = 0;
  int most_ahead = 0;
  bool in_order = true;
  while (auto item = queue.pop()) {
    in_order = in_order && *item == taken;
    ++taken;
    most_ahead = std::max(most_ahead, pushed.load() - taken);
  }
  producer.join();
  CHECK(taken == kItems);
  CHECK(in_order);
  CHECK(most_ahead <= kCapacity);
}

TEST_CASE("A closed queue gives what is inside and takes nothing more") {
  BoundedQueue<int> queue(2);
  CHECK(queue.push(1));
  queue.close();
  CHECK_FALSE(queue.push(2));
  CHECK(queue.pop() == 1);
  CHECK_FALSE(queue.pop().has_value());
}
