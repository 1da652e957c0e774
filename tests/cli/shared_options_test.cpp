#include "spine/cli/shared_options.h"

#include <algorithm>
#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::cli;

namespace {

const AppInfo kInfo{"spine-test", "", ""};

struct Parsed {
  SharedOptions shared;
  MeasureArguments words;
};

Parsed parse(std::vector<std::string> arguments, bool uses_network = true) {
  Parsed parsed;
  CLI::App app;
  declare_inputs(app, parsed.shared, "Films");
  declare_measure(app, parsed.words);
  declare_compute(app, parsed.shared, uses_network);
  declare_run(app, parsed.shared);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  return parsed;
}

batch::BatchOptions options_of(const SharedOptions& shared) {
  ParsedOptions parsed;
  parsed.command_line = {"spine-test", "INPUT"};
  return batch_options(shared, kInfo, parsed, StudyKind::films);
}

}  // namespace

TEST_CASE("Every shared option is passed to the run") {
  const auto parsed = parse({"a.png", "b",           "-o",          "out",        "--manifest",
                             "m.csv", "--recursive", "--batch",     "3",          "--threads",
                             "2",     "--force",     "--fail-fast", "--dry-run",  "--shard",
                             "2/3",   "--spacing",   "0.2",         "--anterior", "right",
                             "--log", "l.jsonl",     "-q",          "-v",         "--no-progress"});
  const auto run = options_of(parsed.shared);
  CHECK(run.command == "spine-test");
  CHECK(run.version == version());
  CHECK(run.command_line == std::vector<std::string>{"spine-test", "INPUT"});
  CHECK(run.input.inputs == std::vector<std::filesystem::path>{"a.png", "b"});
  CHECK(run.input.manifest == "m.csv");
  CHECK(run.input.recursive);
  CHECK(run.input.shard == batch::Shard{2, 3});
  CHECK(run.input.spacing == Spacing{0.2, 0.2});
  CHECK(run.input.anterior == Side::right);
  CHECK(run.output == "out");
  CHECK(run.workers == 2);
  CHECK(run.force);
  CHECK(run.fail_fast);
  CHECK(run.dry_run);
  CHECK(run.log == "l.jsonl");
  CHECK(run.quiet);
  CHECK(run.verbosity == 1);
  CHECK_FALSE(run.progress);
}

TEST_CASE("Options that are not given are taken from the films") {
  const auto run = options_of(parse({"a.png", "-o", "out"}).shared);
  CHECK_FALSE(run.input.spacing.has_value());
  CHECK_FALSE(run.input.anterior.has_value());
  CHECK_FALSE(run.input.manifest.has_value());
  CHECK(run.input.shard == batch::Shard{1, 1});
  CHECK(run.progress);
}

TEST_CASE("Invalid values are rejected by the parser") {
  for (const auto& pair :
       std::vector<std::pair<std::string, std::string>>{{"--device", "gpu"},
                                                        {"--device", "cuda:"},
                                                        {"--device", "cuda:x"},
                                                        {"--batch", "0"},
                                                        {"--threads", "-1"},
                                                        {"--spacing", "0"},
                                                        {"--spacing", "-0.2"},
                                                        {"--spacing", "nan"},
                                                        {"--spacing", "wide"},
                                                        {"--anterior", "up"},
                                                        {"--landmarks", "magic"}}) {
    INFO(pair.first << " " << pair.second);
    CHECK_THROWS_AS(parse({"a", "-o", "out", pair.first, pair.second}), CLI::ParseError);
  }
  CHECK_THROWS_AS(parse({"a"}), CLI::ParseError);  // no -o
  for (const char* device : {"auto", "cpu", "cuda", "cuda:1"}) {
    CHECK(parse({"a", "-o", "out", "--device", device}).shared.device == device);
  }
}

