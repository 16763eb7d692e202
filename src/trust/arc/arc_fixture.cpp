#include "trust/arc/arc_fixture.h"

namespace tegami::arc {
namespace {

using dkim::Canonicalization;

std::string filled(std::string text, std::size_t instance) {
    for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%'))
        text.replace(at, 1, std::to_string(instance));
    if (const std::size_t at = text.find("cv=?"); at != text.npos)
        text.replace(at, 4, instance == 1 ? "cv=none" : "cv=pass");
    return text;
}

std::string field_of(std::string unsigned_field, const std::vector<std::string_view>& fields, Canonicalization form) {
    const std::string digest =
        dkim::header_digest(form, fields, unsigned_field, unsigned_field.size(), unsigned_field.size());
    return unsigned_field + base64::encode(key_pair(KeyType::ed25519).sign(digest)) + "\r\n";
}

std::string signed_by_hand(const std::string& claims, std::string_view message) {
    const std::string value = claims + "; bh=" + base64::encode(std::string(dkim::kDigestBytes, 'x')) + "; b=AAAA";
    const auto tags = dkim::TagList::parse(value);
    const auto signature =
        tags ? dkim::parse_signature(*tags, dkim::SignatureKind::arc_message_signature) : failure(dkim::Fault{});
    if (!signature) return "ARC-Message-Signature: " + value + "\r\n";
    const message::Header header(message);
    dkim::BodyHasher body({signature->body});
    body.feed(message.substr(header.size()));
    body.finish();
    std::string digest = body.find(signature->body).digest;
    digest.resize(dkim::kDigestBytes);
    dkim::FieldIndex index;
    index.add(header);
    return field_of("ARC-Message-Signature: " + claims + "; bh=" + base64::encode(digest) + "; b=",
                    dkim::choose_fields(index, signature->signed_names), signature->header_form);
}

} // namespace

std::string hand_sealed(std::string_view message, const std::vector<HandSet>& sets) {
    std::string whole(message);
    std::vector<std::string> fields;
    for (std::size_t at = 0; at < sets.size(); ++at) {
        const HandSet& set = sets[at];
        if (!set.results.empty()) fields.push_back(filled(set.results, at + 1));
        if (!set.message_signature.empty())
            fields.push_back(signed_by_hand(filled(set.message_signature, at + 1), message));
        if (!set.seal.empty())
            fields.push_back(field_of("ARC-Seal: " + filled(set.seal, at + 1) + "; b=", {fields.begin(), fields.end()},
                                      Canonicalization::relaxed));
    }
    for (const std::string& field : fields)
        whole.insert(0, field);
    return whole;
}

} // namespace tegami::arc
