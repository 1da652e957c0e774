#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/restore_options.h"

namespace spine {

/// The networks of the stage.
struct Restorer {
  Model autoencoder;            ///< VQGAN trained on films without metal
  std::optional<Model> finder;  ///< sees metal; needed by RestoreMethod::standard
};

/// A film without its metal, and how it came about.
struct Restoration {
  Image film;                      ///< restored; the given one when nothing was found
  cv::Mat implant_mask;            ///< CV_8UC1 0/255 of the film's size: the pixels that changed
  std::vector<ImplantPart> parts;  ///< largest first; empty: no implant found
  double confidence = 0;           ///< that the film shows metal, 0..1
  std::vector<std::string> notes;  ///< decisions, one short sentence each
  // As the network saw it, for looking: squares in [0,1], CV_32FC1.
  cv::Mat square, drawn, difference;
  cv::Rect content;  ///< of the film in the squares
  [[nodiscard]] bool found() const { return !parts.empty(); }
};

/// @throws Error(weights) when a network is missing that the method needs, or is not of its kind
void require_networks(const Restorer& restorer, RestoreMethod method);

/// Finds metal and fills in what it hides; every other pixel keeps its bits. The standard method:
/// the autoencoder draws each film anew, its greys are matched to the film's place by place
/// (match_greys); a second network, which knows text and markers, tells where metal is; outlines
/// are drawn at the film's resolution (implant_mask), and holes filled (inpaint). A film on which
/// more than RestoreOptions::largest_share would be filled in is left as it is, with a note.
/// @throws Error(weights) as require_networks
std::vector<Restoration> restore(std::span<const Image* const> films, Restorer& restorer,
                                 const RestoreOptions& options = {});

}  // namespace spine
