#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "spine/cli/shared_options.h"
#include "spine/review/export.h"
#include "spine/review/http_server.h"
#include "spine/review/report.h"
#include "spine/review/service.h"

namespace spine::review {

/// How the program is named in its messages.
inline constexpr const char* kProgram = "spine-review";

/// Options of the command line of spine-review.
struct CommandOptions {
  cli::SharedOptions films;  ///< which films, and how they are named
  std::string results;
  std::string table;    ///< of groups; empty: none
  std::string output;   ///< RESULTS of films that may have to be measured first; empty: not given
  std::string program;  ///< spine-pipeline; empty: to be found
  std::vector<std::string> pipeline;  ///< further options for it
  ReviewOptions review;
  HttpServerOptions server;
  bool blind = false;
  int session = 1;
  double blind_first = 0;  ///< per cent
  bool open = false;
  std::string export_table, html;  ///< files to be written instead of a page; empty: none
  ReportOptions report;
  ExportOptions exporting;
};

/// Declares all options.
void declare(CLI::App& app, CommandOptions& options);

}  // namespace spine::review
