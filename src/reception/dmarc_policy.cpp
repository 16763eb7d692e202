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

} // namespace

Result<bool, smtp::Reply> apply_dmarc(const verification::Verdicts& verdicts, const message::Header& header) {
    const dmarc::Verdict& dmarc = verdicts.dmarc;
    if (dmarc.result != dmarc::Outcome::fail || dmarc.policy == dmarc::Policy::none) return false;
    const bool explained = is_from_a_list(header) && is_authenticated(verdicts);
    if (dmarc.policy == dmarc::Policy::quarantine || explained) return true;
    // RFC 7372 §3.1
    return failure(smtp::make_reply(
        550, "5.7.26",
        fmt::format(
            "the letter says that it is from {0}, but it does not come from a server of {0} and has no valid signature "
            "of {0}; {0} asks to refuse such letters (DMARC)",
            dmarc.author ? dmarc.author->display() : "?")));
}

} // namespace tegami::reception
