// spine-train: training of networks on simulated or given films.
#include "train/commands.h"

#include "spine/cli/app.h"

namespace {

const spine::cli::AppInfo kInfo{"spine-train",
                                "Train the project's networks on simulated or given films.",
                                R"(Commands:
  seg     train a segmentation network (PEN + TransUNet or another configuration) for eight masks, or
          with --implant-masks for the implant mask
  vqgan   train the inpainting autoencoder (VQGAN) on implant-free films
  endplate-net  train the network that predicts an endplate in a window around it
  cache   render path-length maps of many simulated patients once, for `seg --cache`
  cohort  build training and test folders from labelled films (Labelme, masks)
  export  add the best weights of a run to a manifest
  bench   measure films per second of a configuration on this machine
  endplate-correction  fit the endplate angle correction of --landmarks fit for oblique bodies
  uncertainty  fit the uncertainty model of landmarks from contour quality

Files of a run: OUT/curves.csv, OUT/checkpoint.pt (for --resume), OUT/best.safetensors,
OUT/training.json; for vqgan also OUT/reconstructions.png, films above their reconstructions.

Examples:
  spine-train cache --cache paths --films 3000
  spine-train seg --network weights/configs/trans_unet_small.json --cache paths -o run --hours 3
  spine-train seg --network net.json --data films_with_masks -o run --steps 20000 --resume
  spine-train vqgan --network weights/configs/vqgan_small.json --cache paths --random-erasing 0.7 -o drawn \
    --hours 1
  spine-train vqgan --network net.json --data films_without_implants -o drawn --hours 8
  spine-train seg --implant-masks --network weights/configs/implant_net_small.json --cache paths \
    --implants 0.4 -o implant --hours 1
  spine-train endplate-net --network weights/configs/endplate_net_small.json --cache fine --batch 6 \
    -o plates --hours 0.7
  spine-train cohort labelled/ -o cohort --labels classes.csv --patients patients.csv
  spine-train seg --network net.json --data cohort/train -o run --steps 20000
  spine-train export -o run --name trans_unet_small --manifest weights/manifest.json
  spine-train export -o implant --name my_implant_model --implant-model-of my_vqgan --manifest weights/manifest.json

Exit codes: 0 done, 1 failed, 2 bad usage, 3 no films found, 130 interrupted (a checkpoint is
written; continue with --resume).

References: Chen et al. 2021, TransUNet (arXiv 2102.04306); Park et al. 2024, PECI-Net; Esser et al.
2021, Taming Transformers (arXiv 2012.09841); Nibali et al. 2018, soft-argmax (arXiv 1801.07372);
Kendall & Gal 2017, uncertainties (arXiv 1703.04977).)"};

}  // namespace

int main(int argc, char** argv) {
  spine::cli::wait_without_spinning(argv);
  const spine::train::BuildInfo build{std::string(spine::cli::version()),
                                      std::string(spine::cli::commit()), spine::cli::dirty()};
  spine::apps::Commands commands(spine::cli::interrupted, build);
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { commands.declare(app); },
      [&](const spine::cli::ParsedOptions& parsed) {
        const bool finished = commands.run(parsed.command_text(), parsed.names);
        return finished ? spine::cli::kExitDone : spine::cli::kExitInterrupted;
      });
}
