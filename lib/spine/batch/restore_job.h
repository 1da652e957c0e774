#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "spine/batch/deidentification.h"
#include "spine/batch/film_input.h"
#include "spine/infer/model.h"
#include "spine/stages/restore/restore.h"

namespace spine::batch {

/// Loads the restoration networks, by name in the default manifest or from .safetensors files.
/// @param weights            the inpainting autoencoder; "default": the one in the manifest
/// @param implant_model      the implant detection network; "default": the one that the manifest
///                           pairs with the autoencoder, none for a file; "none": none
/// @param implant_roi_model  the network that refines implants in magnified ROIs; "default": the
///                           one that the manifest pairs with `implant_model`, none for a file;
///                           "none": none
/// @throws Error(weights | usage) as Model::load
Restorer load_restorer(const std::string& weights, const std::string& implant_model,
                       const std::string& implant_roi_model, const DeviceOptions& options);

/// The options by name, for fingerprints and run records.
nlohmann::json to_json(const RestoreOptions& options);
/// The options and the hashes of the networks: what a restored film depends on besides the film.
nlohmann::json options_record(const RestoreOptions& options, const Restorer& restorer);
/// Describes the restoration networks, for run records.
nlohmann::json weights_record(const Restorer& restorer);

/// The findings of a restoration as stored in restoration.json and in records of the pipeline:
/// implant_found, filled_in, confidence, area, count and boxes [x, y, width, height] with their
/// confidence. Lengths in film pixels.
nlohmann::json to_json(const Restoration& restoration);

/// The flags of a restoration: "implant" if implants were filled in, "implant_not_restored" if
/// their area was too large.
std::vector<std::string> flags_of(const Restoration& restoration);

/// Writes restored.png and implant_mask.png.
/// @param cover  redaction of burned-in text
/// @throws Error(output)
void write_restoration(const Restoration& restoration, const TextRedaction& cover,
                       const std::filesystem::path& folder);

/// The job of spine-restore. Writes restored.png (the original pixels if no implant was found),
/// implant_mask.png, preview.png and restoration.json, which passes the spacing and the flags so
/// far to subsequent commands.
class RestoreJob : public FilmJob<Restoration> {
 public:
  /// @param restorer  must outlive the job
  /// @throws Error(usage) if the method needs a network that is missing
  RestoreJob(const Restorer& restorer, const RestoreOptions& options,
             const Deidentification& deidentification = {});

  [[nodiscard]] Restoration process(const StudyFilm& film) const override;
  nlohmann::json write(const Study& study, const StudyFilm& film, const Restoration& restoration,
                       const std::filesystem::path& folder,
                       nlohmann::json provenance) const override;

 private:
  const Restorer& restorer_;
  RestoreOptions options_;
  Deidentification deidentification_;
};

}  // namespace spine::batch
