#include "spine/nets/config.h"

#include "spine/core/error.h"
#include "spine/nets/json_fields.h"

namespace spine {
namespace {

void require(bool holds, const std::string& where, const std::string& expected) {
  if (!holds) throw Error(ErrorKind::usage, where + ": expected " + expected);
}

/// Fields common to all segmentation networks: input, classes, PEN.
template <typename Config>
void check_ends(const Config& c, std::int64_t multiple, const std::string& where) {
  require(c.input_size >= 32 && c.input_size % multiple == 0 && c.input_size <= 4096, where,
          "input_size to be a multiple of " + std::to_string(multiple) + " in [32, 4096], found " +
              std::to_string(c.input_size));
  require(c.views >= 1 && c.views <= 64, where, "views in [1, 64]");
  require(c.classes >= 1 && c.classes <= 1024, where, "classes in [1, 1024]");
  require(!c.pen.enabled || (c.pen.channels >= 1 && c.pen.channels <= 64), where,
          "pen.channels in [1, 64]");
}

void check(const TransUNetConfig& c, const std::string& where) {
  check_ends(c, 16, where);
  require(c.pen.enabled || c.views == 1 || c.views == 3, where, "1 or 3 views without pen");
  require(c.stem_width >= 1 && c.stem_width <= 1024, where, "resnet.width in [1, 1024]");
  require(c.norm_groups >= 1 && c.stem_width % c.norm_groups == 0, where,
          "resnet.groups to divide resnet.width");
  require(c.resnet_blocks.size() == 3, where, "three numbers in resnet.blocks");
  for (const auto n : c.resnet_blocks)
    require(n >= 1 && n <= 100, where, "resnet.blocks in [1, 100]");
  require(c.heads >= 1 && c.hidden >= c.heads && c.hidden % c.heads == 0, where,
          "vit.heads to divide vit.hidden");
  require(c.hidden <= 8192 && c.mlp >= 1 && c.mlp <= 65536, where,
          "vit.hidden in [1, 8192] and vit.mlp in [1, 65536]");
  require(c.blocks >= 0 && c.blocks <= 100, where, "vit.blocks in [0, 100]");
  require(c.dropout >= 0 && c.dropout < 1 && c.attention_dropout >= 0 && c.attention_dropout < 1,
          where, "dropout in [0, 1)");
  require(c.decoder_head >= 1 && c.decoder_head <= 8192, where, "decoder.head in [1, 8192]");
  require(c.decoder_widths.size() == 4 && c.skips.size() == 4, where,
          "four entries in decoder.widths and decoder.skips");
  for (const auto n : c.decoder_widths) {
    require(n >= 1 && n <= 8192, where, "decoder.widths in [1, 8192]");
  }
}

void check(const UNetConfig& c, const std::string& where) {
  check_ends(c, 16, where);
  require(c.width >= 1 && c.width <= 1024, where, "width in [1, 1024]");
}

void check(const SwinUnetConfig& c, const std::string& where) {
  check_ends(c, 32, where);
  require(c.pen.enabled || c.views == 1 || c.views == 3, where, "1 or 3 views without pen");
  require(c.depths.size() == 4 && c.heads.size() == 4, where, "four entries in depths and heads");
  require(c.embed >= 1 && c.embed <= 1024, where, "embed in [1, 1024]");
  require(c.window >= 1 && c.window <= 64, where, "window in [1, 64]");
  for (std::size_t i = 0; i < 4; ++i) {
    require(c.depths[i] >= 1 && c.depths[i] <= 100, where, "depths in [1, 100]");
    require(c.heads[i] >= 1 && (c.embed << i) % c.heads[i] == 0, where,
            "heads to divide the channels of their grid");
    const std::int64_t side = c.input_size / 4 >> i;
    require(side <= c.window || side % c.window == 0, where,
            "window to divide every larger grid, found " + std::to_string(c.window) + " and " +
                std::to_string(side));
  }
  require(c.mlp_ratio > 0 && c.mlp_ratio <= 64, where, "mlp_ratio in (0, 64]");
  require(c.dropout >= 0 && c.dropout < 1 && c.drop_path >= 0 && c.drop_path < 1, where,
          "dropout and drop_path in [0, 1)");
}

void check(const VqganConfig& c, const std::string& where) {
  require(!c.multipliers.empty() && c.multipliers.size() <= 8, where, "1 to 8 multipliers");
  require(c.input_size >= 16 && c.input_size % c.shrinking() == 0 && c.input_size <= 4096, where,
          "input_size to be a multiple of " + std::to_string(c.shrinking()) +
              " in [16, 4096], found " + std::to_string(c.input_size));
  require(c.channels >= 1 && c.channels <= 64, where, "channels in [1, 64]");
  require(c.norm_groups >= 1 && c.width >= 1 && c.width <= 1024, where, "width in [1, 1024]");
  for (const auto n : c.multipliers) {
    require(n >= 1 && n <= 64 && c.width * n % c.norm_groups == 0, where,
            "groups to divide width times each multiplier");
  }
  require(c.blocks >= 1 && c.blocks <= 16, where, "blocks in [1, 16]");
  require(c.latent >= 1 && c.latent <= 4096 && c.embed >= 1 && c.embed <= 4096, where,
          "latent and embed in [1, 4096]");
  require(c.codes >= 2 && c.codes <= 1 << 20, where, "codes in [2, 1048576]");
  require(c.commitment >= 0 && c.dropout >= 0 && c.dropout < 1, where,
          "commitment of 0 or more, dropout in [0, 1)");
}

void check(const EndplateNetConfig& c, const std::string& where) {
  require(!c.widths.empty() && c.widths.size() <= 6, where, "1 to 6 widths");
  require(c.input_size >= 16 && c.input_size % c.shrinking() == 0 && c.input_size <= 1024, where,
          "input_size to be a multiple of " + std::to_string(c.shrinking()) +
              " in [16, 1024], found " + std::to_string(c.input_size));
  require(c.norm_groups >= 1, where, "groups of 1 or more");
  const auto divided = [&](std::int64_t width) {
    return width >= 1 && width <= 4096 && width % c.norm_groups == 0;
  };
  require(divided(c.stem_width), where, "groups to divide stem_width");
  for (const auto n : c.widths) require(divided(n), where, "groups to divide each of widths");
}

PenConfig pen_config(const nlohmann::json& json, const std::string& where) {
  PenConfig pen;
  JsonFields fields(json, where + ": pen");
  fields.optional("enabled", pen.enabled);
  fields.optional("channels", pen.channels);
  fields.optional("negative_slope", pen.negative_slope);
  fields.finish();
  return pen;
}

nlohmann::json to_json(const PenConfig& pen) {
  return {
      {"enabled", pen.enabled}, {"channels", pen.channels}, {"negative_slope", pen.negative_slope}};
}

void require_architecture(const std::string& found, const std::string& expected,
                          const std::string& where) {
  require(found == expected, where, "architecture \"" + expected + "\", found \"" + found + "\"");
}

/// Reads a network's configuration: the name of its architecture and the fields read by `own`.
template <typename Config, typename Own>
Config read_config(const nlohmann::json& json, const std::string& architecture,
                   const std::string& where, Own&& own) {
  Config c;
  std::string found = architecture;
  JsonFields fields(json, where);
  fields.required("architecture", found);
  own(fields, c);
  fields.finish();
  require_architecture(found, architecture, where);
  check(c, where);
  return c;
}

/// The same for segmentation networks, which also have input, classes and PEN.
template <typename Config, typename Own>
Config read_segmenter_config(const nlohmann::json& json, const std::string& architecture,
                             const std::string& where, Own&& own) {
  return read_config<Config>(json, architecture, where, [&](JsonFields& fields, Config& c) {
    nlohmann::json pen = nlohmann::json::object();
    fields.optional("input_size", c.input_size);
    fields.optional("views", c.views);
    fields.optional("classes", c.classes);
    fields.optional("pen", pen);
    own(fields, c);
    c.pen = pen_config(pen, where);
  });
}

/// @param own  the fields specific to the architecture
template <typename Config>
nlohmann::json segmenter_to_json(const std::string& architecture, const Config& c,
                                 const nlohmann::json& own) {
  nlohmann::json json{{"architecture", architecture},
                      {"input_size", c.input_size},
                      {"views", c.views},
                      {"classes", c.classes},
                      {"pen", to_json(c.pen)}};
  json.update(own);
  return json;
}

}  // namespace

TransUNetConfig trans_unet_config(const nlohmann::json& json, const std::string& where) {
  return read_segmenter_config<TransUNetConfig>(
      json, "trans_unet", where, [&](JsonFields& fields, TransUNetConfig& c) {
        nlohmann::json resnet = nlohmann::json::object(), vit = resnet, decoder = resnet;
        fields.optional("resnet", resnet);
        fields.optional("vit", vit);
        fields.optional("decoder", decoder);

        JsonFields resnet_fields(resnet, where + ": resnet");
        resnet_fields.optional("width", c.stem_width);
        resnet_fields.optional("blocks", c.resnet_blocks);
        resnet_fields.optional("groups", c.norm_groups);
        resnet_fields.finish();

        JsonFields vit_fields(vit, where + ": vit");
        vit_fields.optional("hidden", c.hidden);
        vit_fields.optional("mlp", c.mlp);
        vit_fields.optional("blocks", c.blocks);
        vit_fields.optional("heads", c.heads);
        vit_fields.optional("dropout", c.dropout);
        vit_fields.optional("attention_dropout", c.attention_dropout);
        vit_fields.finish();

        JsonFields decoder_fields(decoder, where + ": decoder");
        decoder_fields.optional("head", c.decoder_head);
        decoder_fields.optional("widths", c.decoder_widths);
        decoder_fields.optional("skips", c.skips);
        decoder_fields.finish();
      });
}

nlohmann::json to_json(const TransUNetConfig& c) {
  return segmenter_to_json(
      "trans_unet", c,
      {{"resnet",
        {{"width", c.stem_width}, {"blocks", c.resnet_blocks}, {"groups", c.norm_groups}}},
       {"vit",
        {{"hidden", c.hidden},
         {"mlp", c.mlp},
         {"blocks", c.blocks},
         {"heads", c.heads},
         {"dropout", c.dropout},
         {"attention_dropout", c.attention_dropout}}},
       {"decoder", {{"head", c.decoder_head}, {"widths", c.decoder_widths}, {"skips", c.skips}}}});
}

UNetConfig unet_config(const nlohmann::json& json, const std::string& where) {
  return read_segmenter_config<UNetConfig>(json, "unet", where,
                                           [](JsonFields& fields, UNetConfig& c) {
                                             fields.optional("width", c.width);
                                             fields.optional("bilinear", c.bilinear);
                                           });
}

nlohmann::json to_json(const UNetConfig& c) {
  return segmenter_to_json("unet", c, {{"width", c.width}, {"bilinear", c.bilinear}});
}

SwinUnetConfig swin_unet_config(const nlohmann::json& json, const std::string& where) {
  return read_segmenter_config<SwinUnetConfig>(json, "swin_unet", where,
                                               [](JsonFields& fields, SwinUnetConfig& c) {
                                                 fields.optional("embed", c.embed);
                                                 fields.optional("depths", c.depths);
                                                 fields.optional("heads", c.heads);
                                                 fields.optional("window", c.window);
                                                 fields.optional("mlp_ratio", c.mlp_ratio);
                                                 fields.optional("dropout", c.dropout);
                                                 fields.optional("drop_path", c.drop_path);
                                               });
}

nlohmann::json to_json(const SwinUnetConfig& c) {
  return segmenter_to_json("swin_unet", c,
                           {{"embed", c.embed},
                            {"depths", c.depths},
                            {"heads", c.heads},
                            {"window", c.window},
                            {"mlp_ratio", c.mlp_ratio},
                            {"dropout", c.dropout},
                            {"drop_path", c.drop_path}});
}

VqganConfig vqgan_config(const nlohmann::json& json, const std::string& where) {
  return read_config<VqganConfig>(json, "vqgan", where, [](JsonFields& fields, VqganConfig& c) {
    fields.optional("input_size", c.input_size);
    fields.optional("channels", c.channels);
    fields.optional("width", c.width);
    fields.optional("multipliers", c.multipliers);
    fields.optional("blocks", c.blocks);
    fields.optional("attention", c.attention);
    fields.optional("latent", c.latent);
    fields.optional("embed", c.embed);
    fields.optional("codes", c.codes);
    fields.optional("commitment", c.commitment);
    fields.optional("unit_codes", c.unit_codes);
    fields.optional("dropout", c.dropout);
    fields.optional("groups", c.norm_groups);
  });
}

nlohmann::json to_json(const VqganConfig& c) {
  return {
      {"architecture", "vqgan"},    {"input_size", c.input_size},   {"channels", c.channels},
      {"width", c.width},           {"multipliers", c.multipliers}, {"blocks", c.blocks},
      {"attention", c.attention},   {"latent", c.latent},           {"embed", c.embed},
      {"codes", c.codes},           {"commitment", c.commitment},   {"dropout", c.dropout},
      {"unit_codes", c.unit_codes}, {"groups", c.norm_groups},
  };
}

EndplateNetConfig endplate_net_config(const nlohmann::json& json, const std::string& where) {
  return read_config<EndplateNetConfig>(json, "endplate_net", where,
                                        [](JsonFields& fields, EndplateNetConfig& c) {
                                          fields.optional("input_size", c.input_size);
                                          fields.optional("stem_width", c.stem_width);
                                          fields.optional("widths", c.widths);
                                          fields.optional("groups", c.norm_groups);
                                        });
}

nlohmann::json to_json(const EndplateNetConfig& c) {
  return {{"architecture", "endplate_net"},
          {"input_size", c.input_size},
          {"stem_width", c.stem_width},
          {"widths", c.widths},
          {"groups", c.norm_groups}};
}

}  // namespace spine
