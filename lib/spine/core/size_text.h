#pragma once
#include <string>

#include <opencv2/core.hpp>

namespace spine {

/// A size in pixels as messages show it: "columnsxrows", such as "1500x2000".
inline std::string size_text(cv::Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

}  // namespace spine
