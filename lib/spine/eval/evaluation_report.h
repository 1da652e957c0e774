#pragma once
#include <filesystem>
#include <string>

#include "spine/eval/evaluate.h"

// Result of evaluate() as text and tables.
namespace spine {

/// A Markdown table of the studies that could not be compared because one of their files cannot be
/// read, with the reasons; empty for none.
std::string faults_markdown(const Evaluation& evaluation);

/// The result as Markdown tables: overlap; errors of PT, SS, PI, LL, PI_LL, L4_S1 and the segmental
/// angles; agreement of prediction and reference as two raters (agreement.h); if any, the studies
/// that could not be compared, with reasons.
std::string to_markdown(const Evaluation& evaluation);

/// Writes dice.csv (one row per study and structure), errors.csv (per study and measurement),
/// summary.csv and agreement.csv (per measurement), summary.md and summary.tex (booktabs) to a
/// folder, which is created.
/// @throws Error(output)
void write_evaluation(const std::filesystem::path& folder, const Evaluation& evaluation);

}  // namespace spine
