#pragma once
#include <filesystem>

#include "spine/infer/checkpoint.h"

namespace spine {

/// Loads a third-party network: a TorchScript module (.pt, torch.jit.save), [N, views, size, size]
/// -> logits [N, outputs, size, size], and a JSON file of the same stem in the same folder:
///
///   {"input_size": 256, "views": ["original"], "mean": 0.0, "std": 1.0,
///    "outputs": ["L1", "L2", "L3", "L4", "L5", "S", "F1", "F2"]}
///
/// `outputs` defaults to the eight structures. A module may run arbitrary code: load only trusted
/// files.
/// @throws Error(weights) naming the file: no JSON, a wrong or missing key, no module, or one whose
///         outputs are not of that shape
LoadedNetwork load_scripted(const std::filesystem::path& file);

}  // namespace spine
