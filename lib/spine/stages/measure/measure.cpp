#include "spine/stages/measure/measure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/stages/locate/landmark_checks.h"
#include "spine/stages/measure/film_extent.h"

namespace spine {

namespace {

constexpr double kMaxHeadDistanceInRadii = 2.25;
constexpr double kMaxPiMismatchDeg = 0.1;
constexpr double kMinLordosisForLdiDeg = 1.0;
constexpr double kMinSlipPercent = 5.0;

/// Limits of values reported for adults, deformities included. Norms are PI 32–74, PT 0–27,
/// SS 24–55 (PubMed 21833574), LL 60.9 ± 12 (PMC6334400); the limits of PT and LL are wide on the
/// side of retroverted or kyphotic patients.
struct Limits {
  const char* name;
  double low, high;
};
constexpr std::array<Limits, 4> kPlausible{
    {{"PI", 0, 106}, {"PT", -20, 60}, {"SS", 0, 80}, {"LL", -30, 110}}};

EndplateName parse_endplate(const std::string& word, const std::string& text) {
  if (word == "S1" || word == "S1.sup") return {kS1, true};
  const std::size_t dot = std::min(word.find('.'), word.size());
  const auto level = level_from_name(word.substr(0, dot));
  const std::string part = word.substr(dot);
  if (!level || level == kS1 || (part != ".sup" && part != ".inf")) {
    throw Error(ErrorKind::usage,
                "angle '" + text +
                    "': expected two endplates such as L2.sup:L4.inf (L1..L5 with .sup or .inf, "
                    "S1.sup), got '" +
                    word + "'");
  }
  return {*level, part == ".sup"};
}

/// Position from above: L1.sup = 0, L1.inf = 1, ... S1.sup = 10.
std::size_t order_from_above(const EndplateName& name) {
  return 2 * name.level + (name.superior ? 0 : 1);
}

/// An endplate in the anatomical frame.
struct Plate {
  cv::Point2d post, ant;
  [[nodiscard]] cv::Point2d vector() const { return ant - post; }
  [[nodiscard]] cv::Point2d middle() const { return 0.5 * (ant + post); }
  [[nodiscard]] double length() const { return cv::norm(vector()); }
};

/// A value or the reason why there is none.
struct Result {
  std::optional<double> value;
  std::string status = "ok";
  Result(double v) : value(v) {}  // NOLINT(google-explicit-constructor): results read as numbers
  static Result none(std::string reason) {
    Result result(0);
    result.value.reset();
    result.status = std::move(reason);
    return result;
  }
  /// Applies a function to the value; without a value the status is kept.
  template <typename Function>
  [[nodiscard]] Result then(Function function) const {
    return value ? Result(function(*value)) : *this;
  }
};

/// Collects the structures that a measurement lacks, each once.
class Missing {
 public:
  /// @param beyond  structures outside the film
  explicit Missing(const std::vector<std::string>& beyond) : beyond_(beyond) {}
  void add(bool is_missing, const std::string& name) {
    if (!is_missing || text_.find(name) != std::string::npos) return;
    text_ += (text_.empty() ? "" : ", ") + name;
    not_in_film_ = not_in_film_ || std::find(beyond_.begin(), beyond_.end(), name) != beyond_.end();
  }
  [[nodiscard]] bool any() const { return !text_.empty(); }
  [[nodiscard]] Result result() const {
    return Result::none(not_in_film_ ? kNotInFilm : "missing: " + text_);
  }

 private:
  const std::vector<std::string>& beyond_;
  std::string text_;
  bool not_in_film_ = false;
};

class Measurer {
 public:
  Measurer(const Landmarks& landmarks, const MeasureOptions& options)
      : landmarks_(landmarks), options_(options), frame_(landmarks.anterior, options.spacing) {
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (!landmarks.vertebrae[i]) continue;
      set_plate({i, true}, landmarks.vertebrae[i]->sup);
      set_plate({i, false}, landmarks.vertebrae[i]->inf);
    }
    if (landmarks.s1) set_plate({kS1, true}, *landmarks.s1);
    set_hip_axis(landmarks.femoral_heads);
    out_.not_in_film =
        beyond_film(landmarks, frame_, options.exposed.value_or(cv::Rect({}, landmarks.size)));
  }

