#include "spine/infer/weights_import.h"

#include <cmath>
#include <fstream>

#include "spine/core/error.h"
#include "spine/core/structure.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/npz.h"
#include "spine/infer/safetensors.h"
#include "spine/infer/torch_checkpoint.h"
#include "spine/infer/zip_archive.h"
#include "spine/nets/network.h"

namespace spine {
namespace {

using torch::Tensor;
using Tensors = std::map<std::string, Tensor>;

bool is_zip(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  char first[2] = {};
  in.read(first, sizeof first);
  return in && first[0] == 'P' && first[1] == 'K';
}

bool holds_arrays(const std::filesystem::path& file) {
  const ZipArchive archive(file);
  return !archive.names().empty() &&
         std::filesystem::path(archive.names().front()).extension() == ".npy";
}

/// Queries on the shapes of a state dictionary.
class Shapes {
 public:
  explicit Shapes(const Tensors& tensors) : tensors_(tensors) {}

  [[nodiscard]] bool has(const std::string& name) const { return tensors_.contains(name); }
  /// 0 where there is no such tensor or dimension.
  [[nodiscard]] std::int64_t size(const std::string& name, std::int64_t dimension) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() || found->second.dim() <= dimension
               ? 0
               : found->second.size(dimension);
  }
  /// How many of prefix + "0" + suffix, prefix + "1" + suffix, ... there are, from `first` on.
  [[nodiscard]] std::int64_t count(const std::string& prefix, const std::string& suffix,
                                   std::int64_t first = 0) const {
    std::int64_t n = first;
    const auto name = [&] { return std::string(prefix).append(std::to_string(n)).append(suffix); };
    while (has(name())) ++n;
    return n - first;
  }

 private:
  const Tensors& tensors_;
};

std::int64_t square_root(std::int64_t n) {
  return static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(n))));
}

nlohmann::json pen_of(const Shapes& shapes) {
  const bool enabled = shapes.has("pen.conv.weight");
  return enabled
             ? nlohmann::json{{"enabled", true}, {"channels", shapes.size("pen.conv.weight", 0)}}
             : nlohmann::json{{"enabled", false}};
}

/// Input planes: PEN's, or those of the network's first layer.
std::int64_t views_of(const Shapes& shapes, const std::string& first_layer) {
  return shapes.has("pen.conv.weight") ? shapes.size("pen.conv.weight", 1)
                                       : shapes.size(first_layer, 1);
}

nlohmann::json guess_trans_unet(const Shapes& shapes) {
  const std::string hybrid = "transformer.embeddings.hybrid_model.", decoder = "decoder.blocks.";
  const std::int64_t width = shapes.size(hybrid + "root.conv.weight", 0);
  const std::int64_t hidden = shapes.size("transformer.embeddings.position_embeddings", 2);
  std::vector<std::int64_t> blocks, widths;
  for (int stage = 1; stage <= 3; ++stage) {
    blocks.push_back(
        shapes.count(hybrid + "body.block" + std::to_string(stage) + ".unit", ".conv1.weight", 1));
  }
  std::vector<bool> skips;
  std::int64_t in = shapes.size("decoder.conv_more.0.weight", 0);
  const std::int64_t head = in;
  for (std::int64_t i = 0; i < shapes.count(decoder, ".conv1.0.weight"); ++i) {
    const std::string conv = decoder + std::to_string(i) + ".conv1.0.weight";
    skips.push_back(shapes.size(conv, 1) > in);
    in = shapes.size(conv, 0);
    widths.push_back(in);
  }
  return {{"architecture", "trans_unet"},
          {"input_size",
           16 * square_root(shapes.size("transformer.embeddings.position_embeddings", 1))},
          {"views", views_of(shapes, hybrid + "root.conv.weight")},
          {"classes", shapes.size("segmentation_head.0.weight", 0)},
          {"pen", pen_of(shapes)},
          {"resnet", {{"width", width}, {"blocks", blocks}, {"groups", 32}}},
          {"vit",
           {{"hidden", hidden},
            {"mlp", shapes.size("transformer.encoder.layer.0.ffn.fc1.weight", 0)},
            {"blocks", shapes.count("transformer.encoder.layer.", ".ffn.fc1.weight")},
            {"heads", std::max<std::int64_t>(1, hidden / 64)}}},
          {"decoder", {{"head", head}, {"widths", widths}, {"skips", skips}}}};
}

nlohmann::json guess_unet(const Shapes& shapes) {
  return {{"architecture", "unet"},
          {"views", views_of(shapes, "inc.double_conv.0.weight")},
          {"classes", shapes.size("outc.conv.weight", 0)},
          {"pen", pen_of(shapes)},
          {"width", shapes.size("inc.double_conv.0.weight", 0)},
          {"bilinear", !shapes.has("up1.up.weight")}};
}

nlohmann::json guess_swin_unet(const Shapes& shapes) {
  const std::string layers = "swin_unet.layers.";
  const std::string table = ".blocks.0.attn.relative_position_bias_table";
  const std::int64_t window = (square_root(shapes.size(layers + "0" + table, 0)) + 1) / 2;
  std::vector<std::int64_t> depths, heads;
  for (std::int64_t i = 0; i < shapes.count(layers, table); ++i) {
    const std::string layer = layers + std::to_string(i);
    depths.push_back(shapes.count(layer + ".blocks.", ".attn.relative_position_bias_table"));
    heads.push_back(shapes.size(layer + table, 1));
  }
  const std::int64_t embed = shapes.size("swin_unet.patch_embed.proj.weight", 0);
  const double hidden = static_cast<double>(shapes.size(layers + "0.blocks.0.mlp.fc1.weight", 0));
  return {{"architecture", "swin_unet"},
          {"input_size", 32 * window},  // published: a window covers the coarsest grid
          {"views", views_of(shapes, "swin_unet.patch_embed.proj.weight")},
          {"classes", shapes.size("swin_unet.output.weight", 0)},
          {"pen", pen_of(shapes)},
          {"embed", embed},
          {"depths", depths},
          {"heads", heads},
          {"window", window},
          {"mlp_ratio", embed > 0 ? hidden / static_cast<double>(embed) : 0}};
}

