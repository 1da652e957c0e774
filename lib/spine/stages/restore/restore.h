#pragma once
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/restore/restore_options.h"

namespace spine {

/// The networks of the stage.
struct Restorer {
  Model autoencoder;                   ///< VQGAN trained on films without metal
  std::optional<Model> implant_model;  ///< sees metal; needed by RestoreMethod::standard
  /// Sees metal in magnified windows, where the finder saw some.
  std::optional<Model> implant_roi_model = std::nullopt;
};

/// A film without its metal, and how it came about.
struct Restoration {
  Image film;                      ///< the given one unless filled_in
  cv::Mat implant_mask;            ///< CV_8UC1 0/255 of the film's size: where metal was seen
  std::vector<ImplantPart> parts;  ///< of the mask, largest first; empty: no implant found
  bool filled_in = false;          ///< whether the pixels of the mask were made anew
  double confidence = 0;           ///< that the film shows metal, 0..1
  std::vector<std::string> notes;  ///< decisions, one short sentence each
  /// For inspection, with RestoreOptions::draw: what the autoencoder made of the film, in the
  /// film's greys place by place (match_greys) unless the method is the prototype's, and what of
  /// the film is brighter than that. CV_32FC1 in [0,1], the shape of the film, at the network's
  /// resolution.
  cv::Mat drawn, difference;
  [[nodiscard]] bool found() const { return !parts.empty(); }
};

/// @throws Error(weights) when a network is missing that the options need, or is not of its kind
void require_networks(const Restorer& restorer, const RestoreOptions& options);

/// Finds metal and fills in what it hides; every other pixel keeps its bits. The standard method: a
/// network that knows text, markers and bright bone tells where metal is, and a second one segments
/// magnified windows there (plan_implant_roi); outlines are drawn at the film's resolution
/// (implant_mask); holes are filled with what the autoencoder draws of the film
/// once its metal is roughly gone, brought to the greys around each hole (inpaint). A film on which
/// more than RestoreOptions::largest_share would be filled in is left as it is, with a note. Runs
/// on the calling thread; several may do so at once.
/// @throws Error(weights) as require_networks
Restoration restore(const Image& film, const Restorer& restorer,
                    const RestoreOptions& options = {});

}  // namespace spine
