#pragma once

namespace spine {

/// Lets the C library keep memory that is freed, for what is allocated next, instead of giving it
/// back: large blocks that live for milliseconds (maps of a network, masks of a film) would
/// otherwise be cleared page by page each time. For a program's beginning, before it starts
/// threads. The process then keeps the most memory that it has needed.
/// @returns whether the library does so; only glibc does
bool keep_freed_memory();

}  // namespace spine