  Measurements run() {
    main_ = main_values();
    pelvis_and_lordosis();
    for (std::size_t level = 0; level < kS1; ++level) {
      add_angle("segmental_" + disc_name(level), {level, true}, {level + 1, true});
    }
    for (std::size_t level = 0; level < kS1; ++level) {
      add_angle("wedge_" + level_name(level), {level, true}, {level, false});
    }
    for (std::size_t level = 0; level < kS1; ++level) {
      add_angle("disc_angle_" + disc_name(level), {level, false}, {level + 1, true});
    }
    for (std::size_t level = 0; level < kS1; ++level) disc_heights(level);
    for (std::size_t level = 0; level < kS1; ++level) {
      add("slip_" + disc_name(level), "%", slip(level));
    }
    for (std::size_t level = 0; level < kS1; ++level) {
      add("meyerding_" + disc_name(level), "grade", slip(level).then(meyerding_grade));
    }
    types_and_ideals();
    for (const auto& pair : options_.angles) add_angle(pair.name(), pair.upper, pair.lower);
    flag_orientation();
    for (auto& flag : landmark_flags(landmarks_, frame_)) out_.qc.push_back(std::move(flag));
    return std::move(out_);
  }

 private:
  void set_plate(const EndplateName& name, const Endplate& endplate) {
    const Plate plate{frame_.to_anatomical(endplate.post), frame_.to_anatomical(endplate.ant)};
    if (!std::isfinite(plate.length())) return;
    plates_[order_from_above(name)] = plate;
  }

  void set_hip_axis(const std::vector<FemoralHead>& heads) {
    if (heads.empty()) return;
    hip_ = frame_.to_anatomical(heads[0].center);
    if (heads.size() == 1) {
      out_.qc.emplace_back("one_head");
      return;
    }
    const cv::Point2d other = frame_.to_anatomical(heads[1].center);
    const double distance = cv::norm(other - *hip_);
    // Radii are in pixels along x, so they are converted as a horizontal vector.
    const double mean_radius = 0.5 * (heads[0].radius + heads[1].radius);
    const double radius = cv::norm(frame_.to_anatomical({mean_radius, 0}));
    if (radius > 0 && distance > kMaxHeadDistanceInRadii * radius) {
      out_.qc.emplace_back("heads_far_apart");
    }
    hip_ = 0.5 * (*hip_ + other);
  }

  [[nodiscard]] const std::optional<Plate>& plate(const EndplateName& name) const {
    return plates_[order_from_above(name)];
  }

  void add(const std::string& name, const std::string& unit, const Result& result) {
    out_.values.push_back({name, result.value, unit, result.status});
  }

  /// Cobb angle of two endplates, lordosis positive.
  [[nodiscard]] Result angle(const EndplateName& upper, const EndplateName& lower) const {
    Missing missing(out_.not_in_film);
    missing.add(!plate(upper), level_name(upper.level));
    missing.add(!plate(lower), level_name(lower.level));
    if (missing.any()) return missing.result();
    for (const auto& name : {upper, lower}) {
      if (plate(name)->length() <= 0) return Result::none("degenerate: " + level_name(name.level));
    }
    return angle_between_deg(plate(lower)->vector(), plate(upper)->vector());
  }

  void add_angle(const std::string& name, const EndplateName& upper, const EndplateName& lower) {
    add(name, "deg", angle(upper, lower));
  }

  /// What much else is made from.
  struct MainValues {
    Result pi = Result::none(""), pt = pi, ss = pi, ll = pi, mismatch = pi;
  };
  [[nodiscard]] MainValues main_values() const {
    MainValues v;
    v.pi = pelvic_incidence();
    v.pt = pelvic_tilt();
    v.ss = sacral_slope();
    v.ll = angle({0, true}, {kS1, true});
    v.mismatch = v.pi.value && v.ll.value ? Result(*v.pi.value - *v.ll.value) : pi_ll_missing();
    return v;
  }

  void pelvis_and_lordosis() {
    const Result& pi = main_.pi;
    const Result& pt = main_.pt;
    const Result& ss = main_.ss;
    const Result l4_s1 = angle({3, true}, {kS1, true});
    add("PI", "deg", pi);
    add("PT", "deg", pt);
    add("SS", "deg", ss);
    add("LL", "deg", main_.ll);
    add("PI_LL", "deg", main_.mismatch);
    add("L4_S1", "deg", l4_s1);
    add("LDI", "%", lordosis_distribution(l4_s1, main_.ll));
    add("L1PA", "deg", l1_pelvic_angle());
    if (pi.value && pt.value && ss.value &&
        std::abs(wrap_deg(*pi.value - *pt.value - *ss.value)) > kMaxPiMismatchDeg) {
      out_.qc.emplace_back("pi_mismatch");
    }
    for (const auto& [name, low, high] : kPlausible) {
      // Clang before 16 lets no lambda use a structured binding itself.
      const auto at = std::find_if(out_.values.begin(), out_.values.end(),
                                   [&n = name](const Measurement& m) { return m.name == n; });
      if (at->value && (*at->value < low || *at->value > high)) {
        out_.qc.push_back(std::string("implausible_") + name);
      }
    }
  }

