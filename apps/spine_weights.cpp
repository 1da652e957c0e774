// spine-weights: inspection, import and verification of weights files.
#include <fstream>
#include <iostream>

#include "spine/cli/app.h"
#include "spine/core/error.h"
#include "spine/infer/manifest.h"
#include "spine/infer/model.h"
#include "spine/infer/weights_import.h"
#include "spine/infer/weights_report.h"

namespace {

namespace fs = std::filesystem;

const spine::cli::AppInfo kInfo{"spine-weights",
                                "Inspect weights files and convert third-party weights.",
                                R"(Commands:
  inspect  format, SHA-256, network, and every tensor's name, type and shape
  import   convert a state dictionary of the public TransUNet, Swin-Unet, U-Net or VQGAN
           implementation to .safetensors; missing or unused parameters are errors
  verify   check that weights load strictly and give finite output; with --recorded, that the output
           equals a recording

Reads PyTorch's zip format (.pth, .pt, .ckpt since 1.6), .safetensors and NumPy's .npz. From a pickle
only tensors are built; anything else is rejected by name and never executed.

Examples:
  spine-weights inspect model.pth
  spine-weights import model.pth -o ours.safetensors
  spine-weights import swin.pth -o ours.safetensors --input-size 224 --views clahe
  spine-weights import vqgan.ckpt -o drawer.safetensors --mean 0.5 --std 0.5
  spine-weights verify ours.safetensors --recorded logits.safetensors
  spine-weights verify trans_unet_small
  spine-seg films/ -o masks/ --weights ours.safetensors

Exit codes: 0 done, 1 rejected or different, 2 bad usage.

Layouts: github.com/Beckschen/TransUNet, HuCaoFighting/Swin-Unet, milesial/Pytorch-UNet,
CompVis/taming-transformers. Detected from names and shapes unless --network is given.)"};

/// The given file, or the file of a manifest entry.
fs::path weights_file(const std::string& weights) {
  const bool is_file = spine::is_weights_file(weights);
  return spine::find_weights(weights, is_file ? fs::path() : spine::default_manifest()).file;
}

nlohmann::json read_network(const fs::path& file) {
  std::ifstream in(file);
  nlohmann::json network = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (network.is_discarded()) {
    throw spine::Error(spine::ErrorKind::usage,
                       "usage: --network: " + file.string() + ": expected a configuration in JSON");
  }
  return network;
}

}  // namespace

int main(int argc, char** argv) {
  std::string weights;
  fs::path foreign, output, recorded, network;
  spine::ImportOptions options;
  double tolerance = 1e-4;
  bool force = false;
  CLI::App *inspect = nullptr, *import = nullptr, *verify = nullptr;
  const auto declare = [&](CLI::App& app) {
    app.require_subcommand(1);
    inspect = app.add_subcommand("inspect", "Describe a weights file");
    inspect->add_option("weights", weights, "Weights file, or name in the manifest")
        ->type_name(spine::cli::kNameOrPath)
        ->required();
    import = app.add_subcommand("import", "Convert third-party weights");
    import->add_option("file", foreign, "Third-party weights")
        ->type_name(spine::cli::kPath)
        ->required();
    import->add_option("-o,--output", output, "Output .safetensors file")
        ->type_name(spine::cli::kPath)
        ->required();
    import
        ->add_option("--network", network,
                     "Network configuration (JSON); default: detected from names and shapes")
        ->type_name(spine::cli::kPath)
        ->check(CLI::ExistingFile);
    import
        ->add_option("--input-size", options.input_size,
                     "Input size in pixels, if not determined by tensor shapes")
        ->check(CLI::Range(16, 4096));
    import->add_option("--views", options.views,
                       "Views of the film, one per input plane or one for all");
    import
        ->add_option("--mean", options.mean,
                     "Mean of input normalisation: planes in [0,1] become (v - mean) / std")
        ->capture_default_str();
    import->add_option("--std", options.std, "Standard deviation of input normalisation")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    import->add_option("--outputs", options.outputs, "Channel names; default: L1 ... F2");
    import->add_flag("--half", options.half, "Write float16");
    import->add_flag("--force", force, "Overwrite the output file");
    verify = app.add_subcommand("verify", "Check that weights load and give correct output");
    verify->add_option("weights", weights, "Weights file, or name in the manifest")
        ->type_name(spine::cli::kNameOrPath)
        ->required();
    verify
        ->add_option("--recorded", recorded,
                     "Recording with tensors \"input\" and \"logits\" (.safetensors)")
        ->type_name(spine::cli::kPath);
    verify->add_option("--tolerance", tolerance, "Largest error relative to the largest logit")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
  };
  const auto run = [&](const spine::cli::ParsedOptions& parsed) {
    if (inspect->parsed()) {
      std::cout << parsed.names(spine::describe_weights(weights_file(weights)));
    } else if (import->parsed()) {
      if (!network.empty()) {
        options.network = read_network(network);
        options.network_file = network.string();
      }
      if (!force && fs::exists(output)) {
        throw spine::Error(
            spine::ErrorKind::output,
            "weights: " + output.string() + ": expected no file, found one; --force overwrites it");
      }
      const auto config = spine::import_weights(foreign, output, options);
      std::cout << "imported as " << config.dump() << "\n";
    } else {
      const fs::path file = weights_file(weights);
      spine::check_weights(file);
      std::cout << parsed.names(file.string()) << ": loads strictly, output is finite\n";
      if (recorded.empty()) return spine::cli::kExitDone;
      const spine::Parity parity = spine::compare_with_recorded(file, recorded);
      std::cout << "largest error " << parity.largest_error
                << " of the largest logit; masks agree on " << 100 * parity.sign_agreement
                << " % of the pixels\n";
      if (parity.largest_error > tolerance) {
        throw spine::Error(spine::ErrorKind::weights, "weights: " + file.string() +
                                                          ": expected the recorded output within " +
                                                          std::to_string(tolerance));
      }
    }
    return spine::cli::kExitDone;
  };
  return spine::cli::run_app(argc, argv, kInfo, declare, run);
}
