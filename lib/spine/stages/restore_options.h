#pragma once
#include <optional>

#include "spine/stages/implant_mask.h"
#include "spine/stages/inpaint.h"

namespace spine {

enum class RestoreMethod {
  standard,    ///< a network sees the metal, its outline is drawn on the film; see restore()
  report,      ///< the prototype's steps to the letter; takes every film for an implanted one
  brightness,  ///< the baseline without a network: bright is metal
};

struct RestoreOptions {
  RestoreMethod method = RestoreMethod::standard;
  std::optional<Inpainting> inpainting;  ///< nullopt: the method's usual one
  ImplantMaskOptions mask;
  /// Of the neighbourhood that a pixel is made from, mm; films of unknown spacing are taken for
  /// 450 mm high.
  double radius_mm = 1.2;
  /// Width of the rim beside metal that nothing is made from, mm; not for the prototype's method.
  double rim_mm = 0.9;
  /// Of the film that may be metal; where more seems to be, too little is left to fill in from.
  double largest_share = 0.25;
  double brightness = 0.85;  ///< of the film's grey range, for RestoreMethod::brightness
};

}  // namespace spine
