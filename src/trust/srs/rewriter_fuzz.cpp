// What is rewritten can be turned back; nothing that strangers invent can.
#include "base/assert.h"
#include "trust/srs/rewriter.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    static const srs::Rewriter rewriter("secret", *message::Domain::parse("b.test"));
    const Timestamp now{std::chrono::seconds(1'790'000'000)};
    const auto address = message::parse_email_address({reinterpret_cast<const char*>(data), size});
    if (!address) return 0;
    const auto invented = rewriter.restore(*address, now);
    ASSERT(!invented.has_value());
    if (const auto rewritten = rewriter.rewrite(*address, now)) {
        ASSERT(srs::Rewriter::is_rewritten(*rewritten));
        const auto restored = rewriter.restore(*rewritten, now);
        ASSERT(restored.has_value());
        ASSERT(srs::Rewriter::is_rewritten(*address) || *restored == *address);
    }
    return 0;
}
