#pragma once

namespace spine {

/// Makes the C library retain freed memory for later allocations instead of returning it to the
/// system: large short-lived blocks (network activations, masks) would otherwise be zeroed page by
/// page every time. To be called at program start, before threads are started. The process keeps
/// its peak memory from then on.
/// @returns whether the library supports this (glibc only)
bool keep_freed_memory();

}  // namespace spine
