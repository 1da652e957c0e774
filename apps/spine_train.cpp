// spine-train: networks from simulated or given films.
#include "spine/cli/app.h"
#include "spine/train/commands.h"

namespace {

const spine::cli::AppInfo kInfo{"spine-train",
                                "Train the project's networks on simulated or given films.",
                                R"(Commands:
  seg     PEN + TransUNet (or another network of a configuration): films to eight masks
  cache   render path-length maps of many simulated patients once, for `seg --cache`
  export  enter a run's best weights in a manifest
  bench   films a second of a configuration on this machine

Files of a run: OUT/curves.csv, OUT/checkpoint.pt (for --resume), OUT/best.safetensors,
OUT/training.json.

Examples:
  spine-train cache --cache paths --films 3000
  spine-train seg --network weights/configs/trans_unet_small.json --cache paths -o run --hours 3
  spine-train seg --network net.json --data films_with_masks -o run --steps 20000 --resume
  spine-train export -o run --name trans_unet_small --manifest weights/manifest.json

Exit codes: 0 done, 1 failed, 2 bad usage, 3 no films found, 130 interrupted (a checkpoint is
written; go on with --resume).

References: Chen et al. 2021, TransUNet (arXiv 2102.04306); Park et al. 2024, PECI-Net.)"};

}  // namespace

int main(int argc, char** argv) {
  spine::train::Commands commands(argc, argv, spine::cli::interrupted);
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { commands.declare(app); },
      [&] { return commands.run() ? spine::cli::kExitDone : spine::cli::kExitInterrupted; });
}
