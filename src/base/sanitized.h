// Whether this is a build with AddressSanitizer or ThreadSanitizer, for the few places where the machine must look different then.
#pragma once

namespace tegami {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

} // namespace tegami