TEST_CASE("A shard or angle that cannot be parsed is bad usage") {
  auto parsed = parse({"a", "-o", "out", "--shard", "4/3", "--angle", "L2.sup"});
  CHECK_THROWS_AS(options_of(parsed.shared), Error);
  CHECK_THROWS_AS(measure_settings(parsed.words), Error);
}

TEST_CASE("An output without a name is bad usage") {
  CHECK_THROWS_AS(options_of(SharedOptions{}), Error);
}

TEST_CASE("A fraction is a number from 0 to 1") {
  for (const char* text : {"0", "0.5", "1"}) CHECK(fraction()(std::string(text)).empty());
  for (const char* text : {"nan", "inf", "-0.1", "1.1", "half", ""}) {
    INFO(text);
    CHECK_FALSE(fraction()(std::string(text)).empty());
  }
}

TEST_CASE("Angles may be repeated and do not consume inputs") {
  const auto parsed =
      parse({"--angle", "L2.sup:L4.inf", "a.png", "--angle", "L1.sup:S1.sup", "-o", "out"});
  CHECK(parsed.shared.run.input.inputs.size() == 1);
  const auto settings = measure_settings(parsed.words);
  REQUIRE(settings.angles.size() == 2);
  CHECK(settings.angles[0].upper.to_string() == "L2.sup");
  CHECK(settings.angles[1].lower.to_string() == "S1.sup");
  CHECK(settings.method == LandmarkMethod::fit);
  CHECK(settings.predicted);
  CHECK_FALSE(measure_settings(parse({"a", "-o", "out", "--landmarks", "fit"}).words).predicted);
}

TEST_CASE("Angles may be a list in a configuration file") {
  const test::TempDir temp;
  const auto file = temp / "c.toml";
  std::ofstream(file) << "angle = [\"L2.sup:L4.inf\", \"L1.sup:S1.sup\"]\n";
  CLI::App app;
  MeasureArguments words;
  app.set_config("--config");
  declare_measure(app, words);
  std::vector<std::string> arguments{file.string(), "--config"};
  app.parse(arguments);
  CHECK(words.angles == std::vector<std::string>{"L2.sup:L4.inf", "L1.sup:S1.sup"});
}

TEST_CASE("Options with fixed values are parsed into the options of the run") {
  CLI::App app;
  SharedOptions shared;
  RestoreArguments restore;
  declare_archive(app, shared);
  declare_restore(app, restore, "--weights");
  std::vector<std::string> arguments{"--select",        "all",        "--modality",   "cr,Dx",
                                     "--method",        "brightness", "--inpainting", "telea",
                                     "--implant-model", "none",       "--frame",      "2",
                                     "--view",          "ll"};
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  const batch::InputOptions input = input_options(shared, StudyKind::films);
  CHECK_FALSE(input.selection.by_tags);
  CHECK(input.selection.modalities == std::vector<std::string>{"CR", "DX"});
  CHECK(input.selection.views == std::vector<std::string>{"LL"});
  CHECK(input.frame == 2);
  CHECK(restore.implant_model == "none");
  CHECK(restore.options.method == RestoreMethod::brightness);
  CHECK(restore.options.inpainting == Inpainting::telea);
  restore_always(restore.options);
  CHECK(restore.options.mask.seed == restore.options.mask.threshold);
}

TEST_CASE("A command without a network accepts its options but does not show them") {
  CHECK(parse({"a", "-o", "out", "--device", "cpu"}, false).shared.device == "cpu");
  CLI::App app;
  SharedOptions shared;
  declare_compute(app, shared, false);
  CHECK(app.help().find("--device") == std::string::npos);
  CHECK(app.help().find("--threads") != std::string::npos);
}

TEST_CASE("Every batch status has its exit code") {
  CHECK(exit_code(batch::BatchStatus::all_done) == kExitDone);
  CHECK(exit_code(batch::BatchStatus::some_failed) == kExitSomeFailed);
  CHECK(exit_code(batch::BatchStatus::interrupted) == kExitInterrupted);
}