nlohmann::json guess_vqgan(const Shapes& shapes) {
  const std::int64_t width = shapes.size("encoder.conv_in.weight", 0), size = 256;
  const std::int64_t levels = shapes.count("encoder.down.", ".block.0.conv1.weight");
  std::vector<std::int64_t> multipliers, attention;
  for (std::int64_t i = 0; i < levels; ++i) {
    const std::string level = "encoder.down." + std::to_string(i);
    multipliers.push_back(shapes.size(level + ".block.0.conv1.weight", 0) /
                          std::max<std::int64_t>(1, width));
    if (shapes.has(level + ".attn.0.q.weight")) attention.push_back(size >> i);
  }
  return {{"architecture", "vqgan"},
          {"input_size", size},
          {"channels", shapes.size("encoder.conv_in.weight", 1)},
          {"width", width},
          {"multipliers", multipliers},
          {"blocks", shapes.count("encoder.down.0.block.", ".conv1.weight")},
          {"attention", attention},
          {"latent", shapes.size("encoder.conv_out.weight", 0)},
          {"embed", shapes.size("quantize.embedding.weight", 1)},
          {"codes", shapes.size("quantize.embedding.weight", 0)}};
}

std::vector<std::string> names_of_outputs(const ImportOptions& options, std::int64_t classes) {
  const auto count = static_cast<std::size_t>(classes);
  if (!options.outputs.empty()) {
    if (options.outputs.size() != count) {
      throw Error(ErrorKind::weights,
                  "weights: expected " + std::to_string(options.outputs.size()) +
                      " output channels, as specified, found " + std::to_string(classes));
    }
    return options.outputs;
  }
  std::vector<std::string> names;
  if (count == kStructureCount) {
    for (const Structure s : kStructures) names.emplace_back(to_string(s));
    return names;
  }
  throw Error(ErrorKind::weights, "weights: expected 8 output channels (L1 ... F2), found " +
                                      std::to_string(classes) +
                                      "; specify their names in order to import them");
}

}  // namespace

ForeignWeights read_foreign_weights(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw Error(ErrorKind::weights, "weights: no such file: " + file.string());
  }
  if (is_zip(file) && holds_arrays(file)) return {"NumPy archive", read_npz(file), {}};
  if (is_zip(file) || is_bare_pickle(file)) {
    return {"PyTorch checkpoint", read_torch_state(file), {}};
  }
  TensorFile content = read_safetensors(file);
  return {"safetensors", std::move(content.tensors), std::move(content.metadata)};
}

std::optional<nlohmann::json> guess_network(const Tensors& tensors) {
  const Shapes shapes(tensors);
  if (shapes.has("transformer.embeddings.position_embeddings")) return guess_trans_unet(shapes);
  if (shapes.has("inc.double_conv.0.weight")) return guess_unet(shapes);
  if (shapes.has("swin_unet.patch_embed.proj.weight")) return guess_swin_unet(shapes);
  if (shapes.has("quantize.embedding.weight")) return guess_vqgan(shapes);
  return std::nullopt;
}

nlohmann::json import_weights(const std::filesystem::path& file,
                              const std::filesystem::path& output, const ImportOptions& options) {
  ForeignWeights given = read_foreign_weights(file);
  if (given.metadata.contains("architecture") && given.metadata.contains("outputs")) {
    throw Error(ErrorKind::weights, "weights: " + file.string() +
                                        ": already in the toolkit's format, no import needed");
  }
  nlohmann::json config = options.network;
  if (config.is_null()) {
    const auto guessed = guess_network(given.tensors);
    if (!guessed) {
      throw Error(ErrorKind::weights, "weights: " + file.string() +
                                          ": names match no supported network; specify its "
                                          "configuration");
    }
    config = *guessed;
    if (options.input_size > 0) config["input_size"] = options.input_size;
  }
  const std::string where = options.network_file.empty() ? file.string() : options.network_file;
  require_enough_values(given.tensors, config, where);
  const auto network = make_network(config, where);

  std::vector<std::string> outputs;
  const bool is_autoencoder = config.at("architecture") == "vqgan";
  outputs = is_autoencoder && options.outputs.empty()
                ? std::vector<std::string>(static_cast<std::size_t>(network->classes()), "film")
                : names_of_outputs(options, network->classes());
  InputSpec input;
  input.size = static_cast<int>(network->input_size());
  input.views = options.views;
  input.mean = options.mean;
  input.std = options.std;
  const auto views = static_cast<std::size_t>(network->views());
  if (input.views.size() == 1) input.views.resize(views, input.views.front());
  if (input.views.size() != views) {
    throw Error(ErrorKind::weights, "weights: " + file.string() + ": the network takes " +
                                        std::to_string(views) + " views, " +
                                        std::to_string(input.views.size()) + " are specified");
  }

  network->translate_state(given.tensors);
  load_state_strictly(*network, given.tensors, file);
  save_network(output, *network, state_of(*network), input, outputs,
               options.half ? torch::kHalf : torch::kFloat);
  return network->config();
}

}  // namespace spine
