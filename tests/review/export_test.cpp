#include "spine/review/export.h"

#include "review/readings.h"
#include "review/results_folder.h"
#include "support/catch.h"
#include "support/near.h"
#include "support/temp_dir.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_objects.h"
#include "spine/review/machine_result.h"
#include "spine/review/review_file.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/sha256.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// The cell of a study in a table.
std::string cell(const fs::path& table, const std::string& study, const std::string& column) {
  const auto rows = read_csv(table, "test");
  const auto c = column_index(rows.front(), {column}, "test");
  for (const auto& row : rows) {
    if (row.cells[0] == study) return row.cells[c];
  }
  return "no such study";
}

}  // namespace

TEST_CASE("exported tables say what readers did, and are the machine's elsewhere") {
  const TempDir dir;
  const fs::path out = dir / "out", csv = dir / "reviewed.csv";
  write_results(out, 4);
  act(out / "s1", move_s1(out / "s1"));
  act(out / "s1", verdict(Action::approve));
  act(out / "s2", verdict(Action::reject, "blurred"), "CD");
  const auto counts = export_reviewed(Cohort(out), csv, [](const std::string& p) { FAIL(p); });
  CHECK(counts.studies == 5);
  CHECK(counts.approved == 1);
  CHECK(counts.rejected == 1);
  CHECK(counts.edited == 1);
  CHECK(cell(csv, "s0", "source") == "machine");
  CHECK(cell(csv, "s0", "SS") == cell(out / "measurements.csv", "s0", "SS"));
  CHECK(cell(csv, "s1", "source") == "reader");
  CHECK(cell(csv, "s1", "reader") == "AB");
  CHECK(cell(csv, "s1", "verdict") == "approved");
  CHECK(cell(csv, "s1", "edited") == "S1.sup");
  CHECK(cell(csv, "s2", "verdict") == "rejected");
  CHECK(cell(csv, "s2", "SS") == cell(out / "measurements.csv", "s2", "SS"));
  CHECK(cell(csv, "broken", "status") == "unreadable");
  CHECK(fs::exists(dir / "reviewed_long.csv"));
  CHECK_FALSE(fs::exists(dir / "reviewed_raters.csv"));
  // The edited landmarks measure as the table says.
  REQUIRE(fs::exists(out / "s1" / "landmarks_reviewed.json"));
  CHECK_FALSE(fs::exists(out / "s2" / "landmarks_reviewed.json"));
  const auto measured = measure(read_landmarks(out / "s1" / "landmarks_reviewed.json"),
                                with(true_spacing(random_spine(21))));
  CHECK(*number_in(cell(csv, "s1", "SS")) == near(*measured.find("SS")->value, 1e-3));
  CHECK(cell(csv, "s1", "SS") != cell(out / "measurements.csv", "s1", "SS"));
}

TEST_CASE("what an edit leaves missing is said as in the machine's table") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  Event remove;
  remove.changes = {{"vertebrae.L3",
                     read_machine_result(out / "s0", "s0").landmarks["vertebrae"]["L3"], nullptr}};
  act(out / "s0", remove);
  export_reviewed(Cohort(out), dir / "r.csv", [](const std::string&) {});
  CHECK(cell(dir / "r.csv", "s0", "status") == "missing");
  CHECK(cell(dir / "r.csv", "s0", "error") == "missing: L3");
}

TEST_CASE("landmarks of an edit that was taken back are removed by the next export") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  act(out / "s0", move_s1(out / "s0"));
  const auto ignore = [](const std::string&) {};
  export_reviewed(Cohort(out), dir / "r.csv", ignore);
  CHECK(fs::exists(out / "s0" / "landmarks_reviewed.json"));
  act(out / "s0", verdict(Action::undo));
  export_reviewed(Cohort(out), dir / "r.csv", ignore);
  CHECK_FALSE(fs::exists(out / "s0" / "landmarks_reviewed.json"));
  CHECK(cell(dir / "r.csv", "s0", "source") == "machine");
}

