// What a name server that is asked directly answers to a question or an update. Whatever the octets are, parsing ends
// after linear work.
#pragma once

#include "protocol/dns/record.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dns {

// Response codes (RFC 1035 §4.1.1, RFC 2136 §2.2).
inline constexpr unsigned kNoError = 0;
inline constexpr unsigned kNoSuchName = 3;
inline constexpr unsigned kRefused = 5;
inline constexpr unsigned kSetIsThere = 7;    ///< YXRRSET
inline constexpr unsigned kSetIsNotThere = 8; ///< NXRRSET
inline constexpr unsigned kNotAuthority = 9;  ///< NOTAUTH: not my zone, or a signature that I do not accept
inline constexpr unsigned kNotInZone = 10;    ///< NOTZONE

/// The signature of a message (RFC 8945 §4.2).
struct TsigRecord {
    Name key_name;
    Name algorithm;
    std::uint64_t time_seconds = 0; ///< since 1970; 48 bits
    std::uint16_t fudge_seconds = 0;
    std::string mac;
    std::uint16_t original_id = 0;
    unsigned error = 0; ///< 0, or one of those of tsig.h
    std::string other;  ///< with BADTIME: the server's time

    bool operator==(const TsigRecord&) const = default;
};

struct Response {
    std::uint16_t id = 0;
    bool is_update = false;        ///< to an update, otherwise to a question
    bool is_authoritative = false; ///< AA: the server has the zone itself
    unsigned code = kNoError;
    std::vector<Record> answers; ///< class IN; those with rdata that does not decode are left out
    std::optional<Name> zone;    ///< who owns the SOA record that is there, in the answer or beside it
    std::optional<TsigRecord> tsig;
    std::size_t tsig_offset = 0; ///< where its record begins
};

/// Nothing if it is malformed, is no response, is cut off (TC), or has a signature that is not its last record (RFC
/// 8945 §5.1).
std::optional<Response> parse_response(std::string_view octets);

/// "REFUSED"; "RCODE 17" for one that is not listed.
std::string response_code_name(unsigned code);

} // namespace tegami::dns
