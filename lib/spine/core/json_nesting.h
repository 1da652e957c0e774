#pragma once
#include <string_view>

namespace spine {

/// Arrays and objects within each other that a JSON text may have: no file that is read here needs
/// more than ten levels. What holds a parsed document copies and prints it by recursion, so that a
/// few kilobytes of brackets would otherwise use up the stack.
constexpr int kMaxJsonLevels = 100;

/// Whether a text that may be JSON (RFC 8259) is nested deeper than that. Brackets within strings
/// do not count; what is no JSON at all gets some answer.
bool is_nested_too_deep(std::string_view json);

}  // namespace spine
