// make_weights FILE KIND: weights of a tiny network with random values, the same at each call.
//   good         loads and runs; detects no spine on any film
//   other        contains tensors of another architecture under the name of this one
//   unknown      names an architecture that does not exist
//   four         a valid network with four outputs
//   vqgan        an autoencoder of films
//   implant      detects implants everywhere
//   endplates    predicts endplates everywhere
#include <cstdio>
#include <string>

#include "infer/tiny_network.h"

#include "spine/infer/checkpoint.h"
#include "spine/nets/endplate_net.h"

namespace {

nlohmann::json tiny(int blocks, int classes) {
  return {
      {"architecture", "trans_unet"},
      {"input_size", 64},
      {"views", 6},
      {"classes", classes},
      {"pen", {{"enabled", true}, {"channels", 3}}},
      {"resnet", {{"width", 8}, {"blocks", {1, 1, 1}}, {"groups", 4}}},
      {"vit", {{"hidden", 32}, {"mlp", 64}, {"blocks", blocks}, {"heads", 2}, {"dropout", 0.0}}},
      {"decoder", {{"head", 32}, {"widths", {16, 8, 8, 8}}, {"skips", {true, true, true, true}}}}};
}

nlohmann::json tiny_endplates() {
  return {{"architecture", "endplate_net"},
          {"input_size", 64},
          {"stem_width", 8},
          {"widths", {8, 8, 8}},
          {"groups", 4}};
}

/// A network of one configuration whose file declares another.
class Misnamed : public spine::Network {
 public:
  Misnamed(std::shared_ptr<spine::Network> network, nlohmann::json claim)
      : network_(std::move(network)), claim_(std::move(claim)) {}
  spine::NetworkOutput forward_features(const torch::Tensor& views) override {
    return network_->forward_features(views);
  }
  void fold() override { network_->fold(); }
  [[nodiscard]] nlohmann::json config() const override { return claim_; }
  [[nodiscard]] std::int64_t input_size() const override { return network_->input_size(); }
  [[nodiscard]] std::int64_t views() const override { return network_->views(); }
  [[nodiscard]] std::int64_t classes() const override { return network_->classes(); }

 private:
  std::shared_ptr<spine::Network> network_;
  nlohmann::json claim_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr,
                 "usage: make_weights FILE good|other|unknown|four|vqgan|implant|endplates\n");
    return 2;
  }
  const std::string kind = argv[2];
  torch::manual_seed(1);
  const int classes = kind == "four" ? 4 : kind == "implant" ? 1 : 8;
  const auto network = spine::make_network(kind == "vqgan" ? spine::test::tiny_vqgan_config(64)
                                           : kind == "endplates" ? tiny_endplates()
                                                                 : tiny(1, classes),
                                           "make_weights");
  nlohmann::json claim = network->config();
  if (kind == "other") claim = spine::make_network(tiny(2, classes), "make_weights")->config();
  if (kind == "unknown") claim["architecture"] = "linknet";

  spine::InputSpec input;
  input.size = 64;
  std::vector<std::string> outputs{"L1", "L2", "L3", "L4", "L5", "S", "F1", "F2"};
  outputs.resize(static_cast<std::size_t>(classes));
  if (kind == "implant") outputs = {"implant"};
  if (kind == "vqgan") {
    outputs = {"film"};
    input.views = {"original"};
  }
  if (kind == "endplates") {
    outputs.assign(spine::kEndplateOutputs.begin(), spine::kEndplateOutputs.end());
    input.views = {"original"};
  }
  spine::save_network(argv[1], Misnamed(network, claim), spine::state_of(*network), input, outputs,
                      torch::kFloat32);
  return 0;
}
