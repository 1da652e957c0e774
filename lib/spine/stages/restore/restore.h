#pragma once
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/restore/restore_options.h"

namespace spine {

/// The networks of the restoration stage.
struct Restorer {
  Model autoencoder;                   ///< VQGAN trained on films without implants
  std::optional<Model> implant_model;  ///< segments implants; needed by RestoreMethod::standard
  /// Segments implants in magnified windows around those that `implant_model` found.
  std::optional<Model> implant_roi_model = std::nullopt;
};

/// A film with its implants inpainted, and the implant mask.
struct Restoration {
  Image film;                      ///< the input film unless filled_in
  cv::Mat implant_mask;            ///< CV_8UC1 0/255 of the film's size
  std::vector<ImplantPart> parts;  ///< of the mask, largest first; empty: no implant found
  bool filled_in = false;          ///< whether the pixels of the mask were filled in
  double confidence = 0;           ///< that the film shows an implant, 0..1
  std::vector<std::string> notes;  ///< decisions, one short sentence each
  /// For inspection, with RestoreOptions::draw: the autoencoder's reconstruction, with greys
  /// matched to the film (match_intensity) except for the baseline method, and the film minus it,
  /// at least 0. CV_32FC1 in [0,1], the film's part of the network's square.
  cv::Mat reconstruction, difference;
  /// Whether an implant was found.
  [[nodiscard]] bool found() const { return !parts.empty(); }
};

/// Checks the networks for restore() with these options.
/// @throws Error(weights) when a required network is missing or has other outputs than expected
void require_networks(const Restorer& restorer, const RestoreOptions& options);

/// Segments implants and inpaints them; all other pixels are unchanged to the bit. The standard
/// method: a network trained to ignore text, markers and bright bone segments implants on the whole
/// film, and a second one in magnified windows around them (plan_implant_roi); outlines are refined
/// at film resolution (implant_mask). Holes are filled with the autoencoder's reconstruction of the
/// roughly inpainted film, matched to the greys around each hole (inpaint). A film of which more
/// than RestoreOptions::largest_share would be filled in is returned unchanged, with a note. Runs
/// on the calling thread; concurrent calls are safe.
/// @throws Error(weights) as require_networks
Restoration restore(const Image& film, const Restorer& restorer,
                    const RestoreOptions& options = {});

}  // namespace spine
