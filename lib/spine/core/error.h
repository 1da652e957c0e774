#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace spine {

/// Why something failed; decides the exit code and the `status` column of a study.
enum class ErrorKind {
  usage,          ///< the caller's words are off (option, configuration key)
  not_found,      ///< a named file or folder does not exist, or nothing was found in it
  unreadable,     ///< the file is there but broken (truncated, not an image)
  unsupported,    ///< the file is sound but not of a kind that is read here
  weights,        ///< weights are missing, damaged or of another architecture
  excluded,       ///< sound, but by its tags no film of the kind that is asked for, or a duplicate
  no_spine,       ///< the film was read but shows no lumbar spine
  output,         ///< a result could not be written
  out_of_memory,  ///< of the machine or of its accelerator
  interrupted,    ///< the user asked to stop
  internal,       ///< a fault of this program
};

/// The kind's name as written to files: "usage", "not_found", ...
std::string_view to_string(ErrorKind kind);

/// One line for a person: stage, file, what was expected and what was found.
/// Context is added in front on the way up: `throw error.within("read film a.png")`.
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
