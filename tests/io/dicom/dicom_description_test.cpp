#include "spine/io/dicom/dicom_description.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("A single non-lateral view is recognised") {
  for (const char* text :
       {"LWS ap", "LWS a.p.", "L-SPINE AP", "Lumbar spine PA standing", "Rachis lombaire de face",
        "AP/PA", "Wirbelsäule a.p. stehend", "L-Spine frontal view", "lumbar spine oblique",
        "antero-posterior", "LSPINE_AP", "Colonna lombare AP", "ＡＰ", "AP LUMBAR", "腰椎AP"}) {
    INFO(text);
    CHECK(described_view(text) == DescribedView::frontal);
  }
}

TEST_CASE("The lateral view is recognised in many languages") {
  for (const char* text : {"LWS seitlich",
                           "LWS seitl.",
                           "L-SPINE LAT",
                           "Lumbar spine lateral",
                           "rachis de profil",
                           "columna lumbar perfil",
                           "colonna lombare laterale",
                           "coluna lombar perfil",
                           "LWK zijdelings",
                           "lumbalcolumna sidebilde",
                           "ländrygg sida lateral",
                           "kręgosłup boczne",
                           "lomber yan",
                           "поясничный отдел, боковая",
                           "БОКОВАЯ",
                           "腰椎側面",
                           "腰椎侧位",
                           "요추 측면",
                           "οσφυϊκή πλάγια",
                           "lanneranka sivukuva",
                           "ágyéki gerinc oldalirányú"}) {
    INFO(text);
    CHECK(described_view(text) != DescribedView::frontal);
    CHECK(described_view(text) != DescribedView::unsaid);
  }
}

TEST_CASE("Texts that name several views, or may, name no single one") {
  for (const char* text : {"AP/LAT",
                           "AP+LAT",
                           "ap & lat",
                           "a.p. und seitlich",
                           "a.p./seitl.",
                           "LWS in 2 Ebenen, a.p.",
                           "AP 2 views",
                           "AP two views",
                           "face et profil",
                           "face/profil",
                           "AP y lateral",
                           "AP e laterale",
                           "frontal e perfil",
                           "AP en lateraal",
                           "ap og side",
                           "ap och sidobild",
                           "AP i boczne",
                           "ap ve yan",
                           "AP, L",
                           "AP/L",
                           "A.P. & S.",
                           "AP i bok",
                           "AP и боковая",
                           "AP和侧位",
                           "AP、側面",
                           "AP・側面",
                           "腰椎AP側面",
                           "AP samping",
                           "Osteosynthesematerial AP, 2 Ebenen",
                           "ＡＰ／ＬＡＴ",
                           "AP 및 측면",
                           "AP/RAT",
                           "AP-xyz",
                           "seitlich und ap",
                           "sivu ja ap",
                           "lat + ap",
                           "xyz and AP",
                           "2v AP",
                           "AP 2pl",
                           "frontale 2 proiezioni",
                           "deux incidences face",
                           "frontal 2 proyecciones",
                           "AP LSPINE SERIES",
                           "ap\x1b$B"}) {
    INFO(text);
    CHECK(described_view(text) == DescribedView::several);
  }
}

TEST_CASE("Texts without a view are neutral, whatever bytes they contain") {
  for (const char* text : {"", " ", "LWS", "lumbar spine", "F/P", "apnoea", "papaya", "surface"}) {
    INFO(text);
    CHECK(described_view(text) == DescribedView::unsaid);
  }
  CHECK_NOTHROW(described_view("\xC3"));
  CHECK_NOTHROW(described_view("\xF0\x9F"));
  CHECK_NOTHROW(described_view("AP \xFF\xFE\x80"));
}

TEST_CASE("Another body part is recognised only if no text names the trunk") {
  for (const char* text : {"Knie seitlich", "Chest lateral", "Thorax", "left hand", "HWS seitlich",
                           "Cervical lateral", "KNEE AP/LAT"}) {
    INFO(text);
    CHECK(describe_another_part({text}));
  }
  for (const char* text : {"LWS und Becken",
                           "whole spine incl. knee",
                           "Thorax und LWS",
                           "Knie, Becken",
                           "chest/abdomen",
                           "EOS full body femur",
                           "Wirbelsäulenganzaufnahme mit Femur",
                           "columna y femur",
                           "colonne et thorax",
                           "rachis + femur",
                           "hele wervelkolom, cervical",
                           "thorax och ländrygg",
                           "thorax kręgosłup",
                           "胸腰椎 thorax",
                           "позвоночник thorax",
                           "HWS/BWS/LWS",
                           "Hüfte, Femur",
                           "thorax en onbekend",
                           "",
                           "seitlich"}) {
    INFO(text);
    CHECK_FALSE(describe_another_part({text}));
  }
  CHECK_FALSE(describe_another_part({"Knee", "Lumbar spine"}));
  CHECK_FALSE(describe_another_part({}));
}
