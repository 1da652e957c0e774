#pragma once
#include <vector>

#include <opencv2/core.hpp>
#include <torch/torch.h>

// The only crossing between cv::Mat and torch::Tensor; both ways copy, so neither side can reach
// into the other's memory.
namespace spine {

/// Planes (CV_32FC1, all of one size) of every film to a tensor [N, planes, H, W], float, CPU.
/// @throws Error(internal) when number, type or size differ.
torch::Tensor tensor_from_planes(const std::vector<std::vector<cv::Mat>>& films);

/// Coverage planes (CV_8UC1, 0..255) of every film to a tensor [N, planes, H, W], float in [0,1],
/// CPU.
/// @throws Error(internal) when number, type or size differ.
torch::Tensor tensor_from_coverage(const std::vector<std::vector<cv::Mat>>& films);

/// Tensor [N, C, H, W] of any floating type and device to C CV_32FC1 planes for each film.
std::vector<std::vector<cv::Mat>> planes_from_tensor(const torch::Tensor& tensor);

}  // namespace spine
