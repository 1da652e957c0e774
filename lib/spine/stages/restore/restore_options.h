#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "spine/stages/restore/implant_mask.h"
#include "spine/stages/restore/inpaint.h"

namespace spine {

/// Methods of finding implants.
enum class RestoreMethod {
  standard,    ///< implant segmentation by a network, refined on the film; see restore()
  baseline,    ///< difference to the reconstruction; segments something in every film
  brightness,  ///< threshold on the grey values, without a network
};

/// Names of the methods on command lines and in records.
inline constexpr std::array<std::pair<std::string_view, RestoreMethod>, 3> kRestoreMethods{
    {{"standard", RestoreMethod::standard},
     {"baseline", RestoreMethod::baseline},
     {"brightness", RestoreMethod::brightness}}};
inline constexpr std::array<std::pair<std::string_view, Inpainting>, 3> kInpaintings{
    {{"telea", Inpainting::telea},
     {"navier-stokes", Inpainting::navier_stokes},
     {"texture", Inpainting::texture}}};

/// The name of a value in such a table; empty when the table lacks it.
template <typename Value, std::size_t N>
constexpr std::string_view name_of(Value value,
                                   const std::array<std::pair<std::string_view, Value>, N>& names) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return {};
}

/// Options of restore().
struct RestoreOptions {
  RestoreMethod method = RestoreMethod::standard;
  std::optional<Inpainting> inpainting;  ///< nullopt: texture for the standard method, else Telea
  ImplantMaskOptions mask;
  /// Return films unchanged on which the implant network finds no implant, for any method.
  bool only_implanted = false;
  /// Also reconstruct every film, for inspection (Restoration::reconstruction).
  bool draw = false;
  /// Radius of the neighbourhood from which a pixel is filled in, mm. Films of unknown spacing are
  /// treated as 450 mm high; for anisotropic pixels, a length on the film is the mean of both axes.
  double radius_mm = 1.2;
  /// Width of the rim around implants that is not used as a source, mm; not for the baseline
  /// method.
  double rim_mm = 0.9;
  /// Largest share of the film to fill in, 0..1; a film with a larger implant mask is not restored.
  /// Not for the baseline method.
  double largest_share = 0.25;
  /// Threshold of RestoreMethod::brightness, as a share of the film's grey range.
  double brightness = 0.85;
};

}  // namespace spine
