#include "spine/batch/stage_clock.h"

#include <thread>

#include "support/catch.h"

TEST_CASE("The stage clock sums the time of all threads") {
  spine::batch::StageClock clock;
  clock.add("read", 1.5);
  clock.add("read", 0.25);
  std::thread other([&clock] { clock.add("write", 2.0); });
  other.join();
  CHECK(clock.seconds().at("read") == Approx(1.75));
  CHECK(clock.seconds().at("write") == Approx(2.0));
}

TEST_CASE("A scope adds its lifetime") {
  spine::batch::StageClock clock;
  {
    const auto timer = clock.time("wait");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(clock.seconds().at("wait") >= 0.019);
  CHECK(clock.seconds().at("wait") < 5);
}
