#include "trust/dkim/checks.h"

#include <algorithm>

namespace tegami::dkim {
namespace {

Result<void, Fault> check_record(const Signature& signature, std::string_view record_text, KeyCache& keys,
                                 std::string_view header_digest, const Fault& of_body, KeyCheck& into) {
    TRY(const auto key, keys.find(record_text, signature.key_type));
    into.testing = key->record.testing;
    if (key->record.exact_identity && signature.identity_domain != signature.domain)
        return failure(Fault{.reason = Reason::identity_not_exact, .tag = "i"});
    if (of_body.reason != Reason::verified) return failure(of_body);
    if (!key->key.verifies(header_digest, signature.octets))
        return failure(Fault{.reason = Reason::signature_mismatch, .tag = "b"});
    return {};
}

} // namespace

/// RFC 6376 §3.5 `t=`, `x=`
Fault check_times(const Signature& signature, Timestamp now) {
    const auto at = [](std::uint64_t seconds) {
        return std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
    };
    // In whole seconds: the largest that a signature can name is beyond what microseconds count.
    const auto today = std::chrono::floor<std::chrono::seconds>(now);
    if (signature.expires_at && at(*signature.expires_at) + kClockDrift < today)
        return {.reason = Reason::expired, .tag = "x"};
    if (signature.made_at && at(*signature.made_at) > today + kClockDrift)
        return {.reason = Reason::in_future, .tag = "t"};
    return {};
}

Fault check_body(const Signature& signature, const BodyHash& body) {
    if (body.digest.empty()) return {.reason = Reason::body_too_short, .tag = "l"};
    if (body.digest != signature.body_hash) return {.reason = Reason::body_hash_mismatch, .tag = "bh"};
    return {};
}

KeyCheck check_key(const Signature& signature, const trust::Answer& answer, KeyCache& keys,
                   std::string_view header_digest, const Fault& of_body) {
    KeyCheck best;
    best.fault.reason = answer.kind == trust::AnswerKind::failure ? Reason::key_unavailable : Reason::key_missing;
    std::vector<std::string> records = trust::texts(answer);
    std::ranges::sort(records); // The order of an answer means nothing, so it must not change the verdict.
    records.resize(std::min(records.size(), kKeyRecordsMax));
    for (const std::string& record : records) {
        KeyCheck tried;
        const auto checked = check_record(signature, record, keys, header_digest, of_body, tried);
        if (checked) return tried;
        tried.fault = checked.error();
        if (best.fault.reason == Reason::key_missing || best.fault.reason == Reason::key_syntax) best = tried;
    }
    return best;
}

} // namespace tegami::dkim
