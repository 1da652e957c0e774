#pragma once
// Included before all else where Clang 14 compiles C++20 (CMake, SPINE_FUZZ). It evaluates the
// constexpr destructor of libstdc++'s std::vector where LibTorch's headers only name a vector of a
// type that they complete later, which neither GCC nor the standard library of C++17 minds: so
// std::vector, and nothing else, is not constexpr here.
#include <algorithm>
#include <memory>
#include <string>
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 __fill_a1_of_bits  // declared as constexpr already
#include <vector>
#undef __fill_a1
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
