#include "spine/io/mask_io.h"

#include <string>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/size_text.h"
#include "spine/io/codecs/png_codec.h"
#include "spine/io/codecs/png_writer.h"
#include "spine/io/codecs/tiff_codec.h"
#include "spine/io/codecs/tiff_writer.h"
#include "spine/util/atomic_file.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

constexpr int kBothHeads = 9;
constexpr Rgb kBackground{0, 0, 0};
constexpr Rgb kBothHeadsColor{255, 255, 160};
/// Neighbouring levels differ in hue and lightness, also under red-green colour blindness (palette
/// of Okabe and Ito, extended).
constexpr std::array<Rgb, kStructureCount> kColors{{{86, 180, 233},
                                                    {240, 228, 66},
                                                    {0, 190, 140},
                                                    {255, 150, 40},
                                                    {190, 140, 255},
                                                    {255, 90, 110},
                                                    {80, 230, 255},
                                                    {150, 255, 90}}};

[[noreturn]] void fail(ErrorKind kind, const fs::path& file, const std::string& what) {
  throw Error(kind, "read masks " + file.string() + ": " + what);
}

/// Rotates a page upright by its orientation tag; with all of its rows if a rotation is needed.
TiffBand upright_band(const TiffBand& band) {
  if (band.orientation == Orientation::top_left) return band;
  TiffBand rotated{band.page, 0, {}};
  if (exchanges_sides(band.orientation)) std::swap(rotated.page.width, rotated.page.height);
  if (band.rows.empty()) return rotated;
  cv::Mat whole = cv::Mat::zeros(band.page, band.rows.type());
  band.rows.copyTo(whole.rowRange(band.top, band.top + band.rows.rows));
  rotated.rows = upright(whole, band.orientation);
  return rotated;
}

/// Reads masks.tif as crops: the bounding box of each page's non-zero pixels.
MaskCrops read_pages(const fs::path& file, const std::string& bytes) {
  const auto pages = decode_tiff_bands(bytes, file.string());
  if (pages.size() != kStructureCount) {
    fail(ErrorKind::unsupported, file,
         "expected 8 pages (L1 L2 L3 L4 L5 S F1 F2), got " + std::to_string(pages.size()));
  }
  MaskCrops crops;
  crops.size = upright_band(pages.front()).page;
  for (const Structure s : kStructures) {
    const TiffBand band = upright_band(pages[index(s)]);
    if (band.page != crops.size || band.rows.channels() != 1) {
      fail(ErrorKind::unsupported, file,
           "page " + std::string(to_string(s)) + ": expected grey " + size_text(crops.size) +
               ", got " + std::to_string(band.rows.channels()) + " channels " +
               size_text(band.page));
    }
    if (band.rows.empty()) continue;
    MaskCrop& crop = crops.masks[index(s)];
    crop = crop_of(band.rows.depth() == CV_8U ? band.rows : cv::Mat(band.rows != 0));
    crop.box.y += band.top;
  }
  return crops;
}

MaskStack whole(const MaskCrops& crops) {
  MaskStack masks(crops.size);
  for (const Structure s : kStructures) {
    if (crops[s].box.empty()) continue;
    cv::Mat mask = cv::Mat::zeros(crops.size, CV_8UC1);
    crops[s].pixels.copyTo(mask(crops[s].box));
    masks.set(s, mask);
  }
  return masks;
}

MaskStack read_labels(const fs::path& file, const std::string& bytes) {
  const cv::Mat labels = decode_indexed_png(bytes, file.string());
  double largest = 0;
  cv::minMaxLoc(labels, nullptr, &largest);
  if (largest > kBothHeads) {
    fail(ErrorKind::unsupported, file,
         "expected labels 0 to 9, got " + std::to_string(static_cast<int>(largest)));
  }
  MaskStack masks(labels.size());
  for (const Structure s : kStructures) {
    cv::Mat mask = labels == static_cast<int>(index(s)) + 1;
    if (s == Structure::F1 || s == Structure::F2) mask |= labels == kBothHeads;
    masks.set(s, mask);
  }
  return masks;
}

