#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmsr/cmr/tid1500.h>
#include <dcmtk/dcmsr/codes/dcm.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_derived.h"
#include "spine/io/dicom/dicom_objects.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/util/atomic_file.h"
#include "spine/util/text.h"
#include "spine/util/utf8.h"

namespace spine {
namespace {

using Group = TID1500_MeasurementReport::TID1501_Measurements;

// Two context groups, whose classes are named differently in DCMTK 3.6.7 and 3.6.9: the types of
// parameters.
template <class Value, class... Rest>
Value first_parameter(OFCondition (TID1500_MeasurementReport::*)(const Value&, Rest...));
using Procedure = decltype(first_parameter(&TID1500_MeasurementReport::addProcedureReported));
using Title = decltype(first_parameter(&TID1500_MeasurementReport::createNewMeasurementReport));

constexpr const char* kScheme = "99SPINE";

/// OFString is std::string only in some builds of DCMTK.
OFString dcmtk(const std::string& text) {
  return OFString(text.c_str());  // NOLINT(readability-redundant-string-cstr)
}

void check(const OFCondition& condition, const std::string& what) {
  if (condition.bad()) refuse_dicom(what + ": " + condition.text());
}

// --- Names ---

struct Site {
  const char* name;  ///< as part of measurement names; empty: the whole region
  DSRBasicCodedEntry code;
};

/// SNOMED CT codes of CID 1003 (levels), 7603 (vertebrae) and 7304 (regions).
const std::vector<Site>& sites() {
  static const std::vector<Site> list{
      {"L1_L2", {"243920003", "SCT", "Level of L1/L2 intervertebral disc"}},
      {"L2_L3", {"243921004", "SCT", "Level of L2/L3 intervertebral disc"}},
      {"L3_L4", {"243922006", "SCT", "Level of L3/L4 intervertebral disc"}},
      {"L4_L5", {"243923001", "SCT", "Level of L4/L5 intervertebral disc"}},
      {"L5_S1", {"243927000", "SCT", "Level of L5/S1 intervertebral disc"}},
      {"L1", {"66794005", "SCT", "L1 vertebra"}},
      {"L2", {"14293000", "SCT", "L2 vertebra"}},
      {"L3", {"36470004", "SCT", "L3 vertebra"}},
      {"L4", {"11994002", "SCT", "L4 vertebra"}},
      {"L5", {"49668003", "SCT", "L5 vertebra"}}};
  return list;
}

const DSRBasicCodedEntry& pelvis() {
  static const DSRBasicCodedEntry code{"118645006", "SCT", "Pelvis"};
  return code;
}
const DSRBasicCodedEntry& lumbar_spine() {
  static const DSRBasicCodedEntry code{"122496007", "SCT", "Lumbar Spine"};
  return code;
}

bool is_of_pelvis(const std::string& name) { return name == "PI" || name == "PT" || name == "SS"; }

/// The level or vertebra that a measurement refers to; nullptr: pelvis or lumbar spine.
const Site* site_of(const std::string& name) {
  if (name.starts_with("angle_")) return nullptr;  // angle between a chosen pair of endplates
  for (const auto& site : sites()) {               // pairs first: "L4_L5" also contains "L4"
    const std::string infix = std::string("_") + site.name;
    const auto at = name.find(infix);
    if (at == std::string::npos) continue;
    const std::string rest = name.substr(at + infix.size());
    if (!rest.empty() && rest.front() != '_') continue;
    const auto names = [&rest](const std::string& level) {
      return (rest + "_").find("_" + level + "_") != std::string::npos;
    };
    const bool spans_levels =
        names("S1") || std::any_of(sites().begin(), sites().end(),
                                   [&](const Site& other) { return names(other.name); });
    if (!spans_levels) return &site;
  }
  return nullptr;
}

/// Converts the name of a disc level: "L4_L5" to "L4/L5".
std::string level_title(const Site& site) {
  std::string title = site.name;
  std::replace(title.begin(), title.end(), '_', '/');
  return title;
}

/// Converts "L2.sup" of "angle_L2.sup_L4.inf" to "L2 superior"; empty for another form.
std::string endplate_title(const std::string& name) {
  const auto dot = name.find('.');
  if (dot == std::string::npos) return {};
  const std::string side = name.substr(dot + 1);
  if (side != "sup" && side != "inf") return {};
  return name.substr(0, dot) + (side == "sup" ? " superior" : " inferior");
}

/// "angle_L2.sup_L4.inf" to "Angle of L2 superior and L4 inferior endplates".
std::string meaning_of_angle(const std::string& name) {
  const auto first = name.find('_'), second = name.find('_', first + 1);
  if (second == std::string::npos) return "Angle of two endplates";
  const std::string upper = endplate_title(name.substr(first + 1, second - first - 1));
  const std::string lower = endplate_title(name.substr(second + 1));
  if (upper.empty() || lower.empty()) return "Angle of two endplates";
  return "Angle of " + upper + " and " + lower + " endplates";
}

/// Code meaning of a measurement; at most 64 characters (VR LO).
std::string meaning_of(const std::string& name) {
  static const std::map<std::string, const char*> whole{
      {"PI", "Pelvic incidence"},
      {"PT", "Pelvic tilt"},
      {"SS", "Sacral slope"},
      {"LL", "Lumbar lordosis L1-S1"},
      {"PI_LL", "Pelvic incidence minus lumbar lordosis"},
      {"L4_S1", "Lordosis L4-S1"},
      {"LDI", "Lordosis distribution index"},
      {"L1PA", "L1 pelvic angle"},
      {"schwab_PI_LL", "SRS-Schwab modifier of PI-LL"},
      {"schwab_PT", "SRS-Schwab modifier of PT"},
      {"roussouly", "Roussouly type"},
      {"ideal_SS", "Ideal sacral slope by pelvic incidence"},
      {"ideal_LL", "Ideal lumbar lordosis by pelvic incidence"},
      {"relative_SS", "Sacral slope minus ideal"},
      {"relative_LL", "Lumbar lordosis minus ideal"}};
  static const std::array<std::pair<std::string_view, const char*>, 6> parts{
      {{"segmental_", "Segmental angle"},
       {"disc_angle_", "Disc angle"},
       {"disc_height_", "Disc height"},
       {"wedge_", "Wedge angle of the vertebral body"},
       {"slip_", "Slip"},
       {"meyerding_", "Meyerding grade"}}};
  if (const auto found = whole.find(name); found != whole.end()) return found->second;
  for (const auto& [prefix, meaning] : parts) {
    if (!name.starts_with(prefix)) continue;
    std::string text = meaning;
    if (const Site* site = site_of(name)) text += std::string(" ") + level_title(*site);
    for (const char* part : {"anterior", "middle", "posterior", "mean"}) {
      if (name.ends_with(std::string("_") + part)) text += std::string(", ") + part;
    }
    return text;
  }
  return name.starts_with("angle_") ? meaning_of_angle(name) : "Measurement of the spine";
}

/// Code value of a measurement in the scheme: its name in measurements.csv. Names longer than the
/// 16 characters of a Code Value (PS3.5 6.2, VR SH) are abbreviated by two injective rules:
/// "disc_height_L4_L5_anterior" becomes "dh_L4_L5_ant", "angle_L2.sup_L4.inf" becomes
/// "angle_L2s_L4i". Names that are still longer become a Long Code Value (PS3.3 8.1),
/// unabbreviated.
std::string code_of(const std::string& name) {
  constexpr std::size_t kLongest = 16;
  if (name.size() <= kLongest) return name;
  static const std::array<std::pair<const char*, const char*>, 6> shorter{{{"disc_height_", "dh_"},
                                                                           {"_anterior", "_ant"},
                                                                           {"_posterior", "_post"},
                                                                           {"_middle", "_mid"},
                                                                           {".sup", "s"},
                                                                           {".inf", "i"}}};
  std::string code = name;
  for (const auto& [part, by] : shorter) {
    for (auto at = code.find(part); at != std::string::npos; at = code.find(part)) {
      code.replace(at, std::string(part).size(), by);
    }
  }
  return code.size() <= kLongest ? code : name;
}

/// UCUM code of a unit.
DSRBasicCodedEntry unit_of(const std::string& unit) {
  if (unit == "deg") return {"deg", "UCUM", "degree"};
  if (unit == "mm") return {"mm", "UCUM", "millimeter"};
  if (unit == "%") return {"%", "UCUM", "percent"};
  if (unit == "px") return {"{pixels}", "UCUM", "pixels"};
  return {"1", "UCUM", "no units"};
}

std::string display_number(double value) {
  std::string text = decimal_string(std::round(value * 1000) / 1000);
  return text == "-0" ? "0" : text;
}

// --- Content ---

/// Available values by site, in order of appearance.
struct SiteValues {
  std::string name;
  DSRBasicCodedEntry site;
  std::vector<const Measurement*> values;
};

std::vector<SiteValues> by_site(const Measurements& measurements) {
  std::vector<SiteValues> groups;
  for (const auto& m : measurements.values) {
    if (!m.value) continue;
    const Site* site = site_of(m.name);
    const bool pelvic = is_of_pelvis(m.name);
    const std::string name = site != nullptr ? site->name : pelvic ? "pelvis" : "lumbar spine";
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const SiteValues& g) { return g.name == name; });
    if (group == groups.end()) {
      groups.push_back({name,
                        site != nullptr ? site->code
                        : pelvic        ? pelvis()
                                        : lumbar_spine(),
                        {}});
      group = groups.end() - 1;
    }
    group->values.push_back(&m);
  }
  return groups;
}

