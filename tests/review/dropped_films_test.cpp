#include "spine/review/dropped_films.h"

#include "review/results_folder.h"
#include "review/script.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

std::string keep(const DroppedFilms& films, const Cohort& cohort, const std::string& content) {
  const fs::path upload = films.folder() / ".upload-1";
  std::ofstream(upload) << content;
  return films.keep(upload, cohort);
}

}  // namespace

TEST_CASE("dropped films get the next free names") {
  const TempDir dir;
  write_results(dir / "out", 0);
  Cohort cohort(dir / "out");
  const DroppedFilms films(dir / "out");
  films.prepare();
  CHECK((fs::status(films.folder()).permissions() & fs::perms::all) == fs::perms::owner_all);
  CHECK(keep(films, cohort, "a") == "film_0001");
  CHECK(keep(films, cohort, "b") == "film_0002");
  std::ofstream(films.folder() / ".upload-2") << "b";
  CHECK(films.find_same(films.folder() / ".upload-2") == "film_0002");
  std::ofstream(films.folder() / ".upload-2") << "c";
  CHECK_FALSE(films.find_same(films.folder() / ".upload-2"));
  cohort.put({{"film_0007", "", "ok", "", {}, {}, {}, {}, {}},
              {"film_9x", "", "ok", "", {}, {}, {}, {}, {}}});
  CHECK(keep(films, cohort, "c") == "film_0008");
  fs::create_directory(dir / "out" / "film_0009");
  CHECK(keep(films, cohort, "d") == "film_0010");
  CHECK(films.ids() ==
        std::vector<std::string>{"film_0001", "film_0002", "film_0008", "film_0010"});
  CHECK(content_of(*films.file_of("film_0008")) == "c");
  CHECK(content_of(films.write_manifest({"film_0001", "film_0008"})) ==
        "study_id,path\nfilm_0001,film_0001\nfilm_0008,film_0008\n");
}

TEST_CASE("only names of the folder are looked up") {
  const TempDir dir;
  write_results(dir / "out", 0);
  const DroppedFilms films(dir / "out");
  films.prepare();
  std::ofstream(films.folder() / "secret") << "x";
  std::ofstream(dir / "out" / "film_0001") << "x";
  for (const char* id :
       {"secret", "../film_0001", "film_0001", "film_", "film_0001/..", "film_-001"}) {
    CHECK_FALSE(films.file_of(id));
  }
}

TEST_CASE("what a killed server left of uploads is removed, films stay") {
  const TempDir dir;
  write_results(dir / "out", 0);
  const DroppedFilms films(dir / "out");
  films.prepare();
  keep(films, Cohort(dir / "out"), "a");
  std::ofstream(films.folder() / ".upload-0123") << "half";
  films.prepare();
  CHECK_FALSE(fs::exists(films.folder() / ".upload-0123"));
  CHECK(films.ids().size() == 1);
  const DroppedFilms nowhere(dir / "nowhere");
  CHECK(nowhere.ids().empty());
  CHECK(contains(message_of(ErrorKind::output, [&] { nowhere.prepare(); }), "films"));
}