MaskStack read_folder(const fs::path& folder) {
  if (fs::exists(folder / "masks.tif")) return read_masks(folder / "masks.tif");
  MaskStack masks;
  for (const Structure s : kStructures) {
    const fs::path file = folder / (std::string(to_string(s)) + ".png");
    if (!fs::exists(file)) continue;
    const cv::Mat mask = read_mask(file);
    if (masks.size().empty()) masks = MaskStack(mask.size());
    if (mask.size() != masks.size()) {
      fail(ErrorKind::unsupported, file,
           "expected " + size_text(masks.size()) + " like the others, got " +
               size_text(mask.size()));
    }
    masks.set(s, mask);
  }
  if (masks.size().empty()) {
    fail(ErrorKind::not_found, folder, "expected masks.tif or L1.png ... F2.png, got none of them");
  }
  return masks;
}

}  // namespace

void write_masks(const fs::path& file, const MaskStack& masks) {
  std::vector<TiffPage> pages;
  for (const Structure s : kStructures) pages.push_back({std::string(to_string(s)), masks[s]});
  write_file_atomically(file, encode_tiff(pages));
}

void write_labels(const fs::path& file, const MaskStack& masks) {
  cv::Mat labels = cv::Mat::zeros(masks.size(), CV_8UC1);
  for (const Structure s : kStructures) {
    const MaskCrop crop = masks.crop(s);
    if (!crop.box.empty()) labels(crop.box).setTo(static_cast<double>(index(s) + 1), crop.pixels);
  }
  const cv::Rect both = masks.box(Structure::F1) & masks.box(Structure::F2);
  if (!both.empty()) {
    labels(both).setTo(kBothHeads, masks[Structure::F1](both) & masks[Structure::F2](both));
  }

  std::vector<Rgb> palette{kBackground};
  palette.insert(palette.end(), kColors.begin(), kColors.end());
  palette.push_back(kBothHeadsColor);
  write_file_atomically(file, encode_indexed_png(labels, palette));
}

std::array<std::uint8_t, 3> structure_color(Structure s) { return kColors[index(s)]; }

cv::Mat read_mask(const fs::path& file) {
  const std::string bytes = read_file(file);
  if (!is_png(bytes)) fail(ErrorKind::unreadable, file, "expected a PNG, got other data");
  const Raster raster = decode_png(bytes, file.string());
  std::vector<cv::Mat> channels;
  cv::split(upright(raster.pixels, raster.orientation), channels);
  if (channels.size() % 2 == 0) channels.pop_back();
  cv::Mat mask = channels.front() != 0;
  for (const cv::Mat& channel : channels) mask |= channel != 0;
  return mask;
}

MaskStack read_masks(const fs::path& path) {
  if (fs::is_directory(path)) return read_folder(path);
  const std::string bytes = read_file(path);
  if (is_tiff(bytes)) return whole(read_pages(path, bytes));
  if (is_png(bytes)) return read_labels(path, bytes);
  fail(ErrorKind::unsupported, path,
       bytes.empty() ? "expected a TIFF or PNG, got an empty file"
                     : "expected a TIFF or PNG, got other data");
}

MaskCrop crop_of(const cv::Mat& mask) {
  const cv::Rect box = cv::boundingRect(mask);
  return {box, mask(box)};
}

MaskCrops read_mask_crops(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? path / "masks.tif" : path;
  if (fs::exists(file)) {
    const std::string bytes = read_file(file);
    if (is_tiff(bytes)) return read_pages(file, bytes);
  }
  const MaskStack masks = read_masks(path);
  MaskCrops crops;
  crops.size = masks.size();
  for (const Structure s : kStructures) crops.masks[index(s)] = crop_of(masks[s]);
  return crops;
}

}  // namespace spine
