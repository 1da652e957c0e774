#pragma once
#include <vector>

#include <opencv2/core.hpp>
#include <torch/torch.h>

// Conversion between cv::Mat and torch::Tensor. All functions copy; no memory is shared.
namespace spine {

/// Converts the planes (CV_32FC1, all of one size) of every film to a tensor [N, planes, H, W],
/// float, CPU.
/// @throws Error(internal) when number, type or size differ.
torch::Tensor tensor_from_planes(const std::vector<std::vector<cv::Mat>>& films);

/// Converts coverage planes (CV_8UC1, 0..255) of every film to a tensor [N, planes, H, W], float in
/// [0,1], CPU.
/// @throws Error(internal) when number, type or size differ.
torch::Tensor tensor_from_coverage(const std::vector<std::vector<cv::Mat>>& films);

/// Converts a tensor [N, C, H, W] of any floating type and device to C CV_32FC1 planes per film.
/// @throws Error(internal) when the tensor has not four dimensions.
std::vector<std::vector<cv::Mat>> planes_from_tensor(const torch::Tensor& tensor);

}  // namespace spine