TEST_CASE("blind readings become a table of raters and change no other table") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  Event place;
  place.session = 2;
  place.changes = {{"S1", nullptr, read_machine_result(out / "s0", "s0").landmarks["S1"]}};
  act(out / "s0", place);
  const auto counts = export_reviewed(Cohort(out), dir / "r.csv", [](const std::string&) {});
  CHECK(counts.readings == 1);
  CHECK(cell(dir / "r.csv", "s0", "source") == "machine");
  const auto rows = read_csv(dir / "r_raters.csv", "test");
  CHECK(rows.at(0).cells ==
        std::vector<std::string>{"case", "rater", "session", "parameter", "value"});
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].cells[1] == "AB");
  CHECK(rows[1].cells[2] == "2");
  CHECK(rows[1].cells[3] == "SS");
  CHECK(*number_in(rows[1].cells[4]) ==
        near(*number_in(cell(out / "measurements.csv", "s0", "SS")), 2e-3));
}

TEST_CASE("a study that cannot be read is a row with the reason") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 2);
  write_file_atomically(out / "s1" / "measurements.json", std::string_view("{"));
  std::vector<std::string> problems;
  export_reviewed(Cohort(out), dir / "r.csv", [&](const std::string& p) { problems.push_back(p); });
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find(dir.path().string()) == std::string::npos);
  CHECK(cell(dir / "r.csv", "s1", "error").find(dir.path().string()) == std::string::npos);
  CHECK(cell(dir / "r.csv", "s1", "status") == "unreadable");
  CHECK(cell(dir / "r.csv", "s0", "status") == "ok");
}

namespace {

DicomOrigin some_origin() {
  DicomOrigin origin;
  origin.source.patient_id = "4711";
  origin.source.study_uid = "1.2.3.1";
  origin.source.series_uid = "1.2.3.2";
  origin.source.sop_uid = "1.2.3.3";
  origin.source.sop_class = UID_ComputedRadiographyImageStorage;
  origin.run = "machine";
  return origin;
}

/// A document of an export.
struct Document {
  DSRDocument content;
  std::string patient, film;
  explicit Document(const fs::path& file) {
    DcmFileFormat format;
    REQUIRE(format.loadFile(file.c_str()).good());
    REQUIRE(content.read(*format.getDataset()).good());
    const auto source = read_dicom_evidence(file);
    patient = source.patient_id;
    film = source.sop_uid;
  }
  /// "reader organization time" of the verification; empty: unverified.
  [[nodiscard]] std::string verified_by() {
    if (content.getVerificationFlag() != DSRTypes::VF_Verified) return "";
    OFString time, name, organization;
    content.getVerifyingObserver(1, time, name, organization);
    return std::string(name.c_str()) + " " + organization.c_str() + " " + time.c_str();
  }
};

Event timed(Event event, const std::string& time) {
  event.time = time;
  return event;
}

}  // namespace

