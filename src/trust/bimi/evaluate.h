// Whether a letter's author wants a logo shown beside it, and where it is
// (draft-brand-indicators-for-message-identification §7).
#pragma once

#include "message/address.h"
#include "trust/bimi/record.h"
#include "trust/dmarc/evaluate.h"
#include "trust/dns_answers.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::bimi {

/// The selector of letters that name none.
inline constexpr std::string_view kDefaultSelector = "default";
/// The field by which a letter names one.
inline constexpr std::string_view kSelectorField = "BIMI-Selector";

struct Input {
    /// The one address in the one field From; nothing if there are more or none.
    std::optional<message::EmailAddress> author;
    /// What the letter asks for, if that is the author's word (§5.5).
    std::string selector = std::string(kDefaultSelector);
    const dmarc::Verdict* dmarc = nullptr; ///< on the same letter; outlives the call
};

/// §7.7
enum class Outcome : std::uint8_t { pass, none, fail, temperror, declined, skipped };

enum class Reason : std::uint8_t {
    found,           ///< pass
    no_record,       ///< none
    several_records, ///< fail, as those that follow
    record_syntax,
    location_missing,
    location_unusable, ///< no https URL, or one of another picture than SVG
    authority_unusable,
    dns_failure,         ///< temperror
    declined,            ///< declined
    not_authenticated,   ///< skipped: DMARC did not pass
    no_single_author,    ///< skipped
    policy_not_enforced, ///< skipped: the domain would let forged letters through
};

struct Verdict {
    Reason reason = Reason::not_authenticated;
    /// Where the record is that was judged, if there is one: `selector`._bimi.`domain`.
    std::optional<message::Domain> domain;
    std::string selector;
    Record record; ///< with a location only if the letter passed

    Outcome result() const;
};

/// Nothing is asked about a letter that has not passed DMARC.
trust::Evaluation<Verdict> evaluate(const Input& input, const trust::DnsAnswers& answers);

/// For programs that show the letter: BIMI-Location (§5.2) and, if the domain says it, BIMI-Logo-Preference (§5.4), whole
/// fields. Empty unless it passed.
std::string fields_for_readers(const Verdict& verdict);

/// "pass"
std::string_view to_string(Outcome result);
/// The enumerator's name with hyphens: "no-record".
std::string_view to_string(Reason reason);
std::string_view to_string(Avatar avatar);

} // namespace tegami::bimi
