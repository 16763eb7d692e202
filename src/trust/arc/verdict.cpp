#include "trust/arc/verdict.h"

#include "base/assert.h"

namespace tegami::arc {

std::string_view to_string(Status status) {
    switch (status) {
    case Status::none: return "none";
    case Status::pass: return "pass";
    case Status::fail: return "fail";
    }
    ASSERT(false);
    return {};
}

std::string_view to_string(Reason reason) {
    switch (reason) {
    case Reason::no_sets: return "no-sets";
    case Reason::verified: return "verified";
    case Reason::header_too_long: return "header-too-long";
    case Reason::too_many_sets: return "too-many-sets";
    case Reason::already_failed: return "already-failed";
    case Reason::field_unreadable: return "field-unreadable";
    case Reason::field_repeated: return "field-repeated";
    case Reason::field_missing: return "field-missing";
    case Reason::set_missing: return "set-missing";
    case Reason::wrong_status: return "wrong-status";
    case Reason::message_signature_failed: return "message-signature-failed";
    case Reason::seal_failed: return "seal-failed";
    }
    ASSERT(false);
    return {};
}

const Set* trusted_set(const Verdict& verdict, const std::set<message::Domain>& trusted) {
    if (verdict.status != Status::pass || verdict.unsigned_octets != 0) return nullptr;
    const Set* oldest = nullptr;
    for (auto set = verdict.sets.rbegin(); set != verdict.sets.rend(); ++set) {
        if (!set->seal.domain || !trusted.contains(*set->seal.domain)) break;
        oldest = &*set;
    }
    return oldest;
}

} // namespace tegami::arc
