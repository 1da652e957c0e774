#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "spine/stages/restore/implant_mask.h"
#include "spine/stages/restore/inpaint.h"

namespace spine {

enum class RestoreMethod {
  standard,    ///< a network sees the metal, its outline is drawn on the film; see restore()
  baseline,    ///< the prototype's steps; takes every film for an implanted one
  brightness,  ///< the baseline: what is bright is metal, whatever a network makes of it
};

/// Names of methods, on command lines and in records.
inline constexpr std::array<std::pair<std::string_view, RestoreMethod>, 3> kRestoreMethods{
    {{"standard", RestoreMethod::standard},
     {"baseline", RestoreMethod::baseline},
     {"brightness", RestoreMethod::brightness}}};
inline constexpr std::array<std::pair<std::string_view, Inpainting>, 3> kInpaintings{
    {{"telea", Inpainting::telea},
     {"navier-stokes", Inpainting::navier_stokes},
     {"texture", Inpainting::texture}}};

/// The name that such a table gives to a value that is in it.
template <typename Value, std::size_t N>
constexpr std::string_view name_of(Value value,
                                   const std::array<std::pair<std::string_view, Value>, N>& names) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return {};
}

struct RestoreOptions {
  RestoreMethod method = RestoreMethod::standard;
  std::optional<Inpainting> inpainting;  ///< nullopt: the method's usual one
  ImplantMaskOptions mask;
  /// Leave a film as it is on which the standard method finds no metal, whatever the method.
  bool only_implanted = false;
  /// Also reconstruct every film, for inspection (Restoration::drawn).
  bool draw = false;
  /// Of the neighbourhood that a pixel is made from, mm. Films of unknown spacing are treated as
  /// 450 mm high; where pixels are not square, a length on the film is the mean of both axes.
  double radius_mm = 1.2;
  /// Width of the rim beside metal that nothing is made from, mm; not for the prototype's method.
  double rim_mm = 0.9;
  /// Of the film that may be metal; where more seems to be, too little is left to fill in from. Not
  /// for the prototype's method.
  double largest_share = 0.25;
  double brightness = 0.85;  ///< of the film's grey range, for RestoreMethod::brightness
};

}  // namespace spine
