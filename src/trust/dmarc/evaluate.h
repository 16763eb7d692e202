// Whether the domain that a letter names as its author's stands behind it, and what that domain asks for if it does
// not: the DMARC mechanism (RFC 9989 §5.3).
//
// 1. The verdict never says what is done with the letter: that is the receiver's choice (RFC 9989 §5.4).
// 2. DNS that fails never makes a letter fail: where an answer that is missing could have changed the result, the
//    result is temperror (RFC 9989 §5.3.6). An aligned identifier that passed is a pass whatever else is not known.
// 3. Identifiers that cannot be aligned, because they lie outside the author's organization, cost no look-up.
#pragma once

#include "trust/dmarc/tree_walk.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dmarc {

/// Limit: author domains of one letter that are looked at (RFC 9989 §11.5). More than one is rare, and mostly abuse.
inline constexpr std::size_t kAuthorDomainsMax = 4;
/// Limit: distinct domains inside the author's organization whose own organization is looked up.
inline constexpr std::size_t kAlignmentWalksMax = 6;

/// Results of SPF and DKIM (RFC 8601 §2.7.1, §2.7.2); softfail is SPF's alone.
enum class AuthResult : std::uint8_t { none, pass, fail, softfail, policy, neutral, temperror, permerror };

struct SpfIdentity {
    /// The domain that SPF checked as MAIL FROM identity: that of the reverse path, or of HELO if the path is empty
    /// (RFC 9989 §3.2.4). Nothing if there was none that could be checked.
    std::optional<message::Domain> domain;
    AuthResult result = AuthResult::none;
};

struct DkimIdentity {
    message::Domain domain; ///< d=
    std::string selector;   ///< s=
    AuthResult result = AuthResult::none;
};

struct Input {
    /// The domains of all addresses in all From fields; the same one may come again.
    std::vector<message::Domain> authors;
    SpfIdentity spf;
    std::vector<DkimIdentity> dkim;
};

enum class Outcome : std::uint8_t { none, pass, fail, temperror, permerror };

enum class Reason : std::uint8_t {
    aligned,              ///< pass
    not_authenticated,    ///< fail: neither SPF nor DKIM passed for any domain
    not_aligned,          ///< fail: what passed is another organization's
    no_record,            ///< none
    no_author,            ///< permerror: the letter names no author domain, or only address literals
    too_many_authors,     ///< permerror: more than kAuthorDomainsMax
    record_says_nothing,  ///< permerror: Record::applicable is false
    dns_failure,          ///< temperror: a record could not be looked up
    identifier_undecided, ///< temperror: SPF or DKIM met a temporary error for a domain that would be aligned
};

enum class Alignment : std::uint8_t { none, relaxed, strict };

/// Which record of RFC 9989 §4.10.1 applies.
enum class RecordPlace : std::uint8_t { author, organization, public_suffix };

struct Verdict {
    Outcome result = Outcome::none;
    Reason reason = Reason::no_record;

    /// The author domain that was judged; of several the one whose verdict is the worst. Nothing if there was none.
    std::optional<message::Domain> author;
    /// Its Organizational Domain; nothing if the DNS failed.
    std::optional<message::Domain> organizational;

    /// Where the record that applies is, and what it says. Nothing if there is none or it is not known.
    std::optional<FoundRecord> record;
    RecordPlace place = RecordPlace::author;
    /// Which of `p`, `sp` and `np` applies.
    Tag policy_tag = Tag::p;
    Policy published_policy = Policy::none;
    /// What the domain asks for if the letter fails: one level below the published one in test mode.
    Policy policy = Policy::none;

    /// Of SPF's domain; none unless SPF passed or met a temporary error.
    Alignment spf = Alignment::none;
    /// Of each DKIM domain, in the order of the input; none unless it passed or met a temporary error.
    std::vector<Alignment> dkim;
    /// Whether an aligned domain passed.
    bool spf_pass = false;
    bool dkim_pass = false;
};

trust::Evaluation<Verdict> evaluate(const Input& input, const trust::DnsAnswers& answers);

/// The words of RFC 8601: `softfail`.
std::string_view to_string(AuthResult result);
std::string_view to_string(Outcome result);
/// The enumerator's name with hyphens: "no-record".
std::string_view to_string(Reason reason);

} // namespace tegami::dmarc
