#include "protocol/dns/message.h"

#include "protocol/dns/wire_reader.h"

#include <algorithm>

namespace tegami::dns {

namespace {

constexpr std::uint16_t kClassInternet = 1;

/// Limit: far longer than any chain of CNAMEs that resolvers follow.
constexpr std::size_t kAliasesMax = 32;

} // namespace

std::optional<Message> parse_message(std::string_view octets) {
    WireReader reader(octets, 0, octets.size());
    Message message;
    // RFC 1035 §4.1.1
    reader.number<std::uint16_t>(); // id
    message.response_code = reader.number<std::uint16_t>() & 0xfu;
    const unsigned questions = reader.number<std::uint16_t>();
    const std::size_t answers = reader.number<std::uint16_t>();
    reader.number<std::uint16_t>(); // authority records
    reader.number<std::uint16_t>(); // additional records
    if (reader.failed() || questions != 1) return std::nullopt;
    message.question = reader.name();
    message.question_type = static_cast<Type>(reader.number<std::uint16_t>());
    reader.number<std::uint16_t>(); // class
    for (std::size_t i = 0; i < std::min(answers, kAnswerRecordsMax); ++i) {
        Record record;
        record.name = reader.name();
        record.type = static_cast<Type>(reader.number<std::uint16_t>());
        const auto record_class = reader.number<std::uint16_t>();
        record.ttl_seconds = reader.number<std::uint32_t>();
        const std::size_t size = reader.number<std::uint16_t>();
        const std::size_t offset = reader.position();
        reader.take(size);
        if (reader.failed()) return std::nullopt;
        auto data = decode_rdata(record.type, octets, offset, size);
        if (record_class != kClassInternet || !data) continue;
        record.data = std::move(*data);
        message.answers.push_back(std::move(record));
    }
    if (reader.failed()) return std::nullopt;
    return message;
}

std::vector<Name> alias_chain(const Message& message) {
    std::vector<Name> chain;
    if (message.question_type == Type::cname) return chain;
    Name current = message.question;
    while (chain.size() < kAliasesMax) {
        const auto next = std::ranges::find_if(message.answers, [&current](const Record& record) {
            return record.type == Type::cname && record.name == current;
        });
        if (next == message.answers.end()) break;
        current = std::get<NameData>(next->data).name;
        if (current == message.question || std::ranges::find(chain, current) != chain.end()) break;
        chain.push_back(current);
    }
    return chain;
}

} // namespace tegami::dns
