#include "spine/infer/tensor_convert.h"

#include <cstdint>
#include <cstring>

#include "spine/core/error.h"

namespace spine {

namespace {

/// Copies planes of OpenCV type `mat_type` (elements T) into a tensor of the same element type.
template <typename T>
torch::Tensor copy_planes(const std::vector<std::vector<cv::Mat>>& films, int mat_type,
                          torch::ScalarType type) {
  if (films.empty() || films.front().empty()) {
    throw Error(ErrorKind::internal, "network input: no planes");
  }
  const cv::Size size = films.front().front().size();
  const std::size_t planes = films.front().size();
  torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(films.size()),
                                       static_cast<std::int64_t>(planes), size.height, size.width},
                                      type);
  auto* target = static_cast<T*>(tensor.data_ptr());
  for (const auto& film : films) {
    if (film.size() != planes) {
      throw Error(ErrorKind::internal, "network input: films differ in their number of planes");
    }
    for (const auto& plane : film) {
      if (plane.type() != mat_type || plane.size() != size) {
        throw Error(ErrorKind::internal, "network input: expected planes of one type and size");
      }
      for (int y = 0; y < size.height; ++y, target += size.width) {
        std::memcpy(target, plane.ptr(y), sizeof(T) * static_cast<std::size_t>(size.width));
      }
    }
  }
  return tensor;
}

}  // namespace

torch::Tensor tensor_from_planes(const std::vector<std::vector<cv::Mat>>& films) {
  return copy_planes<float>(films, CV_32FC1, torch::kFloat);
}

torch::Tensor tensor_from_coverage(const std::vector<std::vector<cv::Mat>>& films) {
  return copy_planes<std::uint8_t>(films, CV_8UC1, torch::kByte).to(torch::kFloat).div_(255.0);
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
