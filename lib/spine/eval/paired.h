#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/eval/agreement.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/strata.h"
#include "spine/eval/text_table.h"

namespace spine {

/// Two methods on the same films, by one quantity.
struct PairedComparison {
  std::string quantity, unit;      ///< "Dice L1"; "MAE PT", "deg"
  double first = 0, second = 0;    ///< means over patients
  std::size_t films = 0;           ///< those that both have
  std::optional<PairedTest> test;  ///< second minus first, by patients; nullopt: fewer than three
};

/// Dice of every structure, and absolute errors of the main measurements, over the films for which
/// both methods have a value. Films of one patient are averaged before patients are drawn.
/// @param patients  patient of each study; one that is not there is a patient of its own
std::vector<PairedComparison> compare_methods(const Evaluation& first, const Evaluation& second,
                                              const Strata& patients = {});

TextTable paired_table(const std::vector<PairedComparison>& rows);

}  // namespace spine
