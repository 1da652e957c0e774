#include "spine/sim/expose.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "spine/sim/fields.h"
#include "spine/sim/film_marks.h"

namespace spine::sim {

namespace {

constexpr std::size_t kBins = 5;  ///< photon energies 40, 50, 60, 80, 100 keV
using Spectrum = std::array<double, kBins>;

/// Linear attenuation, 1/mm, in the order of Material: NIST XCOM / ICRU-44 mass attenuation times
/// density (cortical 1.92, spongiosa with fatty marrow 1.1, soft 1.06, fat 0.95, lung 0.26, Ti 4.5,
/// CoCr 8.3, PEEK 1.3 g/cm3, dilute barium). Gas displaces tissue and attenuates nothing.
constexpr std::array<Spectrum, kMaterialCount> kAttenuation{{
    {0.1278, 0.0815, 0.0604, 0.0428, 0.0356},  // cortical
    {0.0375, 0.0291, 0.0250, 0.0211, 0.0191},  // cancellous
    {0.0285, 0.0240, 0.0217, 0.0193, 0.0179},  // soft
    {0.0228, 0.0202, 0.0188, 0.0171, 0.0160},  // fat
    {0, 0, 0, 0, 0},                           // gas
    {0.0070, 0.0059, 0.0053, 0.0047, 0.0044},  // lung
    {0.996, 0.546, 0.345, 0.182, 0.122},       // titanium
    {3.07, 1.65, 1.01, 0.498, 0.310},          // cobalt_chrome
    {0.0306, 0.0267, 0.0247, 0.0225, 0.0212},  // peek
    {0.60, 0.35, 0.22, 0.11, 0.065},           // contrast
}};
constexpr Spectrum kEnergy_keV{40, 50, 60, 80, 100};
constexpr Spectrum kBinWidth_keV{10, 10, 15, 20, 25};
constexpr Spectrum kAluminium{0.1535, 0.0994, 0.0750, 0.0545, 0.0460};  ///< 1/mm

/// Tube spectrum after Kramers, filtered by aluminium, weighted by an energy-integrating detector.
Spectrum tube_spectrum(double peak_kv, double filter_mm_al) {
  Spectrum weights{};
  double sum = 0;
  for (std::size_t b = 0; b < kBins; ++b) {
    const double photons = std::max(0.0, peak_kv / kEnergy_keV[b] - 1) * kBinWidth_keV[b];
    weights[b] = photons * kEnergy_keV[b] * std::exp(-kAluminium[b] * filter_mm_al);
    sum += weights[b];
  }
  for (double& w : weights) w /= sum;
  return weights;
}

/// Parameters drawn once per film. Lengths in mm at the detector, so that the appearance does not
/// depend on the resolution.
struct Technique {
  double peak_kv, filter_mm;
  double mineral;              ///< of all bone, relative
  double scatter, scatter_mm;  ///< scatter to primary at 200 mm of water; its extent
  double blur_mm;              ///< focal spot and detector
  double photons_per_mm2;      ///< detected behind the body's median
  double noise_mm;             ///< correlation length of the noise
  double trabecular, soft_texture, lung_texture;  ///< relative; mm for soft_texture
  double air_level;                               ///< lowest retained log exposure
  double base_gain, base_mm;  ///< equalisation: remaining fraction of the large scales
  double mid_gain, mid_mm;    ///< local contrast
  double fine_gain, fine_mm;  ///< edge enhancement
  double adaptation;          ///< of the gains to the film's own detail: 0 none, 1 in full
  double low_quantile, high_quantile, low_reach, high_reach;  ///< window
  double median_grey;  ///< grey value of the body's median, sets the gamma
  double sigmoid;
  double black, white;  ///< grey values of the window's ends, 0..1
  bool black_air;       ///< the window starts above the open beam
};

Technique sample_technique(double variation, Rng& rng) {
  const double v = variation;
  const auto around = [&](double middle, double spread) {
    return middle + v * spread * std::clamp(rng.normal(), -2.2, 2.2);
  };
  const auto factor = [&](double middle, double log_deviation) {
    return middle * std::exp(v * log_deviation * std::clamp(rng.normal(), -2.2, 2.2));
  };
  Technique t{};
  t.peak_kv = std::clamp(around(88, 8), 66.0, 118.0);
  t.filter_mm = std::clamp(factor(4.5, 0.35), 2.5, 12.0);
  t.mineral = factor(0.62, 0.25);
  t.scatter = factor(0.6, 0.45);
  t.scatter_mm = factor(32, 0.3);
  t.blur_mm = factor(0.26, 0.4);
  t.photons_per_mm2 = factor(60000, 0.9);
  t.noise_mm = factor(0.13, 0.4);
  t.trabecular = factor(0.012, 0.4);
  t.soft_texture = factor(0.8, 0.5);
  t.lung_texture = factor(0.06, 0.5);
  t.air_level = std::max(0.1, around(0.6, 0.4));
  t.base_gain = std::clamp(around(0.52, 0.15), 0.25, 0.95);
  t.base_mm = factor(28, 0.35);
  t.mid_gain = std::clamp(factor(1.22, 0.2), 0.85, 2.1);
  t.mid_mm = factor(4, 0.3);
  t.fine_gain = std::clamp(factor(1.3, 0.35), 0.5, 2.8);
  t.fine_mm = factor(0.6, 0.35);
  t.adaptation = std::clamp(around(0.85, 0.1), 0.0, 1.0);
  t.low_quantile = std::clamp(around(0.01, 0.03), 0.0, 0.2);
  t.high_quantile = 0.995;
  t.low_reach = around(-0.03, 0.08);
  t.high_reach = std::abs(around(0.0, 0.08));
  if (rng.chance(0.12 * v)) t.high_reach -= rng.uniform(0.04, 0.16);  // saturated bright parts
  if (rng.chance(0.10 * v)) t.low_reach += rng.uniform(0.1, 0.35);    // clipped dark parts
  t.median_grey = std::clamp(around(0.46, 0.1), 0.2, 0.75);
  t.sigmoid = std::clamp(around(0.3, 0.3), 0.0, 1.0);
  t.black = rng.chance(0.8) ? 0.0 : std::abs(around(0.0, 0.04));
  t.black_air = !rng.chance(0.12 * v);
  t.white = std::clamp(around(0.9, 0.08), 0.7, 1.0);
  return t;
}

const cv::Mat& length_of(const PathLengthProjections& paths, Material material) {
  return paths.length_mm[static_cast<std::size_t>(material)];
}

/// Noise with a Gaussian correlation of `sigma_mm` at the film, variance 1 before averaging over
/// pixels; components finer than a pixel are attenuated accordingly.
cv::Mat physical_noise(cv::Size size, double sigma_mm, double pixel_mm, Rng& rng) {
  const double sigma_px = sigma_mm / pixel_mm;
  cv::Mat noise = smooth_noise(size, sigma_px, rng);
  // A pixel of side p averages a Gaussian correlation of sigma s to about 1 / (1 + p^2 / (4 pi
  // s^2)).
  const double fade = 1 / std::sqrt(1 + 1 / (12.566 * sigma_px * sigma_px));
  for (int y = 0; y < noise.rows; ++y) {
    float* row = noise.ptr<float>(y);
    for (int x = 0; x < noise.cols; ++x) row[x] *= static_cast<float>(fade);
  }
  return noise;
}

/// length *= 1 + amount * noise, or += amount * noise where the length is positive.
cv::Mat textured(const cv::Mat& length, const cv::Mat& noise, double amount, bool relative) {
  cv::Mat result(length.size(), CV_32FC1);
  const auto scale = static_cast<float>(amount);
  for (int y = 0; y < length.rows; ++y) {
    const float* from = length.ptr<float>(y);
    const float* n = noise.ptr<float>(y);
    float* to = result.ptr<float>(y);
    if (relative) {
      for (int x = 0; x < length.cols; ++x) to[x] = from[x] * std::max(0.1F, 1.0F + scale * n[x]);
    } else {
      // Full amount from a tenth of the way in: thin edges keep their contour.
      for (int x = 0; x < length.cols; ++x) {
        to[x] = std::max(0.0F, from[x] + scale * n[x] * std::min(1.0F, from[x] * 0.01F));
      }
    }
  }
  return result;
}

void accumulate(cv::Mat& sum, const cv::Mat& other, double factor) {
  const auto scale = static_cast<float>(factor);
  for (int y = 0; y < sum.rows; ++y) {
    float* to = sum.ptr<float>(y);
    const float* from = other.ptr<float>(y);
    for (int x = 0; x < sum.cols; ++x) to[x] += scale * from[x];
  }
}

std::array<cv::Mat, kMaterialCount> textured_lengths(const PathLengthProjections& paths,
                                                     const Technique& t, Rng& rng) {
  std::array<cv::Mat, kMaterialCount> lengths = paths.length_mm;
  const cv::Size size = paths.structures.size();
  const double p = paths.pixel_mm;
  Rng bone_rng = rng.split("trabeculae"), soft_rng = rng.split("soft"),
      lung_rng = rng.split("lung");
  cv::Mat& cancellous = lengths[static_cast<std::size_t>(Material::cancellous)];
  if (!cancellous.empty()) {
    cv::Mat noise = physical_noise(size, 0.25, p, bone_rng);
    accumulate(noise, physical_noise(size, 0.7, p, bone_rng), 0.9);
    accumulate(noise, physical_noise(size, 3.5, p, bone_rng), 1.2);
    cancellous = textured(cancellous, noise, t.trabecular, true);
  }
  cv::Mat& soft = lengths[static_cast<std::size_t>(Material::soft)];
  if (!soft.empty()) {
    cv::Mat noise = physical_noise(size, 1.6, p, soft_rng);
    accumulate(noise, physical_noise(size, 5.0, p, soft_rng), 1.3);
    accumulate(noise, physical_noise(size, 16.0, p, soft_rng), 2.0);
    soft = textured(soft, noise, t.soft_texture, false);
  }
  cv::Mat& lung = lengths[static_cast<std::size_t>(Material::lung)];
  if (!lung.empty()) {
    cv::Mat noise = physical_noise(size, 2.2, p, lung_rng);
    accumulate(noise, physical_noise(size, 7.0, p, lung_rng), 1.2);
    lung = textured(lung, noise, t.lung_texture, true);
  }
  return lengths;
}

/// Linear attenuation; the mineral content scales the difference between bone and soft tissue.
double attenuation(std::size_t material, std::size_t bin, double mineral) {
  const double mu = kAttenuation[material][bin];
  if (material > static_cast<std::size_t>(Material::cancellous)) return mu;
  const double soft = kAttenuation[static_cast<std::size_t>(Material::soft)][bin];
  return soft + mineral * (mu - soft);
}

/// Transmitted fraction of the primary beam (detector signal, open beam = 1).
cv::Mat primary_signal(const std::array<cv::Mat, kMaterialCount>& lengths, cv::Size size,
                       const Technique& t) {
  const Spectrum spectrum = tube_spectrum(t.peak_kv, t.filter_mm);
  std::vector<std::size_t> present;
  for (std::size_t m = 0; m < kMaterialCount; ++m) {
    if (!lengths[m].empty() && kAttenuation[m][0] > 0) present.push_back(m);
  }
  cv::Mat signal = cv::Mat::zeros(size, CV_32FC1);
  std::vector<float> exponent(static_cast<std::size_t>(size.width));
  for (int y = 0; y < size.height; ++y) {
    float* out = signal.ptr<float>(y);
    for (std::size_t b = 0; b < kBins; ++b) {
      if (spectrum[b] < 1e-6) continue;
      std::fill(exponent.begin(), exponent.end(), 0.0F);
      for (const std::size_t m : present) {
        const float* length = lengths[m].ptr<float>(y);
        const auto mu = static_cast<float>(attenuation(m, b, t.mineral));
        for (std::size_t x = 0; x < exponent.size(); ++x) exponent[x] -= mu * length[x];
      }
      const auto weight = static_cast<float>(spectrum[b]);
      for (std::size_t x = 0; x < exponent.size(); ++x) out[x] += weight * fast_exp(exponent[x]);
    }
  }
  return signal;
}

/// Adds scatter from the body that passes the grid: a broad blur of the primary beam, increasing
/// with thickness. Blurred in the log domain, so that the scatter of thin parts does not dominate
/// that of adjacent thick ones.
void add_scatter(cv::Mat& signal, const Technique& t, double pixel_mm) {
  const int factor = std::max(1, static_cast<int>(std::lround(5.0 / pixel_mm)));
  cv::Mat depth = shrink(signal, factor);
  for (int y = 0; y < depth.rows; ++y) {
    float* row = depth.ptr<float>(y);
    for (int x = 0; x < depth.cols; ++x) row[x] = -fast_log(std::max(row[x], 1e-8F));
  }
  depth = blur(depth, t.scatter_mm / (factor * pixel_mm));
  const auto per_depth = static_cast<float>(t.scatter / 4.2);  // 200 mm of water: about 4.2
  for (int y = 0; y < depth.rows; ++y) {
    float* row = depth.ptr<float>(y);
    for (int x = 0; x < depth.cols; ++x) row[x] = fast_exp(-row[x]) * per_depth * row[x];
  }
  accumulate(signal, enlarge(depth, factor, signal.size()), 1.0);
}

/// Subsampled values of an image inside the patient (more than `tissue_mm` of soft tissue and no
/// metal: the twin with implants must be processed identically).
std::vector<float> body_values(const cv::Mat& image, const PathLengthProjections& paths,
                               float tissue_mm) {
  const cv::Mat& soft = length_of(paths, Material::soft);
  std::vector<float> values;
  const int step = std::max(1, image.rows / 128);
  for (int y = 0; y < image.rows; y += step) {
    for (int x = 0; x < image.cols; x += step) {
      if (!paths.implant.empty() && paths.implant.at<std::uint8_t>(y, x) != 0) continue;
      if (soft.empty() || soft.at<float>(y, x) > tissue_mm) values.push_back(image.at<float>(y, x));
    }
  }
  return values;
}

/// The same outside the patient.
std::vector<float> air_values(const cv::Mat& image, const PathLengthProjections& paths) {
  const cv::Mat& soft = length_of(paths, Material::soft);
  std::vector<float> values;
  const int step = std::max(1, image.rows / 128);
  for (int y = 0; y < image.rows && !soft.empty(); y += step) {
    for (int x = 0; x < image.cols; x += step) {
      if (soft.at<float>(y, x) <= 0) values.push_back(image.at<float>(y, x));
    }
  }
  return values;
}

/// Photon noise, then the logarithm, so that more material is brighter.
cv::Mat log_exposure(const cv::Mat& signal, const PathLengthProjections& paths, const Technique& t,
                     Rng& rng) {
  std::vector<float> body = body_values(signal, paths, 60);
  const float typical = std::max(quantiles(body, {0.5})[0], 1e-6F);
  const double per_pixel = t.photons_per_mm2 * paths.pixel_mm * paths.pixel_mm;
  const double sigma_px = t.noise_mm / paths.pixel_mm;
  Rng noise_rng = rng.split("quantum");
  cv::Mat noise = smooth_noise(signal.size(), sigma_px > 0.3 ? sigma_px : 0, noise_rng);
  // variance = signal * typical / per_pixel (Poisson), plus a floor of electronics
  const auto quantum = static_cast<float>(typical / per_pixel);
  const auto electronics = static_cast<float>(0.02 * typical * typical / per_pixel);
  const float floor_level = 1e-4F * typical;
  const auto air = static_cast<float>(t.air_level);
  cv::Mat result(signal.size(), CV_32FC1);
  for (int y = 0; y < signal.rows; ++y) {
    const float* s = signal.ptr<float>(y);
    const float* n = noise.ptr<float>(y);
    float* to = result.ptr<float>(y);
    for (int x = 0; x < signal.cols; ++x) {
      const float noisy = s[x] + n[x] * std::sqrt(s[x] * quantum + electronics);
      to[x] = std::max(air, -fast_log(std::max(noisy, floor_level)));
    }
  }
  return result;
}

/// Log exposure from the 5th to the 95th percentile of the patient.
double body_range(const cv::Mat& base, const PathLengthProjections& paths) {
  std::vector<float> body = body_values(base, paths, 60);
  const std::vector<float> ends = quantiles(body, {0.05, 0.95});
  return std::max(0.1F, ends[1] - ends[0]);
}

/// Gain of the small scales, higher if they are faint relative to the range of the film, lower if
/// they are strong: digital systems enhance detail of low amplitude (Vuylsteke and Schoeters 1994),
/// here globally. Detail is measured at a few millimetres, so that neither noise nor resolution
/// matters.
/// @param range  of the compressed large scales over the patient
double detail_gain_for(const cv::Mat& log_signal, const cv::Mat& mid, double range,
                       const PathLengthProjections& paths, const Technique& t) {
  constexpr double kSmallest_mm = 1.2, kUsualDetail = 0.019;
  cv::Mat detail;
  cv::absdiff(blur(log_signal, kSmallest_mm / paths.pixel_mm), mid, detail);
  std::vector<float> body = body_values(detail, paths, 60);
  const double amplitude = std::max(quantiles(body, {0.7})[0], 1e-4F);
  return std::clamp(std::pow(kUsualDetail * range / amplitude, t.adaptation), 0.5, 2.5);
}

/// Multi-scale processing as in digital systems: large scales compressed, small ones enhanced.
cv::Mat equalise(const cv::Mat& log_signal, const PathLengthProjections& paths,
                 const Technique& t) {
  const cv::Mat base = blur(log_signal, t.base_mm / paths.pixel_mm);
  const cv::Mat mid = blur(log_signal, t.mid_mm / paths.pixel_mm);
  const double fine_px = t.fine_mm / paths.pixel_mm;
  const cv::Mat fine = fine_px > 0.35 ? blur(log_signal, fine_px) : log_signal;
  cv::Mat result(log_signal.size(), CV_32FC1);
  // The large scales are compressed more for a patient who spans a wide range.
  constexpr double kUsualRange = 3.0;
  const double range = body_range(base, paths);
  const double base_gain = t.base_gain * std::clamp(kUsualRange / range, 0.6, 1.2);
  const double detail_gain = detail_gain_for(log_signal, mid, base_gain * range, paths, t);
  const auto kb = static_cast<float>(base_gain);
  const auto km = static_cast<float>(detail_gain * t.mid_gain);
  const auto kf = static_cast<float>(detail_gain * t.fine_gain);
  for (int y = 0; y < result.rows; ++y) {
    const float *l = log_signal.ptr<float>(y), *b = base.ptr<float>(y), *m = mid.ptr<float>(y),
                *f = fine.ptr<float>(y);
    float* to = result.ptr<float>(y);
    for (int x = 0; x < result.cols; ++x) {
      to[x] = kb * b[x] + (m[x] - b[x]) + km * (f[x] - m[x]) + kf * (l[x] - f[x]);
    }
  }
  return result;
}

/// Window, gamma and tone curve: 0..1.
void apply_window(cv::Mat& image, const PathLengthProjections& paths, const Technique& t) {
  std::vector<float> body = body_values(image, paths, 15);
  const std::vector<float> ends = quantiles(body, {t.low_quantile, 0.5, t.high_quantile});
  const float range = std::max(ends[2] - ends[0], 0.05F);
  float low = ends[0] + static_cast<float>(t.low_reach) * range;
  std::vector<float> air = air_values(image, paths);
  if (t.black_air && air.size() > 50) low = std::max(low, quantiles(air, {0.6})[0]);
  const float high = ends[2] + static_cast<float>(t.high_reach) * range;
  const float scale = 1 / std::max(high - low, 0.05F);
  const double middle = std::clamp(static_cast<double>((ends[1] - low) * scale), 0.1, 0.9);
  const double gamma = std::clamp(std::log(t.median_grey) / std::log(middle), 0.5, 2.5);
  // Tone curve by table: gamma, then a sigmoid mixed in.
  constexpr int kTable = 1024;
  std::vector<float> tone(kTable + 2);
  for (int i = 0; i < kTable + 2; ++i) {
    const double u = std::min(1.0, i / static_cast<double>(kTable));
    const double g = std::pow(u, gamma);
    const double s = g * g * (3 - 2 * g);
    const double mixed = g + std::min(1.0, t.sigmoid) * (s - g);
    tone[static_cast<std::size_t>(i)] = static_cast<float>(t.black + (t.white - t.black) * mixed);
  }
  for (int y = 0; y < image.rows; ++y) {
    float* row = image.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x) {
      const float u = std::clamp((row[x] - low) * scale, 0.0F, 1.0F) * kTable;
      const auto i = static_cast<int>(u);
      const float* entry = tone.data() + i;
      row[x] = entry[0] + (u - static_cast<float>(i)) * (entry[1] - entry[0]);
    }
  }
}

cv::Mat to_16_bit(const cv::Mat& image, int levels) {
  cv::Mat result(image.size(), CV_16UC1);
  const auto top = static_cast<float>(levels - 1);
  const float scale = 65535.0F / top;
  for (int y = 0; y < image.rows; ++y) {
    const float* from = image.ptr<float>(y);
    auto* to = result.ptr<std::uint16_t>(y);
    for (int x = 0; x < image.cols; ++x) {
      // Not lround, which no compiler turns into vector instructions.
      // NOLINTBEGIN(bugprone-incorrect-roundings)
      const auto level = static_cast<int>(std::clamp(from[x], 0.0F, 1.0F) * top + 0.5F);
      to[x] = static_cast<std::uint16_t>(static_cast<float>(level) * scale + 0.5F);
      // NOLINTEND(bugprone-incorrect-roundings)
    }
  }
  return result;
}

}  // namespace

cv::Mat expose(const PathLengthProjections& paths, const ExposureOptions& options, Rng& rng,
               cv::Mat* visible) {
  const cv::Size size = paths.structures.size();
  Rng draw(rng.next());  // one draw from the caller, independent of the draws here
  Rng technique_rng = draw.split("technique");
  const Technique t = sample_technique(options.variation, technique_rng);

  const auto lengths = textured_lengths(paths, t, draw);
  cv::Mat signal = primary_signal(lengths, size, t);
  add_scatter(signal, t, paths.pixel_mm);
  const double blur_px = t.blur_mm / paths.pixel_mm;
  if (blur_px > 0.3) signal = blur(signal, blur_px);
  cv::Mat image = equalise(log_exposure(signal, paths, t, draw), paths, t);
  apply_window(image, paths, t);

  Rng marks_rng = draw.split("marks");
  const MarkOptions marks{options.collimation, options.markers, options.variation};
  cv::Mat open = add_film_marks(image, paths, marks, marks_rng);
  if (visible != nullptr) *visible = open;
  static constexpr int kDepths[] = {256, 1024, 4096, 65536};
  return to_16_bit(image, kDepths[draw.split("depth").integer(0, 3)]);
}

}  // namespace spine::sim
