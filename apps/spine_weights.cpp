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

/// Options of all subcommands.
struct Options {
  std::string weights;  ///< file, or name in the manifest
  fs::path foreign, output, network, recorded;
  spine::ImportOptions import;
  double tolerance = 1e-4;
  bool force = false;
};

/// The subcommands, once declared.
struct Subcommands {
  CLI::App *inspect = nullptr, *import = nullptr, *verify = nullptr;
};

void declare_weights(CLI::App& app, Options& options) {
  app.add_option("weights", options.weights, "Weights file, or name in the manifest")
      ->type_name(spine::cli::kNameOrPath)
      ->required();
}

void declare_import(CLI::App& app, Options& options) {
  spine::ImportOptions& import = options.import;
  app.add_option("file", options.foreign, "Third-party weights")
      ->type_name(spine::cli::kPath)
      ->required();
  app.add_option("-o,--output", options.output, "Output .safetensors file")
      ->type_name(spine::cli::kPath)
      ->required();
  app.add_option("--network", options.network,
                 "Network configuration (JSON); default: detected from names and shapes")
      ->type_name(spine::cli::kPath)
      ->check(CLI::ExistingFile);
  app.add_option("--input-size", import.input_size,
                 "Input size in pixels, if not determined by tensor shapes")
      ->check(CLI::Range(16, 4096));
  app.add_option("--views", import.views, "Views of the film, one per input plane or one for all");
  app.add_option("--mean", import.mean,
                 "Mean of input normalisation: planes in [0,1] become (v - mean) / std")
      ->capture_default_str();
  app.add_option("--std", import.std, "Standard deviation of input normalisation")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--outputs", import.outputs, "Channel names; default: L1 ... F2");
  app.add_flag("--half", import.half, "Write float16");
  app.add_flag("--force", options.force, "Overwrite the output file");
}

void declare_verify(CLI::App& app, Options& options) {
  declare_weights(app, options);
  app.add_option("--recorded", options.recorded,
                 "Recording with tensors \"input\" and \"logits\" (.safetensors)")
      ->type_name(spine::cli::kPath);
  app.add_option("--tolerance", options.tolerance, "Largest error relative to the largest logit")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

Subcommands declare(CLI::App& app, Options& options) {
  app.require_subcommand(1);
  Subcommands subcommands;
  subcommands.inspect = app.add_subcommand("inspect", "Describe a weights file");
  declare_weights(*subcommands.inspect, options);
  subcommands.import = app.add_subcommand("import", "Convert third-party weights");
  declare_import(*subcommands.import, options);
  subcommands.verify =
      app.add_subcommand("verify", "Check that weights load and give correct output");
  declare_verify(*subcommands.verify, options);
  return subcommands;
}

void import_foreign(Options& options) {
  if (!options.network.empty()) {
    options.import.network = read_network(options.network);
    options.import.network_file = options.network.string();
  }
  if (!options.force && fs::exists(options.output)) {
    throw spine::Error(spine::ErrorKind::output,
                       "weights: " + options.output.string() +
                           ": expected no file, found one; --force overwrites it");
  }
  const auto config = spine::import_weights(options.foreign, options.output, options.import);
  std::cout << "imported as " << config.dump() << "\n";
}

void verify(const Options& options, const spine::cli::ParsedOptions& parsed) {
  const fs::path file = weights_file(options.weights);
  spine::check_weights(file);
  std::cout << parsed.names(file.string()) << ": loads strictly, output is finite\n";
  if (options.recorded.empty()) return;
  const spine::Parity parity = spine::compare_with_recorded(file, options.recorded);
  std::cout << "largest error " << parity.largest_error << " of the largest logit; masks agree on "
            << 100 * parity.sign_agreement << " % of the pixels\n";
  if (parity.largest_error > options.tolerance) {
    throw spine::Error(spine::ErrorKind::weights, "weights: " + file.string() +
                                                      ": expected the recorded output within " +
                                                      std::to_string(options.tolerance));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  Subcommands subcommands;
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { subcommands = declare(app, options); },
      [&](const spine::cli::ParsedOptions& parsed) {
        if (subcommands.inspect->parsed()) {
          std::cout << parsed.names(spine::describe_weights(weights_file(options.weights)));
        } else if (subcommands.import->parsed()) {
          import_foreign(options);
        } else {
          verify(options, parsed);
        }
        return spine::cli::kExitDone;
      });
}
