// Chains, as tests of this room make them.
#pragma once

#include "base/base64.h"
#include "trust/arc/sealer.h"
#include "trust/arc/validator.h"
#include "trust/dkim/dkim_fixture.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::arc {

using dkim::domain;
using dkim::key_pair;
using dkim::KeyType;
using dkim::kNow;

inline constexpr std::string_view kMessage = "Received: by a\r\n"
                                             "From: Ann <ann@a.test>\r\n"
                                             "Subject: A  subject\r\n"
                                             "To: b@b.test\r\n"
                                             "\r\n"
                                             "One  line \r\n"
                                             "\r\n"
                                             "another\r\n";

/// Who seals: "one.test" with selector "k".
struct Hop {
    std::string domain;
    KeyType type = KeyType::ed25519; ///< all hops of one type have the same key
};

inline trust::Zone zone_of(const std::vector<Hop>& hops) {
    trust::Zone zone;
    for (const Hop& hop : hops)
        zone.add_text("k._domainkey." + hop.domain, key_pair(hop.type).record());
    return zone;
}

inline trust::AuthenticationResults results_of(std::string_view server, std::string_view dmarc = "pass") {
    return {.server = std::string(server),
            .results = {{.method = "dmarc",
                         .result = std::string(dmarc),
                         .reason = {},
                         .comment = {},
                         .properties = {{.type = "header", .name = "from", .value = "a.test"}}}}};
}

inline std::optional<std::string> seal(std::string_view message, const Hop& hop, Status status,
                                       std::string_view front = {}, std::string_view dmarc = "pass") {
    Sealer sealer;
    sealer.feed(message);
    sealer.finish();
    return sealer.seal(front, message::Header(message), status, results_of("mx." + hop.domain, dmarc),
                       {.domain = domain(hop.domain), .selector = domain("k"), .key = &key_pair(hop.type)}, kNow);
}

/// The message behind one more set.
inline std::string sealed(std::string_view message, const Hop& hop, Status status, std::string_view dmarc = "pass") {
    return seal(message, hop, status, {}, dmarc).value_or("(not sealed)\r\n") + std::string(message);
}

/// Sealed by each in turn.
inline std::string chain_of(const std::vector<Hop>& hops, std::string message = std::string(kMessage)) {
    Status status = Status::none;
    for (const Hop& hop : hops) {
        message = sealed(message, hop, status);
        status = Status::pass;
    }
    return message;
}

inline Verdict validate(trust::Zone& zone, const std::vector<std::string_view>& pieces, Timestamp now = kNow) {
    Validator validator;
    for (const std::string_view piece : pieces)
        validator.feed(piece);
    validator.finish();
    return zone.ask([&](const trust::DnsAnswers& answers) { return validator.evaluate(answers, now); });
}

/// "pass", "seal-failed(2)" or "seal-failed(2): signature-mismatch b".
inline std::string words(const Verdict& verdict) {
    if (verdict.status != Status::fail) return std::string(to_string(verdict.status));
    std::string text(to_string(verdict.reason));
    if (verdict.instance != 0) text += "(" + std::to_string(verdict.instance) + ")";
    if (verdict.fault != dkim::Fault{})
        text += ": " + std::string(dkim::to_string(verdict.fault.reason)) +
                (verdict.fault.tag.empty() ? "" : " " + verdict.fault.tag);
    return text;
}

/// How the sets of a chain made by hand differ from good ones.
struct HandSet {
    std::string results = "ARC-Authentication-Results: i=%; mx.one.test; none\r\n";
    std::string message_signature = "i=%; a=ed25519-sha256; d=one.test; s=k; h=From:Subject; c=relaxed/relaxed";
    std::string seal = "i=%; a=ed25519-sha256; d=one.test; s=k; cv=?";
};

/// The message behind these sets, signed and sealed as they say, % being the instance and ? the status that belongs to
/// it; a field that is empty is left out. What they say need be no good signature.
std::string hand_sealed(std::string_view message, const std::vector<HandSet>& sets);

} // namespace tegami::arc
