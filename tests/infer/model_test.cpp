#include "spine/infer/model.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include "tiny_network.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/manifest.h"
#include "spine/infer/tensor_convert.h"
#include "spine/util/sha256.h"

using namespace spine::test;
using spine::Model;

namespace {

/// A weights folder with one entry, "tiny".
struct Folder {
  TempDir dir;
  std::shared_ptr<spine::Network> network = tiny_network(1);
  std::filesystem::path manifest = dir / "manifest.json";
  std::filesystem::path file = dir / "tiny.safetensors";
  spine::WeightsEntry entry;

  Folder() {
    save_network(file, *network, state_of(*network), tiny_input(), structure_names(),
                 torch::kFloat);
    entry.name = "tiny";
    entry.file = "tiny.safetensors";
    entry.architecture = network->config();
    entry.input = tiny_input();
    entry.outputs = structure_names();
    entry.sha256 = spine::sha256_of_file(file);
    write();
  }
  void write() const { spine::write_manifest(manifest, {"tiny", "", {entry}}); }
  [[nodiscard]] std::string load_error(const std::string& weights) const {
    try {
      Model::load(weights, manifest, {"cpu"});
    } catch (const spine::Error& error) {
      return error.what();
    }
    return "";
  }
};

std::vector<cv::Mat> planes(float value) {
  return {cv::Mat(64, 64, CV_32FC1, cv::Scalar(value)), cv::Mat(64, 64, CV_32FC1, cv::Scalar(0.3))};
}

}  // namespace

TEST_CASE("A model by name or by file gives the network's logits") {
  const Folder folder;
  for (const std::string& weights :
       {std::string("tiny"), std::string("default"), folder.file.string()}) {
    INFO(weights);
    Model model = Model::load(weights, folder.manifest, {"cpu"});
    CHECK(model.info().name == "tiny");
    CHECK(model.info().architecture == "trans_unet");
    CHECK(model.info().sha256 == folder.entry.sha256);
    CHECK(model.info().device == "cpu");
    CHECK(model.info().outputs == structure_names());
    const auto logits = model.run({planes(0.1F), planes(0.9F)});
    REQUIRE(logits.size() == 2);
    REQUIRE(logits[0].size() == 8);
    const torch::NoGradGuard no_grad;
    const auto expected = spine::planes_from_tensor(folder.network->forward(
        (spine::tensor_from_planes({planes(0.1F), planes(0.9F)}) - 0.5) / 0.5));
    CHECK(cv::norm(logits[1][7], expected[1][7], cv::NORM_INF) < 1e-4);
    CHECK(cv::norm(logits[0][0], logits[1][0], cv::NORM_INF) > 1e-6);
  }
}

TEST_CASE("A model refuses planes it was not made for") {
  const Folder folder;
  Model model = Model::load("tiny", folder.manifest, {"cpu"});
  CHECK(model.run({}).empty());
  CHECK_THROWS_AS(model.run({{cv::Mat::zeros(64, 64, CV_32FC1)}}), spine::Error);
  CHECK_THROWS_AS(model.run({{cv::Mat::zeros(32, 32, CV_32FC1), cv::Mat::zeros(32, 32, CV_32FC1)}}),
                  spine::Error);
}

TEST_CASE("Weights that differ from the manifest are refused") {
  Folder folder;
  CHECK(folder.load_error("huge").find("known: tiny") != std::string::npos);
  CHECK(folder.load_error("gone.safetensors").find("no such file") != std::string::npos);

  folder.entry.outputs[0] = "X";
  folder.write();
  CHECK(folder.load_error("tiny").find("the list of outputs differs") != std::string::npos);
  folder.entry.outputs = structure_names();
  folder.entry.architecture["vit"]["heads"] = 4;
  folder.write();
  CHECK(folder.load_error("tiny").find("the architecture differs") != std::string::npos);
  folder.entry.sha256[0] = folder.entry.sha256[0] == 'a' ? 'b' : 'a';
  folder.write();
  const auto text = folder.load_error("tiny");
  CHECK(text.find("expected SHA-256 " + folder.entry.sha256) != std::string::npos);
  CHECK(text.find("found " + spine::sha256_of_file(folder.file)) != std::string::npos);
}
