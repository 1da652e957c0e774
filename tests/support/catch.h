#pragma once
// One include for both Catch2 major versions.
#if SPINE_CATCH2_MAJOR >= 3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>  // has its own `using` for Approx
#endif
