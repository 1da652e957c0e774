#include "train/commands.h"

#include <fstream>

#include "infer/tiny_network.h"
#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/manifest.h"
#include "spine/train/projection_cache.h"

using namespace spine;

namespace {

bool run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "spine-train");
  std::vector<const char*> argv;
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  const auto argc = static_cast<int>(argv.size());
  apps::Commands commands([] { return false; });
  CLI::App app;
  commands.declare(app);
  app.parse(argc, argv.data());
  return commands.run("spine-train seg --cache CACHE");
}

}  // namespace

TEST_CASE("Weights trained from a cache are added to a manifest") {
  const test::TempDir folder;
  train::ProjectionCache(folder / "cache").write(1'000'000, test::phantom_paths());
  std::ofstream(folder / "net.json") << test::tiny_config();
  const auto manifest = folder / "manifest.json";
  CHECK(run({"seg",
             "--network",
             (folder / "net.json").string(),
             "--views",
             "original",
             "clahe",
             "--cache",
             (folder / "cache").string(),
             "-o",
             (folder / "run").string(),
             "--epochs",
             "3",
             "--batch",
             "2",
             "--threads",
             "1",
             "--validation-films",
             "0",
             "--device",
             "cpu",
             "--export",
             "tiny",
             "--manifest",
             manifest.string()}));
  const auto entry = read_weights_manifest(manifest).weights.at(0);
  CHECK(entry.name == "tiny");
  CHECK(entry.training.at("steps") == 2);  // three passes over one film in batches of two
  CHECK(entry.training.at("parts").at(0).at("command").get<std::string>().find("--cache CACHE") !=
        std::string::npos);
}

TEST_CASE("Invalid arguments are rejected") {
  const test::TempDir folder;
  std::ofstream(folder / "bad.json") << "{";
  std::ofstream(folder / "net.json") << test::tiny_config();
  CHECK_THROWS_AS(run({}), CLI::ParseError);
  CHECK_THROWS_AS(run({"seg", "-o", "x"}), CLI::ParseError);
  CHECK_THROWS_AS(run({"seg", "--network", "missing.json", "-o", "x"}), CLI::ParseError);
  CHECK_THROWS_AS(run({"bench", "--network", (folder / "bad.json").string()}), Error);
  CHECK_THROWS_AS(run({"cache"}), Error);
  CHECK_THROWS_AS(run({"cache", "--cache", (folder / "c").string(), "--films", "1",
                       "--anatomy-kind", "meshes"}),
                  Error);
  CHECK_THROWS_AS(run({"seg", "--network", (folder / "net.json").string(), "--views", "original",
                       "clahe", "--cache", (folder / "empty").string(), "-o",
                       (folder / "run").string(), "--steps", "1"}),
                  Error);
}
