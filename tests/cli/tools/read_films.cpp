// read_films FILE...: reads each file as every command does before processing, and prints "ok" or
// the reason, with the time in seconds. Built with sanitizers, it tests the readers on damaged
// files.
#include <chrono>
#include <exception>
#include <iostream>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_header.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/dicom/dicom_selection.h"
#include "spine/io/image_io.h"

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto start = std::chrono::steady_clock::now();
    std::string result = "ok";
    try {
      if (spine::is_dicom(argv[i])) spine::why_excluded(spine::read_dicom_header(argv[i]), {});
      spine::ReadOptions options;
      options.frame = 1;
      spine::read_film(argv[i], options);
    } catch (const spine::Error& error) {
      result = std::string(to_string(error.kind())) + ": " + error.what();
    } catch (const std::exception& error) {
      result = std::string("not described: ") + error.what();
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    std::cout << argv[i] << '\t' << spent.count() << '\t' << result << std::endl;
  }
  return 0;
}
