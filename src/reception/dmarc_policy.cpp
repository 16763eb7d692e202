#include "reception/dmarc_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::reception {

namespace {

bool is_authenticated(const verification::Verdicts& verdicts) {
    const spf::Verdict* const spf = verdicts.spf();
    return (spf && spf->outcome == spf::Outcome::pass) ||
           std::ranges::any_of(verdicts.dkim, [](const dkim::SignatureResult& signature) {
               return signature.verdict() == dkim::Verdict::pass;
           });
}

/// RFC 2919, RFC 2369.
bool is_from_a_list(const message::Header& header) {
    return header.contains("List-Id") || header.contains("List-Post");
}

/// Whether DMARC passed where the letter came into hands that we trust (RFC 8617 §7.2.1).
bool was_right(const arc::Set* set) {
    return set != nullptr && set->results &&
           std::ranges::any_of(set->results->results, [](const trust::MethodResult& result) {
               return result.method == "dmarc" && result.result == "pass";
           });
}

} // namespace

DmarcAction dmarc_action(const verification::Verdicts& verdicts, const message::Header& header,
                         const std::set<message::Domain>& trusted_sealers) {
    const dmarc::Verdict& dmarc = verdicts.dmarc;
    // Who names so many authors hides one of them among the others.
    if (dmarc.reason == dmarc::Reason::too_many_authors) return {.action = dmarc::Policy::quarantine};
    if (dmarc.result != dmarc::Outcome::fail || dmarc.policy == dmarc::Policy::none) return {};
    if (was_right(arc::trusted_set(verdicts.arc, trusted_sealers)))
        return {.action = dmarc::Policy::none, .reasons = {{.type = dmarc::OverrideType::trusted_forwarder}}};
    if (dmarc.policy == dmarc::Policy::reject && is_from_a_list(header) && is_authenticated(verdicts))
        return {.action = dmarc::Policy::quarantine, .reasons = {{.type = dmarc::OverrideType::mailing_list}}};
    return {.action = dmarc.policy};
}

Result<bool, smtp::Reply> apply_dmarc(const verification::Verdicts& verdicts, const message::Header& header,
                                      const std::set<message::Domain>& trusted_sealers) {
    const dmarc::Verdict& dmarc = verdicts.dmarc;
    const dmarc::Policy action = dmarc_action(verdicts, header, trusted_sealers).action;
    if (action != dmarc::Policy::reject) return action == dmarc::Policy::quarantine;
    // RFC 7372 §3.1
    return failure(smtp::make_reply(
        550, "5.7.26",
        fmt::format(
            "the letter says that it is from {0}, but it does not come from a server of {0} and has no valid signature "
            "of {0}; {0} asks to refuse such letters (DMARC)",
            dmarc.author ? dmarc.author->display() : "?")));
}

} // namespace tegami::reception
