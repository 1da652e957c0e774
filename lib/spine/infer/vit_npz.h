#pragma once
#include <map>
#include <string>

#include <torch/torch.h>

namespace spine {

/// Converts the encoder of a TransUNet from the arrays of a ViT hybrid trained on ImageNet-21k
/// (R50+ViT-B_16.npz, Dosovitskiy et al. 2021, arXiv 2010.11929; including the ResNet-50
/// blocks): TransUNet's names, filters OIHW, matrices [out, in]. The class token's position is
/// dropped; TransUNet::adapt_state resamples the others. Decoder and head are not included.
/// @param where  named in errors
/// @throws Error(weights) naming an array that is missing or of an invalid shape.
std::map<std::string, torch::Tensor> trans_unet_encoder(
    const std::map<std::string, torch::Tensor>& arrays, const std::string& where);

}  // namespace spine
