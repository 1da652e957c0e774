// time_network films WORKERS FILM...: seconds per film of the networks of spine-pipeline for films
// in memory, without any file access, as a reference for whole runs. Each of several workers
// processes a film, as in a run. time_network product: seconds of a single-precision matrix product
// of 1024x1024 on one thread.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "spine/batch/pipeline_job.h"
#include "spine/util/heap.h"
#include "spine/util/thread_group.h"

namespace {

template <typename Work>
double seconds_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double time_product() {
  const cv::Mat a(1024, 1024, CV_32FC1, cv::Scalar(0.5)), b = a.clone();
  cv::Mat product;
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 5; ++i) {
    least = std::min(least, seconds_of([&] { cv::gemm(a, b, 1, cv::noArray(), 0, product); }));
  }
  return least;
}

double time_films(int workers, const std::vector<std::string>& names) {
  const spine::Segmenter segmenter =
      spine::batch::load_segmenter("default", "default", "default", {"cpu"});
  const spine::batch::PipelineJob job(segmenter, {}, {}, {});
  std::vector<spine::batch::StudyFilm> films;
  for (const auto& name : names) {
    spine::Study study;
    study.path = name;
    films.push_back(job.load(study));
  }
  (void)job.process(films.front());  // warm-up
  const double seconds = seconds_of([&] {
    spine::for_each_index(films.size(), workers,
                          [&](std::size_t i) { (void)job.process(films[i]); });
  });
  return seconds / static_cast<double>(films.size());
}

}  // namespace

int main(int argc, char** argv) {
  spine::keep_freed_memory();
  cv::setNumThreads(1);
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words == std::vector<std::string>{"product"}) {
      std::cout << time_product() << std::endl;
    } else if (words.size() > 2 && words[0] == "films") {
      std::cout << time_films(std::stoi(words[1]), {words.begin() + 2, words.end()}) << std::endl;
    } else {
      std::cerr << "usage: time_network films WORKERS FILM... | product\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << "time_network: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
