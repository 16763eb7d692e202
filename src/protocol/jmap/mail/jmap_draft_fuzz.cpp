// Any JSON as a new message: what is written has only fields that were asked for, in lines that end in CR LF.
#include "base/ascii.h"
#include "base/assert.h"
#include "message/header.h"
#include "protocol/jmap/mail/draft.h"
#include "protocol/jmap/mail/header_form.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::jmap;
    const auto value = read_json({reinterpret_cast<const char*>(data), size}, 50);
    if (!value || !value->is_object()) return 0;
    const auto draft = Draft::read(value->get_object());
    if (!draft) {
        ASSERT(draft.error().type == "invalidProperties");
        return 0;
    }
    std::string message;
    for (const DraftPiece& piece : draft->write({.now = {}, .message_id = "a@b", .boundary = "b", .looks = {}}))
        if (const auto* text = std::get_if<std::string>(&piece)) message += *text;
    std::set<std::string> allowed{"date", "message-id", "mime-version"};
    for (const auto& [name, of_property] : value->get_object()) {
        auto property =
            name.starts_with("header:") ? parse_header_property(name).value_or(HeaderProperty()) : HeaderProperty();
        if (const auto convenient = find_header_property(name)) property = *convenient;
        allowed.insert(ascii::lower(property.field));
    }
    const message::Header header(message);
    ASSERT(header.has_end());
    for (const message::HeaderField& field : header.fields()) {
        const std::string name = ascii::lower(header.name(field));
        ASSERT(name.starts_with("content-") || allowed.contains(name) || value->get_object().contains("bodyStructure"));
    }
    for (std::size_t at = 0; at < message.size(); ++at) {
        if (message[at] == '\n') ASSERT(at > 0 && message[at - 1] == '\r');
        ASSERT(message[at] != '\0');
    }
    return 0;
}
