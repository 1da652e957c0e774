#include "spine/sim/mesh_io.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "spine/core/error.h"

namespace spine::sim {
namespace {

constexpr std::size_t kStlHeaderBytes = 80;
constexpr std::size_t kStlFaceBytes = 50;
constexpr std::size_t kMaxElements = 50'000'000;  // far beyond any bone; guards broken headers

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::unreadable, "read mesh " + file.string() + ": " + what);
}

std::string read_bytes(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw Error(ErrorKind::not_found,
                "read mesh " + file.string() + ": expected a file, found none");
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) fail(file, "expected readable data, found an empty or unreadable file");
  return out.str();
}

template <typename T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

enum class Scalar { i8, u8, i16, u16, i32, u32, f32, f64 };

Scalar scalar_from_word(const std::filesystem::path& file, const std::string& word) {
  static const std::map<std::string, Scalar> kWords{
      {"char", Scalar::i8},    {"int8", Scalar::i8},     {"uchar", Scalar::u8},
      {"uint8", Scalar::u8},   {"short", Scalar::i16},   {"int16", Scalar::i16},
      {"ushort", Scalar::u16}, {"uint16", Scalar::u16},  {"int", Scalar::i32},
      {"int32", Scalar::i32},  {"uint", Scalar::u32},    {"uint32", Scalar::u32},
      {"float", Scalar::f32},  {"float32", Scalar::f32}, {"double", Scalar::f64},
      {"float64", Scalar::f64}};
  const auto found = kWords.find(word);
  if (found == kWords.end()) fail(file, "expected a PLY number type, found '" + word + "'");
  return found->second;
}

std::size_t bytes_of(Scalar type) {
  switch (type) {
    case Scalar::i8:
    case Scalar::u8:
      return 1;
    case Scalar::i16:
    case Scalar::u16:
      return 2;
    case Scalar::i32:
    case Scalar::u32:
    case Scalar::f32:
      return 4;
    case Scalar::f64:
      return 8;
  }
  return 0;
}

struct Property {
  std::string name;
  Scalar type = Scalar::f32;
  bool is_list = false;
  Scalar count_type = Scalar::u8;
};
struct Element {
  std::string name;
  std::size_t count = 0;
  std::vector<Property> properties;
};
struct PlyHeader {
  bool ascii = false;
  std::vector<Element> elements;
  std::size_t data_offset = 0;
};

std::string next_line(const std::string& bytes, std::size_t& pos) {
  const std::size_t end = bytes.find('\n', pos);
  if (end == std::string::npos) return {};
  std::string line = bytes.substr(pos, end - pos);
  pos = end + 1;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

PlyHeader read_header(const std::filesystem::path& file, const std::string& bytes) {
  std::size_t pos = 0;
  if (next_line(bytes, pos) != "ply") fail(file, "expected a PLY file, found no 'ply' line");
  PlyHeader header;
  bool ended = false;
  while (!ended && pos < bytes.size()) {
    const std::size_t before = pos;
    std::istringstream line(next_line(bytes, pos));
    if (pos == before) break;
    std::string word;
    line >> word;
    if (word == "format") {
      line >> word;
      if (word == "ascii")
        header.ascii = true;
      else if (word != "binary_little_endian") {
        fail(file, "expected ascii or binary_little_endian, found '" + word + "'");
      }
    } else if (word == "element") {
      Element element;
      if (!(line >> element.name >> element.count) || element.count > kMaxElements) {
        fail(file, "expected 'element NAME COUNT' in the PLY header");
      }
      header.elements.push_back(element);
    } else if (word == "property") {
      if (header.elements.empty()) fail(file, "expected an element before its properties");
      Property property;
      line >> word;
      if (word == "list") {
        property.is_list = true;
        line >> word;
        property.count_type = scalar_from_word(file, word);
        line >> word;
      }
      property.type = scalar_from_word(file, word);
      line >> property.name;
      header.elements.back().properties.push_back(property);
    } else if (word == "end_header") {
      ended = true;
    }
  }
  if (!ended) fail(file, "expected a complete PLY header, found its end missing");
  header.data_offset = pos;
  return header;
}

/// Numbers of the data section, one by one, in either encoding.
class NumberReader {
 public:
  NumberReader(const std::filesystem::path& file, const std::string& bytes, const PlyHeader& header)
      : file_(file), bytes_(bytes), pos_(header.data_offset), ascii_(header.ascii) {
    if (ascii_) text_.str(bytes.substr(pos_));
  }
  double next(Scalar type) {
    if (ascii_) {
      double value = 0;
      if (!(text_ >> value)) truncated();
      return value;
    }
    const std::size_t size = bytes_of(type);
    if (pos_ + size > bytes_.size()) truncated();
    const char* at = bytes_.data() + pos_;
    pos_ += size;
    switch (type) {
      case Scalar::i8:
        return load<std::int8_t>(at);
      case Scalar::u8:
        return load<std::uint8_t>(at);
      case Scalar::i16:
        return load<std::int16_t>(at);
      case Scalar::u16:
        return load<std::uint16_t>(at);
      case Scalar::i32:
        return load<std::int32_t>(at);
      case Scalar::u32:
        return load<std::uint32_t>(at);
      case Scalar::f32:
        return static_cast<double>(load<float>(at));
      case Scalar::f64:
        return load<double>(at);
    }
    return 0;
  }

 private:
  [[noreturn]] void truncated() const {
    fail(file_, "expected as much data as the header says, found the file truncated");
  }
  const std::filesystem::path& file_;
  const std::string& bytes_;
  std::size_t pos_;
  bool ascii_;
  std::istringstream text_;
};

void read_vertices(const Element& element, NumberReader& numbers, Mesh& mesh) {
  for (std::size_t i = 0; i < element.count; ++i) {
    cv::Vec3f point(0, 0, 0);
    for (const Property& property : element.properties) {
      const auto value = static_cast<float>(numbers.next(property.type));
      if (property.name == "x") point[0] = value;
      if (property.name == "y") point[1] = value;
      if (property.name == "z") point[2] = value;
    }
    mesh.vertices.push_back(point);
  }
}

void read_faces(const std::filesystem::path& file, const Element& element, NumberReader& numbers,
                Mesh& mesh) {
  for (std::size_t i = 0; i < element.count; ++i) {
    for (const Property& property : element.properties) {
      if (!property.is_list) {
        numbers.next(property.type);
        continue;
      }
      const double count = numbers.next(property.count_type);
      if (count != 3) fail(file, "expected triangles, found a face of another number of corners");
      std::array<std::uint32_t, 3> face{};
      for (auto& index : face) {
        const double value = numbers.next(property.type);
        if (value < 0 || value >= static_cast<double>(mesh.vertices.size())) {
          fail(file, "expected a vertex index below the vertex count, found another");
        }
        index = static_cast<std::uint32_t>(value);
      }
      mesh.faces.push_back(face);
    }
  }
}

void check_content(const std::filesystem::path& file, const Mesh& mesh) {
  if (mesh.faces.empty()) fail(file, "expected triangles, found none");
  for (const auto& v : mesh.vertices) {
    if (!std::isfinite(v[0]) || !std::isfinite(v[1]) || !std::isfinite(v[2])) {
      fail(file, "expected finite coordinates, found others");
    }
  }
}

}  // namespace

