// The ARC fields of a header, put together to sets (RFC 8617 §4.2): steps 1 to 3 of §5.2, which need no key.
//
// Work and memory are bounded by kSetsMax, whatever number of fields there is.
#pragma once

#include "message/header.h"
#include "trust/arc/verdict.h"
#include "trust/dkim/tag_list.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tegami::arc {

/// Limit: sets of one message (RFC 8617 §4.2.1).
inline constexpr unsigned kSetsMax = 50;
/// A set's fields: ARC-Authentication-Results, ARC-Message-Signature, ARC-Seal.
inline constexpr std::size_t kFieldsOfSet = 3;

/// Views into the header.
struct Field {
    std::string_view text;             ///< with name and line end
    std::size_t value_at = 0;          ///< where in the text the value begins
    std::string_view results;          ///< of ARC-Authentication-Results: behind the instance
    std::optional<dkim::TagList> tags; ///< of the others
};

struct SetFields {
    Field results;
    Field message_signature;
    Field seal;
};

struct Flaw {
    Reason reason;
    unsigned instance = 0; ///< 0: none in particular
    dkim::Fault fault;
};

struct Chain {
    std::vector<SetFields> sets; ///< by instance, from 1 on; none if there is a flaw
    unsigned highest = 0;        ///< the highest instance, also if there is a flaw
    std::optional<Flaw> flaw;    ///< the first in the order of the steps
};

/// Of all these headers together, whose octets must outlive it. Neither sets nor a flaw: there is no ARC field.
Chain read_chain(const std::vector<const message::Header*>& headers);

} // namespace tegami::arc
