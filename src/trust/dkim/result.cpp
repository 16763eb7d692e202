#include "trust/dkim/result.h"

#include "base/assert.h"

namespace tegami::dkim {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::fail: return "fail";
    case Verdict::policy: return "policy";
    case Verdict::neutral: return "neutral";
    case Verdict::temperror: return "temperror";
    case Verdict::permerror: return "permerror";
    }
    ASSERT(false);
    return {};
}

std::string_view to_string(Reason reason) {
    switch (reason) {
    case Reason::verified: return "verified";
    case Reason::body_hash_mismatch: return "body-hash-mismatch";
    case Reason::body_too_short: return "body-too-short";
    case Reason::signature_mismatch: return "signature-mismatch";
    case Reason::algorithm_not_allowed: return "algorithm-not-allowed";
    case Reason::key_too_short: return "key-too-short";
    case Reason::key_too_long: return "key-too-long";
    case Reason::expired: return "expired";
    case Reason::in_future: return "in-future";
    case Reason::over_limit: return "over-limit";
    case Reason::signature_syntax: return "signature-syntax";
    case Reason::tag_missing: return "tag-missing";
    case Reason::version_unknown: return "version-unknown";
    case Reason::algorithm_unknown: return "algorithm-unknown";
    case Reason::canonicalization_unknown: return "canonicalization-unknown";
    case Reason::query_unknown: return "query-unknown";
    case Reason::header_too_long: return "header-too-long";
    case Reason::key_unavailable: return "key-unavailable";
    case Reason::from_not_signed: return "from-not-signed";
    case Reason::domain_mismatch: return "domain-mismatch";
    case Reason::identity_not_exact: return "identity-not-exact";
    case Reason::key_missing: return "key-missing";
    case Reason::key_syntax: return "key-syntax";
    case Reason::key_revoked: return "key-revoked";
    case Reason::key_of_other_type: return "key-of-other-type";
    case Reason::key_not_for_hash: return "key-not-for-hash";
    case Reason::key_not_for_email: return "key-not-for-email";
    }
    ASSERT(false);
    return {};
}

Verdict verdict_of(Reason reason) {
    switch (reason) {
    case Reason::verified: return Verdict::pass;
    case Reason::body_hash_mismatch:
    case Reason::body_too_short:
    case Reason::signature_mismatch: return Verdict::fail;
    case Reason::algorithm_not_allowed:
    case Reason::key_too_short:
    case Reason::key_too_long:
    case Reason::expired:
    case Reason::in_future:
    case Reason::over_limit: return Verdict::policy;
    case Reason::signature_syntax:
    case Reason::tag_missing:
    case Reason::version_unknown:
    case Reason::algorithm_unknown:
    case Reason::canonicalization_unknown:
    case Reason::query_unknown:
    case Reason::header_too_long: return Verdict::neutral;
    case Reason::key_unavailable: return Verdict::temperror;
    case Reason::from_not_signed:
    case Reason::domain_mismatch:
    case Reason::identity_not_exact:
    case Reason::key_missing:
    case Reason::key_syntax:
    case Reason::key_revoked:
    case Reason::key_of_other_type:
    case Reason::key_not_for_hash:
    case Reason::key_not_for_email: return Verdict::permerror;
    }
    ASSERT(false);
    return {};
}

} // namespace tegami::dkim
