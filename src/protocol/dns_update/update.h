// What is said to the primary server of a zone: a question, or the change of one record set (RFC 2136). The octets are
// those of the message alone: how it is framed and signed is for others.
#pragma once

#include "protocol/dns/name.h"
#include "protocol/dns/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::dns {

/// Limit: a message over TCP (RFC 1035 §4.2.2).
inline constexpr std::size_t kMessageBytesMax = 65535;

/// Changes the records of one name and type, all of it or nothing.
struct SetUpdate {
    Name zone;
    Name name; ///< in the zone
    Type type = Type::a;
    /// The set as it must be now, or nothing is changed; empty: there must be none (RFC 2136 §2.4.2, §2.4.3). Nothing:
    /// whatever it is.
    std::optional<std::vector<Data>> expected{};
    bool removes_others = false; ///< what is there goes away first
    std::vector<Data> added{};
    std::uint32_t ttl_seconds = 0; ///< of those added
};

/// Nothing if it is longer than a message may be.
std::optional<std::string> encode_update(std::uint16_t id, const SetUpdate& update);

/// Asks a server for what it knows itself: recursion is not wanted.
std::string encode_question(std::uint16_t id, const Name& name, Type type);

/// The question for the SOA record, which stands at the top of a zone.
std::string encode_zone_question(std::uint16_t id, const Name& name);

} // namespace tegami::dns