TEST_CASE("approved studies have a report that their reader verified, others one that nobody did") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 5);
  for (const char* study : {"s0", "s1", "s2", "s3"}) {
    write_dicom_sr(out / study / "report.dcm", {}, some_origin());
  }
  const auto report = [&](const char* study) { return out / study / "measurements_reviewed.dcm"; };
  act(out / "s0", move_s1(out / "s0"), "CD");
  act(out / "s0", timed(verdict(Action::approve), "2026-11-30T14:35:25Z"), "AB");
  // A note of another reader is no verification.
  act(out / "s0", timed(verdict(Action::note, "seen"), "2026-12-01T10:00:00Z"), "EF");
  act(out / "s1", move_s1(out / "s1"));
  act(out / "s2", verdict(Action::reject, "blurred"));
  act(out / "s4", verdict(Action::approve));
  const ExportOptions options{true, nullptr, "NUH", "1.0"};
  const auto export_all = [&](const ExportOptions& how) {
    return export_reviewed(
        Cohort(out), dir / "r.csv", [](const std::string& p) { FAIL(p); }, how);
  };
  const auto counts = export_all(options);
  CHECK(counts.reports == 2);
  CHECK(counts.not_dicom == 1);
  Document approved(report("s0")), edited(report("s1"));
  CHECK(approved.verified_by() == "AB NUH 20261130143525+0000");
  CHECK(approved.patient == "4711");
  CHECK(approved.film == "1.2.3.3");
  CHECK(edited.verified_by() == "");
  for (const char* study : {"s2", "s3", "s4"}) CHECK_FALSE(fs::exists(report(study)));
  // The values are the reader's.
  const std::string bytes = read_file(report("s0"));
  CHECK(bytes.find(cell(dir / "r.csv", "s0", "SS")) != std::string::npos);
  CHECK(bytes.find(cell(out / "measurements.csv", "s0", "SS")) == std::string::npos);

  // Landmarks that were changed after the approval were not approved.
  Event back;
  back.action = Action::undo;
  act(out / "s0", back, "CD");
  export_all(options);
  CHECK(Document(report("s0")).verified_by() == "");
  act(out / "s0", timed(verdict(Action::approve), "2026-12-02T10:00:00Z"), "AB");
  export_all(options);
  CHECK(Document(report("s0")).verified_by() == "AB NUH 20261202100000+0000");
  // Nor those of another machine.
  write_study(out / "s0", true_landmarks(random_spine(3)), true_spacing(random_spine(3)), {});
  export_all(options);
  CHECK(Document(report("s0")).verified_by() == "");
  // An export without documents leaves none that may be out of date.
  export_all({});
  CHECK_FALSE(fs::exists(report("s0")));
}

TEST_CASE("without report.dcm a document is that of the film, with pseudonyms unless kept") {
  const TempDir dir;
  const fs::path out = dir / "out", film = dir / "films" / "s0.dcm";
  fs::create_directories(film.parent_path());
  write_results(out, 1);
  write_file_atomically(dir / "key", std::string_view("a secret of some length"));
  DcmFileFormat format;
  for (const auto& [tag, value] :
       {std::pair(DCM_SOPClassUID, UID_ComputedRadiographyImageStorage),
        std::pair(DCM_SOPInstanceUID, "1.2.3.3"), std::pair(DCM_StudyInstanceUID, "1.2.3.1"),
        std::pair(DCM_PatientID, "4711"), std::pair(DCM_PatientName, "Doe^Jane")}) {
    REQUIRE(format.getDataset()->putAndInsertString(tag, value).good());
  }
  REQUIRE(format.saveFile(film.c_str(), EXS_LittleEndianExplicit).good());
  const auto spine = random_spine(20);
  write_study(out / "s0", true_landmarks(spine), true_spacing(spine), {}, sha256_of_file(film));
  act(out / "s0", timed(verdict(Action::approve), "2026-11-30T14:35:25Z"));
  batch::InputOptions input;
  input.inputs = {film};
  input.pseudonym_key = dir / "key";
  for (const bool kept : {false, true}) {
    input.keep_identifiers = kept;
    FilmLibrary films(input);
    const auto counts = export_reviewed(Cohort(out), dir / "r.csv",
                                        [](const std::string& p) { FAIL(p); }, {true, &films});
    CHECK(counts.reports == 1);
    const fs::path report = out / "s0" / "measurements_reviewed.dcm";
    CHECK((Document(report).patient == "4711") == kept);
    CHECK((read_file(report).find("Jane") != std::string::npos) == kept);
    CHECK(Document(report).verified_by() == "AB not stated 20261130143525+0000");
  }
}

TEST_CASE("a report that cannot be read is a problem of its study, and the tables are written") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  act(out / "s0", verdict(Action::approve));
  write_file_atomically(out / "s0" / "report.dcm", std::string_view("no DICOM"));
  std::vector<std::string> problems;
  export_reviewed(Cohort(out), dir / "r.csv", [&](const std::string& p) { problems.push_back(p); },
                  {true});
  CHECK(problems.size() == 1);
  CHECK(cell(dir / "r.csv", "s0", "verdict") == "approved");
}
