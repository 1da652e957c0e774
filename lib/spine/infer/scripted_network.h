#pragma once
#include <filesystem>

#include "spine/infer/checkpoint.h"

namespace spine {

/// A TorchScript module (.pt, torch.jit.save) of any lab's network, [N, views, size, size] ->
/// logits [N, outputs, size, size], and the JSON of the same name beside it:
///
///   {"input_size": 256, "views": ["original"], "mean": 0.0, "std": 1.0,
///    "outputs": ["L1", "L2", "L3", "L4", "L5", "S", "F1", "F2"]}
///
/// `outputs` may be left out for the eight structures. A module is a program: load only what you
/// trust.
/// @throws Error(weights) naming the file: no JSON, a wrong or missing key, no module, or one whose
///         outputs are not of that shape
LoadedNetwork load_scripted(const std::filesystem::path& file);

}  // namespace spine