void put_group(Group& group, const SiteValues& values, const DicomOrigin& origin) {
  check(group.setTrackingIdentifier(dcmtk(values.name)), "tracking identifier");
  check(group.setTrackingUniqueIdentifier(dcmtk(derived_uid(origin, "group " + values.name))),
        "tracking UID");
  check(group.addFindingSite(values.site), "finding site");
  for (const Measurement* m : values.values) {
    const DSRCodedEntryValue concept_name(dcmtk(code_of(m->name)), kScheme,
                                          dcmtk(meaning_of(m->name)));
    const Group::MeasurementValue value(dcmtk(display_number(*m->value)),
                                        DSRCodedEntryValue(unit_of(m->unit)));
    check(group.addMeasurement(concept_name, value), "measurement " + m->name);
  }
}

void put_observer(TID1500_MeasurementReport& report, const DicomOrigin& origin) {
  check(report.setLanguage(DSRCodedEntryValue("en", "RFC5646", "English")), "language");
  check(report.getObservationContext().addDeviceObserver(dcmtk(device_uid(origin.version)), "spine",
                                                         "spine", "spine", "1"),
        "observer");
  check(report.addProcedureReported(Procedure::ImagingProcedure), "procedure");
}

void put_film(TID1500_MeasurementReport& report, const DicomSource& source) {
  DcmItem film;
  DatasetWriter data(film);
  data.text(DCM_SOPClassUID, source.sop_class);
  data.text(DCM_SOPInstanceUID, source.sop_uid);
  check(report.getImageLibrary().createNewImageLibrary(), "image library");
  check(report.getImageLibrary().addImageGroup(), "image group");
  check(report.getImageLibrary().addImageEntry(film, TID1600_ImageLibrary::withoutDescriptors),
        "image entry");
}

