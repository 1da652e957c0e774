// time_network THREADS FILM...: the seconds that the networks of spine-pipeline take for films that
// are in memory already, with nothing read or written beside; what whole runs are held against.
#include <chrono>
#include <iostream>
#include <vector>

#include "spine/batch/film_job.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: time_network THREADS FILM...\n";
    return 2;
  }
  try {
    const spine::DeviceOptions device{"cpu", std::stoi(argv[1])};
    cv::setNumThreads(device.threads);
    spine::Segmenter segmenter =
        spine::batch::load_segmenter("default", "default", "default", device);
    spine::batch::StageClock clock;
    const auto job = spine::batch::pipeline_job(segmenter, {}, {}, {}, clock);
    std::vector<spine::batch::StudyFilm> films;
    for (int i = 2; i < argc; ++i) {
      spine::Study study;
      study.path = argv[i];
      films.push_back(job.load(study));
    }
    const std::vector<const spine::batch::StudyFilm*> first{&films.front()};
    job.process(first);  // warms up
    const auto start = std::chrono::steady_clock::now();
    for (const auto& film : films) {
      const std::vector<const spine::batch::StudyFilm*> one{&film};
      job.process(one);
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    std::cout << spent.count() / static_cast<double>(films.size()) << std::endl;
  } catch (const std::exception& error) {
    std::cerr << "time_network: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
