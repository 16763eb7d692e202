// Modified UTF-7 that is taken comes back the same, and whatever is encoded can be decoded.
#include "base/assert.h"
#include "protocol/imap/mailbox_name.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::imap;
    const std::string text(data, data + size);
    if (const auto utf8 = decode_modified_utf7(text)) ASSERT(encode_modified_utf7(*utf8) == text);
    ASSERT(decode_modified_utf7(encode_modified_utf7(text)).has_value());
    if (const auto name = MailboxName::from_utf8(text)) {
        const auto again = MailboxName::from_wire(to_wire(name->utf8(), {}), {});
        ASSERT(again.has_value() && *again == *name);
    }
    return 0;
}