/// Adds a list as a qualitative evaluation, unless it is empty.
void put_list(TID1500_MeasurementReport& report, const char* code, const char* meaning,
              const std::vector<std::string>& list) {
  std::string text;
  for (const auto& entry : list) text += (text.empty() ? "" : ", ") + entry;
  if (text.empty()) return;
  check(report.addQualitativeEvaluation(DSRCodedEntryValue(code, kScheme, meaning), dcmtk(text)),
        code);
}

/// A name of a person or organization (VR PN, LO) without characters that have a meaning there.
OFString plain_name(const std::string& text) {
  constexpr std::size_t kLongest = 64;  // bytes; characters are allowed
  std::string name = to_printable(text, " ");
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '\\' || c == '=' || c == '^'; }, ' ');
  name = trimmed(cut_utf8(name, kLongest));
  return dcmtk(name.empty() ? "unknown" : name);
}

/// "2026-11-30T14:35:25Z" as a value of VR DT; the current time for any other text.
OFString date_time(const std::string& utc) {
  std::string digits;
  for (const char c : utc) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const DicomTime now = dicom_now();
  return dcmtk(digits.size() == 14 ? digits + "+0000" : now.date + now.time);
}

/// Completes a document and, if a reader verified it, says so.
void conclude(DSRDocument& document, const std::optional<DicomReading>& reading) {
  check(document.completeDocument("All measurements that could be made"), "completion");
  if (!reading || !reading->verified) return;
  // Unchecked: DCMTK 3.6.7 refuses the offset +0000, which PS3.5 6.2 allows.
  check(document.verifyDocument(plain_name(reading->reader), plain_name(reading->organization),
                                date_time(reading->time), OFFalse),
        "verification");
}

