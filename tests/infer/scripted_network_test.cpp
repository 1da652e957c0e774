#include "spine/infer/scripted_network.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <torch/script.h>

#include "spine/core/error.h"
#include "spine/infer/model.h"

using namespace spine;
using test::contains;
namespace fs = std::filesystem;

namespace {

/// A module whose `channels` logits are the first view, shifted.
void write_module(const fs::path& file, int channels, const std::string& answer = "y") {
  torch::jit::Module module("shift");
  module.register_parameter("shift", torch::full({1}, 0.25), false);
  module.define("def forward(self, x):\n    y = (x[:, :1] + self.shift).repeat(1, " +
                std::to_string(channels) + ", 1, 1)\n    return " + answer + "\n");
  module.save(file.string());
}

void write_description(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string scripted_error(const fs::path& file) {
  try {
    load_scripted(file);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    return error.what();
  }
  return "";
}

constexpr const char* kDescription =
    R"({"input_size": 32, "views": ["original", "clahe"], "mean": 0.5, "std": 0.25})";

}  // namespace

TEST_CASE("A TorchScript module runs as a Network") {
  const test::TempDir folder;
  write_module(folder / "m.pt", 8, GENERATE("y", "(y, x)"));
  write_description(folder / "m.json", kDescription);
  const LoadedNetwork loaded = load_scripted(folder / "m.pt");
  CHECK(loaded.input.size == 32);
  CHECK(loaded.input.views.size() == 2);
  CHECK(loaded.outputs.back() == "F2");
  const auto x = torch::rand({2, 2, 32, 32});
  const c10::InferenceMode inference;
  CHECK(torch::allclose(loaded.network->forward(x).select(1, 7), x.select(1, 0) + 0.25));
}

TEST_CASE("A model may be a TorchScript module") {
  const test::TempDir folder;
  write_module(folder / "m.pt", 8);
  write_description(folder / "m.json", kDescription);
  Model model = Model::load((folder / "m.pt").string(), "", {"cpu"});
  CHECK(model.info().architecture == "torchscript");
  CHECK(model.info().name == "m");
  const cv::Mat plane(32, 32, CV_32FC1, cv::Scalar(0.75));
  const auto logits = model.run({{plane, plane}});
  REQUIRE(logits.at(0).size() == 8);
  CHECK(logits[0][3].at<float>(5, 5) == Approx((0.75 - 0.5) / 0.25 + 0.25));
}

TEST_CASE("Modules and descriptions that do not fit are refused") {
  const test::TempDir folder;
  write_module(folder / "m.pt", 8);
  CHECK(contains(scripted_error(folder / "m.pt"), "m.json: expected it beside m.pt"));
  write_description(folder / "m.json", "{");
  CHECK(contains(scripted_error(folder / "m.pt"), "not valid JSON"));
  write_description(folder / "m.json", R"({"input_size": 32})");
  CHECK(contains(scripted_error(folder / "m.pt"), "\"views\" is missing"));
  write_description(folder / "m.json",
                    R"({"input_size": 32, "views": ["original"], "mean": 0, "std": 0})");
  CHECK(contains(scripted_error(folder / "m.pt"), "std above zero"));
  write_module(folder / "m.pt", 9);
  write_description(folder / "m.json", kDescription);
  CHECK(contains(scripted_error(folder / "m.pt"), "[N, 8, 32, 32]"));
  std::ofstream(folder / "m.pt") << "no module";
  CHECK(contains(scripted_error(folder / "m.pt"), "expected a TorchScript module"));
}
