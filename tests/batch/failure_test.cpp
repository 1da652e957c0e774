#include "spine/batch/failure.h"

#include <filesystem>
#include <new>
#include <stdexcept>

#include "support/catch.h"
#include <opencv2/core.hpp>

using namespace spine;
using batch::describe_failure;

namespace {

template <class Thrown>
batch::Failure failure_of(const Thrown& thrown) {
  return describe_failure(std::make_exception_ptr(thrown));
}

}  // namespace

TEST_CASE("Errors of this toolkit keep their kind and message") {
  const auto failure = failure_of(Error(ErrorKind::weights, "load: w: expected a, got b"));
  CHECK(failure.kind == ErrorKind::weights);
  CHECK(failure.message == "load: w: expected a, got b");
}

TEST_CASE("Errors of libraries become one-line messages of kind internal") {
  CHECK(failure_of(std::bad_alloc()).message == "out of memory");
  CHECK(failure_of(std::runtime_error("first\nat frame #0")).message == "first");
  CHECK(failure_of(std::runtime_error("x")).kind == ErrorKind::internal);
  CHECK(failure_of(42).kind == ErrorKind::internal);
  const cv::Exception cv_error(cv::Error::StsBadArg, "bad size", "resize", "f.cpp", 1);
  CHECK(failure_of(cv_error).message == "image operation resize: bad size");
  const cv::Exception no_memory(cv::Error::StsNoMem, "too much", "alloc", "f.cpp", 1);
  CHECK(failure_of(no_memory).message == "out of memory");
}

TEST_CASE("A full disk is an output failure, an unreadable folder is not") {
  const auto full = std::make_error_code(std::errc::no_space_on_device);
  const auto denied = std::make_error_code(std::errc::permission_denied);
  using std::filesystem::filesystem_error;
  CHECK(failure_of(filesystem_error("rename", "a", full)).kind == ErrorKind::output);
  CHECK(failure_of(filesystem_error("list", "a", denied)).kind == ErrorKind::unreadable);
}

TEST_CASE("one_line takes the first line with text, without control characters") {
  CHECK(batch::one_line("\n  a\tb\nc") == "a b");
  CHECK(batch::one_line(" \n") == "");
}
