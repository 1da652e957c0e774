#if SPINE_CATCH2_MAJOR >= 3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <opencv2/core.hpp>

int main(int argc, char* argv[]) {
  // As in the commands: one thread a study, and no pool that ThreadSanitizer cannot see into.
  cv::setNumThreads(1);
  return Catch::Session().run(argc, argv);
}