  /// Reason why a measurement of S1, and of the hip axis if needed, cannot be computed; else
  /// nullopt.
  [[nodiscard]] std::optional<Result> pelvis_missing(bool needs_hip) const {
    Missing missing(out_.not_in_film);
    missing.add(!plate({kS1, true}), "S1");
    missing.add(needs_hip && !hip_, "femoral heads");
    if (missing.any()) return missing.result();
    if (plate({kS1, true})->length() <= 0) return Result::none("degenerate: S1");
    if (needs_hip && cv::norm(*hip_ - plate({kS1, true})->middle()) <= 0) {
      return Result::none("degenerate: hip axis on S1");
    }
    return std::nullopt;
  }

  [[nodiscard]] Result sacral_slope() const {
    if (const auto missing = pelvis_missing(false)) return *missing;
    const Plate& s1 = *plate({kS1, true});
    return deg_from_rad(std::atan2(s1.post.y - s1.ant.y, s1.ant.x - s1.post.x));
  }

  [[nodiscard]] Result pelvic_tilt() const {
    if (const auto missing = pelvis_missing(true)) return *missing;
    const cv::Point2d m = plate({kS1, true})->middle();
    return deg_from_rad(std::atan2(hip_->x - m.x, m.y - hip_->y));
  }

  [[nodiscard]] Result pelvic_incidence() const {
    if (const auto missing = pelvis_missing(true)) return *missing;
    const Plate& s1 = *plate({kS1, true});
    const cv::Point2d caudal_normal(s1.vector().y, -s1.vector().x);
    return angle_between_deg(caudal_normal, *hip_ - s1.middle());
  }

  [[nodiscard]] Result pi_ll_missing() const {
    Missing missing(out_.not_in_film);
    missing.add(!plate({0, true}), "L1");
    missing.add(!plate({kS1, true}), "S1");
    missing.add(!hip_, "femoral heads");
    return missing.any() ? missing.result() : Result::none("degenerate: L1 or S1");
  }

  [[nodiscard]] static Result lordosis_distribution(const Result& l4_s1, const Result& ll) {
    if (!ll.value && l4_s1.status != kNotInFilm) return ll;
    if (!l4_s1.value) return l4_s1;
    if (std::abs(*ll.value) < kMinLordosisForLdiDeg) return Result::none("LL under 1 deg");
    return 100.0 * *l4_s1.value / *ll.value;
  }

  [[nodiscard]] Result l1_pelvic_angle() const {
    Missing missing(out_.not_in_film);
    missing.add(!plate({0, true}) || !plate({0, false}), "L1");
    missing.add(!plate({kS1, true}), "S1");
    missing.add(!hip_, "femoral heads");
    if (missing.any()) return missing.result();
    const cv::Point2d l1 = 0.5 * (plate({0, true})->middle() + plate({0, false})->middle());
    return angle_between_deg(l1 - *hip_, plate({kS1, true})->middle() - *hip_);
  }

  /// Reason why the disc below a level has not both endplates; else nullopt.
  [[nodiscard]] std::optional<Result> disc_missing(std::size_t level) const {
    Missing missing(out_.not_in_film);
    missing.add(!plate({level, false}), level_name(level));
    missing.add(!plate({level + 1, true}), level_name(level + 1));
    if (missing.any()) return missing.result();
    return std::nullopt;
  }

  void disc_heights(std::size_t level) {
    const std::string name = "disc_height_" + disc_name(level);
    const std::string unit = frame_.in_mm() ? "mm" : "px";
    if (const auto missing = disc_missing(level)) {
      for (const char* part : {"_anterior", "_middle", "_posterior", "_mean"}) {
        add(name + part, unit, *missing);
      }
      return;
    }
    const Plate& upper = *plate({level, false});
    const Plate& lower = *plate({level + 1, true});
    add(name + "_anterior", unit, cv::norm(upper.ant - lower.ant));
    add(name + "_middle", unit, cv::norm(upper.middle() - lower.middle()));
    add(name + "_posterior", unit, cv::norm(upper.post - lower.post));
    const double depth = 0.5 * (upper.length() + lower.length());
    // Shoelace formula for the quadrilateral by its diagonals.
    const double area = 0.5 * std::abs((lower.ant - upper.post).cross(lower.post - upper.ant));
    add(name + "_mean", unit,
        depth > 0 ? Result(area / depth) : Result::none("degenerate: " + disc_name(level)));
  }

  [[nodiscard]] Result slip(std::size_t level) const {
    if (const auto missing = disc_missing(level)) return *missing;
    const Plate& lower = *plate({level + 1, true});
    if (lower.length() <= 0) return Result::none("degenerate: " + level_name(level + 1));
    const cv::Point2d offset = plate({level, false})->post - lower.post;
    return 100.0 * offset.dot(lower.vector()) / lower.vector().dot(lower.vector());
  }