/// The content of a report.
void put_content(TID1500_MeasurementReport& report, const Measurements& measurements,
                 const DicomOrigin& origin, const std::optional<DicomReading>& reading) {
  put_observer(report, origin);
  if (reading) {
    check(report.getObservationContext().addPersonObserver(plain_name(reading->reader),
                                                           plain_name(reading->organization)),
          "reader");
  }
  put_film(report, origin.source);
  for (const SiteValues& values : by_site(measurements)) {
    check(report.addIndividualMeasurements(), "measurement group");
    put_group(report.getIndividualMeasurements(), values, origin);
  }
  put_list(report, "flags", "Flags for review", measurements.qc);
  if (reading) put_list(report, "edited", "Landmarks corrected by a reader", reading->edited);
}

}  // namespace

void write_dicom_sr(const std::filesystem::path& file, const Measurements& measurements,
                    const DicomOrigin& film, const std::optional<DicomReading>& reading) {
  prepare_dicom_libraries();
  DicomOrigin origin = with_uids(film);
  if (reading) origin.source = in_utf8(origin.source);
  const DicomSource& source = origin.source;
  TID1500_MeasurementReport report(Title::ImagingMeasurementReport);
  put_content(report, measurements, origin, reading);

  DSRDocument document(DSRTypes::DT_ComprehensiveSR);
  if (reading) check(document.setSpecificCharacterSetType(DSRTypes::CS_UTF8), "character set");
  check(document.setTreeFromRootTemplate(report, OFTrue), "content tree");
  check(document.getCurrentRequestedProcedureEvidence().addItem(
            dcmtk(source.study_uid), dcmtk(source.series_uid), dcmtk(source.sop_class),
            dcmtk(source.sop_uid)),
        "evidence");
  auto& schemes = document.getCodingSchemeIdentification();
  check(schemes.addItem(kScheme), "coding scheme");
  check(schemes.setCodingSchemeUID(dcmtk(product_uid(kScheme))), "coding scheme");
  check(schemes.setCodingSchemeName(
            "Measurements of the spine toolkit, by their names in its tables"),
        "coding scheme");
  conclude(document, reading);

  DcmFileFormat format;
  check(document.write(*format.getDataset()), "report");
  DatasetWriter data(*format.getDataset());
  put_common(
      data, origin,
      reading
          ? DerivedKind{UID_ComprehensiveSRStorage, "SR", "Measurements, reviewed", nullptr, 1004}
          : DerivedKind{UID_ComprehensiveSRStorage, "SR", "Measurements", nullptr, 1002});
  write_file_atomically(file, serialise(format, EXS_LittleEndianExplicit));
}

}  // namespace spine
