#pragma once

namespace spine {

/// Lets the C library keep memory that is freed, for what is allocated next, instead of giving it
/// back: large blocks that live for milliseconds (maps of a network, masks of a film) would
/// otherwise be cleared page by page each time, which took half of a run's time. For a program's
/// beginning, before it starts threads; without glibc it does nothing. The process then keeps the
/// most memory that it has needed.
void keep_freed_memory();

}  // namespace spine
