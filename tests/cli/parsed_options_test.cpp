#include "spine/cli/parsed_options.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

using namespace spine;
using namespace spine::cli;
namespace fs = std::filesystem;

namespace {

/// A command with one option of each kind.
struct Command {
  CLI::App app{"", "spine-test"};
  std::vector<fs::path> inputs;
  fs::path output, film;
  std::string weights = "default", column, side = "auto";
  int batch = 1;
  double spacing = 0;
  bool recursive = false, mirror = true;

  Command() {
    app.set_config("--config")->type_name(kPath);
    app.add_option("INPUT", inputs)->type_name(kPath);
    app.add_option("-o,--output", output)->type_name(kPath);
    app.add_option("--film", film)->type_name(kPath)->check(CLI::ExistingDirectory);
    app.add_option("--weights", weights)->type_name(kNameOrPath);
    app.add_option("--column", column);
    app.add_option("--anterior", side)->check(CLI::IsMember({"auto", "left"}));
    app.add_option("--batch", batch)->check(CLI::Range(1, 9));
    app.add_option("--spacing", spacing);
    app.add_flag("--recursive", recursive);
    app.add_flag("--mirror,!--no-mirror", mirror);
    app.add_flag("--keep-identifiers");
    make_paths_absolute(app);
  }

  ParsedOptions parse(std::vector<const char*> words) {
    words.insert(words.begin(), "spine-test");
    app.parse(static_cast<int>(words.size()), words.data());
    return parsed_options(app);
  }

  /// The printed form of a parser error.
  std::string refusal(std::vector<const char*> words) {
    words.insert(words.begin(), "spine-test");
    const int count = static_cast<int>(words.size());
    try {
      app.parse(count, words.data());
    } catch (const CLI::ParseError& error) {
      return without_arguments(error.what(), app, count, words.data());
    }
    return "none";
  }
};

}  // namespace

TEST_CASE("A command line is recorded by its options, independent of its form") {
  const std::vector<std::string> expected{"spine-test", "INPUT", "--output",    "OUT",
                                          "--batch",    "2",     "--recursive", "--no-mirror",
                                          "--anterior", "left"};
  const auto sorted = [](std::vector<std::string> words) {
    std::sort(words.begin(), words.end());
    return words;
  };
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"DOE", "-o", "ROE", "--batch", "2", "--recursive", "--no-mirror", "--anterior", "left"},
           {"-oROE", "--batch=2", "--anterior=left", "--no-mirror", "--recursive", "/x/DOE/"},
           {"--output=/x/ROE/y", "--batch", "2", "DOE", "--anterior=left", "--no-mirror",
            "--recursive"}}) {
    const auto parsed = Command().parse(words);
    CHECK(sorted(parsed.command_line) == sorted(expected));
    CHECK(
        parsed.given.dump() ==
        R"({"INPUT":"INPUT","anterior":"left","batch":"2","mirror":false,"output":"OUT","recursive":true})");
  }
}

TEST_CASE("Paths are made absolute and replaced by their options in messages") {
  Command command;
  const auto parsed = command.parse({"DOE", "JANE/1", "-o", "out", "--weights", "ROE.safetensors"});
  CHECK(command.inputs == std::vector<fs::path>{fs::absolute("DOE"), fs::absolute("JANE/1")});
  CHECK(command.output == fs::absolute("out"));
  const auto told = [&](const fs::path& path) {
    return parsed.names("x: " + path.string() + ": y");
  };
  CHECK(told(command.inputs[0] / "a" / "b.png") == "x: INPUT_1/*: y");
  CHECK(told(command.inputs[1]) == "x: INPUT_2: y");
  CHECK(told(command.output / "case" / "masks.tif") == "x: OUT/case/masks.tif: y");
  CHECK(told(command.weights) == "x: WEIGHTS: y");
  CHECK(told(fs::absolute("other")) == "x: ./*: y");
  CHECK(parsed.names("left out: found none") == "left out: found none");
}

TEST_CASE("Names of weights, columns and similar are replaced too") {
  const auto parsed = Command().parse({"a", "--weights", "roe", "--column", "DOE_JOHN"});
  CHECK(parsed.given.at("weights") == "WEIGHTS");
  CHECK(parsed.given.at("column") == "COLUMN");
  CHECK(parsed.names("no entry \"roe\", got DOE_JOHN") == "no entry \"WEIGHTS\", got COLUMN");
  CHECK(Command().parse({"a", "--weights", "default"}).given.at("weights") == "default");
}

TEST_CASE("With identifiers everything is unchanged") {
  Command command;
  const auto parsed = command.parse({"DOE", "-oROE", "--keep-identifiers"});
  CHECK(command.inputs == std::vector<fs::path>{"DOE"});
  CHECK(parsed.given.at("INPUT") == "DOE");
  CHECK(parsed.given.at("output") == "ROE");
  CHECK(parsed.names.empty());
}

TEST_CASE("A configuration file may give paths, and may keep identifiers") {
  const test::TempDir temp;
  const std::string file = (temp / "DOE.toml").string();
  std::ofstream(file) << "output = \"/x/ROE\"\nbatch = 3\n";
  const auto parsed = Command().parse({"--config", file.c_str()});
  CHECK(parsed.given.at("output") == "OUT");
  CHECK(parsed.given.at("config") == "CONFIG");
  CHECK(parsed.names("no /x/ROE") == "no OUT");
  std::ofstream(file) << "keep-identifiers = true\noutput = \"ROE\"\n";
  CHECK(Command().parse({"--config", file.c_str()}).given.at("output") == "ROE");
}

TEST_CASE("A parser error repeats no word that may be a name") {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases{
      {{"a", "--film", "DOE"}, "--film: Directory does not exist: FILM"},
      {{"a", "--film=DOE/x"}, "--film: Directory does not exist: FILM"},
      {{"a", "--spacing", "DOE"}, "argument 3"},
      {{"a", "--spacing=DOE"}, "argument 2"},
      {{"a", "--batch", "DOE"}, "argument 3"},
      {{"a", "--anterior", "DOE"}, "argument 3 not in"},
      {{"a", "--batch", "12"}, "12 not in range"},
      {{"a", "-xDOE"}, "argument 2"},
      {{"a", "--flim", "DOE"}, "--flim"},
      {{"a", "--config", "DOE.toml"}, "CONFIG was not readable"}};
  for (const auto& [words, expected] : cases) {
    const std::string refusal = Command().refusal(words);
    INFO(refusal);
    CHECK(refusal.find("DOE") == std::string::npos);
    CHECK(refusal.find(expected) != std::string::npos);
  }
  CHECK(Command().refusal({"a", "--spacing", "DOE", "--keep-identifiers"}).find("DOE") !=
        std::string::npos);
}
