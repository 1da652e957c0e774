#include "spine/util/describe_failure.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <system_error>

#include <opencv2/core.hpp>

namespace spine {
namespace {

bool concerns_output(const std::error_code& code) {
  return code == std::errc::no_space_on_device || code == std::errc::read_only_file_system ||
         code == std::errc::file_too_large;
}

}  // namespace

std::string one_line(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return {};
  std::string line = text.substr(start, text.find_first_of("\r\n", start) - start);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

Failure describe_failure(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return {error.kind(), one_line(error.what())};
  } catch (const std::bad_alloc&) {
    return {ErrorKind::out_of_memory, "out of memory"};
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) return {ErrorKind::out_of_memory, "out of memory"};
    return {ErrorKind::internal, "image operation " + error.func + ": " + one_line(error.err)};
  } catch (const std::filesystem::filesystem_error& error) {
    const ErrorKind kind =
        concerns_output(error.code()) ? ErrorKind::output : ErrorKind::unreadable;
    return {kind, one_line(error.what())};
  } catch (const std::exception& error) {
    return {ErrorKind::internal, one_line(error.what())};
  } catch (...) {
    return {ErrorKind::internal, "an exception of unknown type"};
  }
}

}  // namespace spine
