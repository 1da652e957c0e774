#include "spine/train/projection_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/folder.h"
#include "spine/util/thread_group.h"

namespace spine::train {
namespace {

constexpr std::string_view kMagic = "SPINEPM1";
constexpr int kMaxSide = 8192;

/// Appends plain values to a byte string.
class Writer {
 public:
  template <typename T>
  void put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void put(cv::Point2d p) {
    put(p.x);
    put(p.y);
  }
  void put_bytes(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads plain values from a byte string; throws beyond its end.
class Reader {
 public:
  Reader(std::string bytes, std::string file) : bytes_(std::move(bytes)), file_(std::move(file)) {}
  template <typename T>
  T get() {
    T value;
    take(&value, sizeof(T));
    return value;
  }
  cv::Point2d get_point() {
    const auto x = get<double>();
    return {x, get<double>()};
  }
  void take(void* target, std::size_t size) {
    if (size > bytes_.size() - position_) fail("truncated");
    std::memcpy(target, bytes_.data() + position_, size);
    position_ += size;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::unreadable, "projection cache: " + file_ + ": " + what);
  }

 private:
  std::string bytes_, file_;
  std::size_t position_ = 0;
};

void put_endplate(Writer& out, const Endplate& plate) {
  out.put(plate.post);
  out.put(plate.ant);
}
Endplate get_endplate(Reader& in) {
  Endplate plate;
  plate.post = in.get_point();
  plate.ant = in.get_point();
  return plate;
}

void put_landmarks(Writer& out, const Landmarks& landmarks) {
  out.put(static_cast<std::int32_t>(landmarks.anterior == Side::left ? 0 : 1));
  for (const auto& vertebra : landmarks.vertebrae) {
    out.put(static_cast<std::int32_t>(vertebra.has_value()));
    if (!vertebra) continue;
    put_endplate(out, vertebra->sup);
    put_endplate(out, vertebra->inf);
  }
  out.put(static_cast<std::int32_t>(landmarks.s1.has_value()));
  if (landmarks.s1) put_endplate(out, *landmarks.s1);
  out.put(static_cast<std::int32_t>(landmarks.femoral_heads.size()));
  for (const auto& head : landmarks.femoral_heads) {
    out.put(head.center);
    out.put(head.radius);
  }
}

Landmarks get_landmarks(Reader& in, cv::Size size) {
  Landmarks landmarks;
  landmarks.size = size;
  landmarks.anterior = in.get<std::int32_t>() == 0 ? Side::left : Side::right;
  for (auto& vertebra : landmarks.vertebrae) {
    if (in.get<std::int32_t>() == 0) continue;
    VertebraCorners corners;
    corners.sup = get_endplate(in);
    corners.inf = get_endplate(in);
    vertebra = corners;
  }
  if (in.get<std::int32_t>() != 0) landmarks.s1 = get_endplate(in);
  const auto heads = in.get<std::int32_t>();
  if (heads < 0 || heads > 2) in.fail("impossible number of femoral heads");
  for (int i = 0; i < heads; ++i) {
    FemoralHead head;
    head.center = in.get_point();
    head.radius = in.get<double>();
    landmarks.femoral_heads.push_back(head);
  }
  return landmarks;
}

/// A map stored as the bounding box of its nonzero values, quantised to 16 bits of its maximum.
void put_map(Writer& out, const cv::Mat& map) {
  cv::Rect box;
  double largest = 0;
  if (!map.empty()) {
    cv::Point low(map.cols, map.rows);
    cv::Point high(-1, -1);
    for (int y = 0; y < map.rows; ++y) {
      const float* row = map.ptr<float>(y);
      for (int x = 0; x < map.cols; ++x) {
        if (!(row[x] > 0)) continue;
        low = {std::min(low.x, x), std::min(low.y, y)};
        high = {std::max(high.x, x), y};
        largest = std::max(largest, static_cast<double>(row[x]));
      }
    }
    if (high.x >= 0) box = cv::Rect(low, high + cv::Point(1, 1));
  }
  for (const int v : {box.x, box.y, box.width, box.height}) out.put(static_cast<std::int32_t>(v));
  const double step = largest / std::numeric_limits<std::uint16_t>::max();
  out.put(step);
  if (box.empty()) return;
  cv::Mat quantised;
  map(box).convertTo(quantised, CV_16U, 1.0 / step);
  out.put_bytes(quantised.data, quantised.total() * quantised.elemSize());
}

cv::Mat get_map(Reader& in, cv::Size size) {
  cv::Rect box;
  for (int* v : {&box.x, &box.y, &box.width, &box.height}) *v = in.get<std::int32_t>();
  const auto step = in.get<double>();
  if (box.width == 0 || box.height == 0) return {};
  if (box.x < 0 || box.y < 0 || box.width < 0 || box.height < 0 || box.width > size.width - box.x ||
      box.height > size.height - box.y) {
    in.fail("a map lies outside the film");
  }
  cv::Mat quantised(box.size(), CV_16UC1);
  in.take(quantised.data, quantised.total() * quantised.elemSize());
  cv::Mat map = cv::Mat::zeros(size, CV_32FC1);
  cv::Mat part = map(box);
  quantised.convertTo(part, CV_32F, step);
  return map;
}

}  // namespace

std::filesystem::path ProjectionCache::file_of(std::uint64_t seed) const {
  return folder_ / ("paths-" + std::to_string(seed) + ".bin");
}

std::vector<std::uint64_t> ProjectionCache::seeds() const {
  std::vector<std::uint64_t> found;
  for (const auto& item : list_folder(folder_).entries) {
    const std::string name = item.filename().string();
    const bool fits = name.starts_with("paths-") && name.ends_with(".bin");
    const std::string digits = fits ? name.substr(6, name.size() - 10) : "";
    if (digits.empty() || digits.size() > 18 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    found.push_back(std::stoull(digits));
  }
  std::sort(found.begin(), found.end());
  return found;
}

sim::PathLengthProjections ProjectionCache::read(std::uint64_t seed) const {
  const auto file = file_of(seed);
  Reader in(read_file(file), file.string());
  std::string magic(kMagic.size(), '\0');
  in.take(magic.data(), magic.size());
  if (magic != kMagic) in.fail("not a path-length file of this version");
  const auto width = in.get<std::int32_t>();
  const auto height = in.get<std::int32_t>();
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) in.fail("impossible size");
  const cv::Size size(width, height);
  sim::PathLengthProjections paths;
  paths.pixel_mm = in.get<double>();
  paths.magnification = in.get<double>();
  paths.landmarks = get_landmarks(in, size);
  for (auto& map : paths.length_mm) map = get_map(in, size);
  paths.structures.create(size, CV_8UC1);
  in.take(paths.structures.data, paths.structures.total());
  if (in.get<std::int32_t>() != 0) {
    paths.implant.create(size, CV_8UC1);
    in.take(paths.implant.data, paths.implant.total());
  }
  return paths;
}

void ProjectionCache::write(std::uint64_t seed, const sim::PathLengthProjections& paths) const {
  Writer out;
  out.put_bytes(kMagic.data(), kMagic.size());
  out.put(static_cast<std::int32_t>(paths.structures.cols));
  out.put(static_cast<std::int32_t>(paths.structures.rows));
  out.put(paths.pixel_mm);
  out.put(paths.magnification);
  put_landmarks(out, paths.landmarks);
  for (const auto& map : paths.length_mm) put_map(out, map);
  const cv::Mat structures = paths.structures.clone();
  out.put_bytes(structures.data, structures.total());
  out.put(static_cast<std::int32_t>(!paths.implant.empty()));
  if (!paths.implant.empty()) {
    const cv::Mat implant = paths.implant.clone();
    out.put_bytes(implant.data, implant.total());
  }
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  write_file_atomically(file_of(seed), std::string_view(out.bytes()));
}

void ProjectionCache::fill(
    const sim::Simulator& simulator, std::uint64_t first, std::uint64_t count, int threads,
    const std::function<bool()>& stop,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
  const auto present = seeds();
  std::vector<std::uint64_t> missing;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    if (!std::binary_search(present.begin(), present.end(), seed)) missing.push_back(seed);
  }
  std::uint64_t done = count - missing.size();
  std::mutex mutex;
  for_each_index(missing.size(), threads, [&](std::size_t i) {
    if (stop()) return;
    write(missing[i], simulator.render_paths(missing[i], rows_));
    const std::scoped_lock lock(mutex);
    progress(++done, count);
  });
}

}  // namespace spine::train
