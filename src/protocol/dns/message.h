// A DNS answer as servers send it (RFC 1035 §4): what we need of the header, the question and the answer section.
// Whatever the octets are, parsing ends after linear work: names may point only backwards, and only so often.
#pragma once

#include "protocol/dns/record.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tegami::dns {

/// Limit: an answer of 64 KiB, the longest there is over TCP, has fewer records than this.
inline constexpr std::size_t kAnswerRecordsMax = 5500;

struct Message {
    unsigned response_code = 0; ///< 0 no error, 2 server failure, 3 no such name
    Name question;
    Type question_type = Type::a;
    std::vector<Record> answers; ///< class IN; those with rdata that does not decode are left out
};

/// Nothing if the header, the question or the frame of an answer is malformed.
std::optional<Message> parse_message(std::string_view octets);

/// The CNAME targets from the question on, in order, as far as the answers go; ends at a loop.
std::vector<Name> alias_chain(const Message& message);

} // namespace tegami::dns
