#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/eval/agreement.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/strata.h"
#include "spine/eval/text_table.h"

namespace spine {

/// Comparison of two methods on the same films by one quantity.
struct PairedComparison {
  std::string quantity, unit;    ///< "Dice L1"; "MAE PT", "deg"
  double first = 0, second = 0;  ///< means over patients
  std::size_t films = 0;         ///< films with a value of both methods
  /// Second minus first, paired by patient; nullopt: fewer than three patients.
  std::optional<PairedTest> test;
};

/// Compares Dice of every structure and absolute errors of the main measurements over the films for
/// which both methods have a value. Films of the same patient are averaged before the bootstrap.
/// @param patients  patient of each study; a study not listed is its own patient
std::vector<PairedComparison> compare_methods(const Evaluation& first, const Evaluation& second,
                                              const Strata& patients = {});

/// Formats comparisons, one row per quantity.
TextTable paired_table(const std::vector<PairedComparison>& rows);

}  // namespace spine
