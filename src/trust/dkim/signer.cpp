#include "trust/dkim/signer.h"

#include "trust/dkim/field_text.h"

namespace tegami::dkim {

Signer::Signer() : body_({kSignedBody}) {}

void Signer::feed(std::string_view octets) {
    octets.remove_prefix(header_end_.feed(octets));
    body_.feed(octets);
}

void Signer::finish() {
    body_.finish();
}

std::optional<std::string> Signer::sign(std::string_view front, const message::Header& header,
                                        const std::vector<SigningKey>& keys, Timestamp now) const {
    const message::Header front_header(front);
    if (header.truncated() || front_header.truncated()) return std::nullopt;
    FieldIndex index;
    index.add(front_header);
    index.add(header);
    const std::vector<std::string> names = names_to_sign(index);
    const std::vector<std::string_view> fields = choose_fields(index, names);
    const std::string body_hash = body_.find(kSignedBody).digest;
    std::string signatures;
    for (const SigningKey& key : keys) {
        FoldedText field("DKIM-Signature:");
        field.add("v=1;", " ");
        add_message_tags(field, key, names, body_hash, now);
        signatures += signed_field(std::move(field), fields, key);
    }
    return signatures;
}

} // namespace tegami::dkim
