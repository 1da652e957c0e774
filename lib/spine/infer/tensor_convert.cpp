#include "spine/infer/tensor_convert.h"

#include <cstring>

#include "spine/core/error.h"

namespace spine {

torch::Tensor tensor_from_planes(const std::vector<std::vector<cv::Mat>>& films) {
  if (films.empty() || films.front().empty()) {
    throw Error(ErrorKind::internal, "network input: no planes");
  }
  const cv::Size size = films.front().front().size();
  const std::size_t planes = films.front().size();
  torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(films.size()),
                                       static_cast<std::int64_t>(planes), size.height, size.width});
  auto* target = tensor.data_ptr<float>();
  for (const auto& film : films) {
    if (film.size() != planes) throw Error(ErrorKind::internal, "network input: planes differ");
    for (const auto& plane : film) {
      if (plane.type() != CV_32FC1 || plane.size() != size) {
        throw Error(ErrorKind::internal, "network input: expected CV_32FC1 planes of one size");
      }
      for (int y = 0; y < size.height; ++y, target += size.width) {
        std::memcpy(target, plane.ptr<float>(y),
                    sizeof(float) * static_cast<std::size_t>(size.width));
      }
    }
  }
  return tensor;
}

std::vector<std::vector<cv::Mat>> planes_from_tensor(const torch::Tensor& tensor) {
  if (tensor.dim() != 4) throw Error(ErrorKind::internal, "network output: expected [N, C, H, W]");
  const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const auto height = static_cast<int>(values.size(2));
  const auto width = static_cast<int>(values.size(3));
  const auto* source = values.data_ptr<float>();
  std::vector<std::vector<cv::Mat>> films(static_cast<std::size_t>(values.size(0)));
  for (auto& film : films) {
    for (std::int64_t c = 0; c < values.size(1); ++c) {
      cv::Mat plane(height, width, CV_32FC1);
      std::memcpy(plane.ptr<float>(), source, sizeof(float) * plane.total());
      source += plane.total();
      film.push_back(plane);
    }
  }
  return films;
}

}  // namespace spine
