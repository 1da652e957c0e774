#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "spine/batch/batch_run.h"
#include "spine/batch/deidentification.h"
#include "spine/infer/model.h"
#include "spine/stages/restore/restore.h"

namespace spine::batch {

/// Weights of restoration, by names in the default manifest or .safetensors files.
/// @param weights  the autoencoder; "default": the manifest's
/// @param finder  the network that sees metal; "default": the one that the manifest gives to the
///                autoencoder, none for a file; "none": none
/// @param implant_roi_model  the network that sees it in magnified windows; "default": the finder's
///                         second look in the manifest, none for a file; "none": none
/// @throws Error(weights | usage) as Model::load does.
Restorer load_restorer(const std::string& weights, const std::string& implant_model,
                       const std::string& implant_roi_model, const DeviceOptions& options);

/// The options by name, for fingerprints and run records.
nlohmann::json to_json(const RestoreOptions& options);
/// The options and the networks' hashes: what a restored film depends on beside the film.
nlohmann::json options_record(const RestoreOptions& options, const Restorer& restorer);
/// What restoration ran with, for run records.
nlohmann::json weights_record(const Restorer& restorer);

/// implant_found, filled_in, confidence, area, count and boxes [x, y, width, height] with their
/// confidence, as restoration.json and the pipeline's records hold them. Lengths in film pixels.
nlohmann::json to_json(const Restoration& restoration);

/// "implant" where metal was filled in, "implant_not_restored" where it was too much to.
std::vector<std::string> flags_of(const Restoration& restoration);

/// restored.png and implant_mask.png.
void write_restoration(const Restoration& restoration, const TextRedaction& cover,
                       const std::filesystem::path& folder);

/// The job of spine-restore: a film becomes restored.png (its own pixels where no metal was found),
/// implant_mask.png, preview.png and restoration.json, which tells the commands that follow the
/// film's spacing and the flags so far. `restorer` and `clock` must outlive the job.
Job<Image, Restoration> restore_job(const Restorer& restorer, const RestoreOptions& options,
                                    StageClock& clock,
                                    const Deidentification& deidentification = {});

}  // namespace spine::batch