  static double meyerding_grade(double slip_percent) {
    if (slip_percent < kMinSlipPercent) return 0;
    return std::clamp(std::ceil(slip_percent / 25), 1.0, 5.0);
  }

  /// 0, 1 or 2: under the first limit, up to the second, beyond.
  static double schwab_modifier(double value, double first, double second) {
    if (value < first) return 0;
    return value <= second ? 1 : 2;
  }

  void types_and_ideals() {
    add("schwab_PI_LL", "grade",
        main_.mismatch.then([](double v) { return schwab_modifier(v, 10, 20); }));
    add("schwab_PT", "grade", main_.pt.then([](double v) { return schwab_modifier(v, 20, 30); }));
    add("roussouly", "type", roussouly_type(main_.ss));
    const Result ideal_ss = main_.pi.then([](double v) { return 0.59 * v + 9; });
    const Result ideal_ll = main_.pi.then([](double v) { return 0.62 * v + 29; });
    add("ideal_SS", "deg", ideal_ss);
    add("ideal_LL", "deg", ideal_ll);
    add("relative_SS", "deg", difference(main_.ss, ideal_ss));
    add("relative_LL", "deg", difference(main_.ll, ideal_ll));
  }

  /// Without a value the status is that of the first operand that lacks one, unless the other lies
  /// outside the film.
  static Result difference(const Result& a, const Result& b) {
    if (!a.value && b.status != kNotInFilm) return a;
    if (!b.value) return b;
    return *a.value - *b.value;
  }

  [[nodiscard]] Result roussouly_type(const Result& ss) const {
    if (!ss.value) return ss;
    if (*ss.value > 45) return 4;
    if (*ss.value >= 35) return 3;
    Missing missing(out_.not_in_film);
    for (std::size_t level = 0; level < kS1; ++level) {
      missing.add(!plate({level, true}) || !plate({level, false}), level_name(level));
    }
    if (missing.any()) return missing.result();
    // Half levels down the spine: midpoint of L1 0, the disc below it 1, ... L5 8, L5-S1 9.
    constexpr std::size_t kL5 = 2 * (kS1 - 1);
    std::size_t apex = 0;
    double most_anterior = midpoint(0).x;
    for (std::size_t i = 1; i <= kL5 + 1; ++i) {
      if (midpoint(i).x <= most_anterior) continue;
      most_anterior = midpoint(i).x;
      apex = i;
    }
    return apex >= kL5 ? 1 : 2;
  }

  /// Midpoint of a body (even) or of the disc below it (odd), counted from L1 down.
  [[nodiscard]] cv::Point2d midpoint(std::size_t i) const {
    const std::size_t level = i / 2;
    const bool disc = i % 2 == 1;
    const Plate& upper = *plate({level, !disc});
    const Plate& lower = disc ? *plate({level + 1, true}) : *plate({level, false});
    return 0.5 * (upper.middle() + lower.middle());
  }

  /// x points anteriorly in this frame, so most endplates must run forwards.
  void flag_orientation() {
    int forwards = 0, backwards = 0;
    for (const auto& p : plates_) {
      if (p) ++(p->vector().x >= 0 ? forwards : backwards);
    }
    if (backwards > forwards) out_.qc.emplace_back("anterior_conflict");
  }

  const Landmarks& landmarks_;
  const MeasureOptions& options_;
  AnatomicalFrame frame_;
  std::array<std::optional<Plate>, 2 * kLumbarCount + 1> plates_;  // by order_from_above
  std::optional<cv::Point2d> hip_;
  MainValues main_;
  Measurements out_;
};

}  // namespace

std::string EndplateName::to_string() const {
  return level_name(level) + (superior ? ".sup" : ".inf");
}

AnglePair AnglePair::parse(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    throw Error(ErrorKind::usage,
                "angle '" + text + "': expected two endplates such as L2.sup:L4.inf");
  }
  AnglePair pair{parse_endplate(text.substr(0, colon), text),
                 parse_endplate(text.substr(colon + 1), text)};
  if (pair.upper == pair.lower) {
    throw Error(ErrorKind::usage, "angle '" + text + "': expected two different endplates");
  }
  if (order_from_above(pair.upper) > order_from_above(pair.lower)) {
    std::swap(pair.upper, pair.lower);
  }
  return pair;
}

std::string AnglePair::name() const {
  return "angle_" + upper.to_string() + "_" + lower.to_string();
}

Measurements measure(const Landmarks& landmarks, const MeasureOptions& options) {
  return Measurer(landmarks, options).run();
}

}  // namespace spine
