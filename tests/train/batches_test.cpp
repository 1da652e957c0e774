#include "spine/train/batches.h"

#include "infer/tiny_network.h"
#include "phantom.h"
#include "support/catch.h"
#include "support/few_threads.h"

#include "spine/core/error.h"

using namespace spine;
using train::Batches;
using train::BatchOptions;

namespace {

BatchOptions options(int workers, int inline_threads) {
  BatchOptions o;
  o.batch = 3;
  o.workers = workers;
  o.inline_threads = inline_threads;
  o.seed = 9;
  return o;
}

class BrokenSource : public test::PhantomSource {
 public:
  [[nodiscard]] train::TrainingFilm draw(sim::Rng&) const override {
    throw Error(ErrorKind::unreadable, "broken film");
  }
};

}  // namespace

TEST_CASE("Batches do not depend on the number of threads or the start") {
  test::PhantomSource films;
  Batches plain(films, test::tiny_input(), {}, options(0, 1));
  Batches threaded(films, test::tiny_input(), {}, options(0, 3));
  Batches workers(films, test::tiny_input(), {}, options(2, 1));
  Batches late(films, test::tiny_input(), {}, options(1, 1));
  for (std::uint64_t step = 0; step < 4; ++step) {
    const auto a = plain.take(step);
    REQUIRE(a.size() == 3);
    const auto b = threaded.take(step);
    const auto c = workers.take(step);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(cv::norm(a[i].square, b[i].square, cv::NORM_INF) == 0);
      CHECK(cv::norm(a[i].square, c[i].square, cv::NORM_INF) == 0);
    }
    CHECK(cv::norm(a[0].square, a[1].square, cv::NORM_INF) > 0);
    if (step == 3) {
      CHECK(cv::norm(a[2].square, late.take(3)[2].square, cv::NORM_INF) == 0);
    }
  }
}

TEST_CASE("Batches are the same with fewer threads than requested, or none") {
  test::PhantomSource films;
  Batches plain(films, test::tiny_input(), {}, options(0, 1));
  std::vector<cv::Mat> expected;
  for (std::uint64_t step = 0; step < 3; ++step) expected.push_back(plain.take(step)[1].square);
  for (const int threads : {0, 1}) {
    const test::FewThreads few(threads);
    Batches workers(films, test::tiny_input(), {}, options(3, 1));
    for (std::uint64_t step = 0; step < 3; ++step) {
      CHECK(cv::norm(expected[step], workers.take(step)[1].square, cv::NORM_INF) == 0);
    }
  }
  const test::FewThreads few(1);
  Batches threaded(films, test::tiny_input(), {}, options(0, 3));
  CHECK(cv::norm(expected[0], threaded.take(0)[1].square, cv::NORM_INF) == 0);
}

TEST_CASE("New films are found on refresh") {
  test::PhantomSource films;
  Batches batches(films, test::tiny_input(), {}, options(2, 1));
  const auto first = batches.take(0);
  batches.refresh();
  CHECK(films.refreshed == 1);
  CHECK(batches.take(1).size() == 3);
}

TEST_CASE("A damaged film ends the batch with its error") {
  BrokenSource films;
  for (const int workers : {0, 2}) {
    Batches batches(films, test::tiny_input(), {}, options(workers, 2));
    CHECK_THROWS_WITH(batches.take(0), "broken film");
  }
}
