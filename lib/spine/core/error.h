#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace spine {

/// Category of a failure. Determines the exit code and the `status` column of a study.
enum class ErrorKind {
  usage,        ///< invalid option, argument or configuration key
  not_found,    ///< a named file or folder does not exist, or contains no usable input
  unreadable,   ///< the file exists but is corrupt (truncated, not an image)
  unsupported,  ///< the file is valid but of an unsupported kind
  weights,      ///< weights are missing, damaged or of another architecture
  excluded,  ///< valid, but excluded by its tags (not the requested kind of film) or as a duplicate
  no_spine,  ///< the film was read but no lumbar spine was detected
  output,    ///< a result could not be written
  out_of_memory,  ///< of host or accelerator memory
  interrupted,    ///< stopped by the user
  internal,       ///< a defect of this program
};

/// Name of the kind as written to files: "usage", "not_found", ...
std::string_view to_string(ErrorKind kind);

/// Exception with a kind and a one-line message: stage, file, what was expected and what was found.
/// Control characters are removed from the message and long messages are truncated. Callers add
/// context on the way up: `throw error.within("read film a.png")`.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  /// A copy whose message reads "<context>: <message>".
  [[nodiscard]] Error within(const std::string& context) const;

 private:
  ErrorKind kind_;
};

}  // namespace spine