Mesh read_ply(const std::filesystem::path& file) {
  const std::string bytes = read_bytes(file);
  const PlyHeader header = read_header(file, bytes);
  NumberReader numbers(file, bytes, header);
  Mesh mesh;
  for (const Element& element : header.elements) {
    if (element.name == "vertex") read_vertices(element, numbers, mesh);
    if (element.name == "face") {
      read_faces(file, element, numbers, mesh);
      break;  // nothing behind the faces is of use
    }
  }
  check_content(file, mesh);
  return mesh;
}

Mesh read_stl(const std::filesystem::path& file) {
  const std::string bytes = read_bytes(file);
  if (bytes.size() < kStlHeaderBytes + 4) fail(file, "expected a binary STL, found a shorter file");
  const auto count = load<std::uint32_t>(bytes.data() + kStlHeaderBytes);
  if (bytes.size() < kStlHeaderBytes + 4 + kStlFaceBytes * count) {
    fail(file, "expected " + std::to_string(count) + " triangles, found the file truncated");
  }
  Mesh mesh;
  std::map<std::array<float, 3>, std::uint32_t> known;
  for (std::size_t i = 0; i < count; ++i) {
    const char* at = bytes.data() + kStlHeaderBytes + 4 + kStlFaceBytes * i + 12;
    std::array<std::uint32_t, 3> face{};
    for (std::size_t k = 0; k < 3; ++k) {
      std::array<float, 3> p{};
      for (std::size_t c = 0; c < 3; ++c) p[c] = load<float>(at + 12 * k + 4 * c);
      const auto next = static_cast<std::uint32_t>(mesh.vertices.size());
      const auto [entry, is_new] = known.try_emplace(p, next);
      if (is_new) mesh.vertices.emplace_back(p[0], p[1], p[2]);
      face[k] = entry->second;
    }
    if (face[0] != face[1] && face[1] != face[2] && face[2] != face[0]) mesh.faces.push_back(face);
  }
  check_content(file, mesh);
  return mesh;
}

void write_stl(const std::filesystem::path& file, const Mesh& mesh) {
  std::string bytes(kStlHeaderBytes, ' ');
  const auto append = [&bytes](const auto& value) {
    std::array<char, sizeof(value)> raw{};
    std::memcpy(raw.data(), &value, sizeof(value));
    bytes.append(raw.data(), raw.size());
  };
  append(static_cast<std::uint32_t>(mesh.faces.size()));
  for (const auto& face : mesh.faces) {
    for (int i = 0; i < 3; ++i) append(0.0F);  // viewers derive the normal from the winding
    for (const auto index : face) {
      for (int c = 0; c < 3; ++c) append(mesh.vertices[index][c]);
    }
    append(std::uint16_t{0});
  }
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out)
    throw Error(ErrorKind::output, "write mesh " + file.string() + ": cannot write the file");
}

}  // namespace spine::sim
