#include "net/dns_primary.h"

#include "base/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace tegami::net {

namespace {

/// Octets of the length before each message over TCP (RFC 1035 §4.2.2).
constexpr std::size_t kLengthBytes = 2;
/// Limit: aliases that are followed inside one answer.
constexpr std::size_t kPrimaryAliasesMax = 16;

async::Awaitable<IoResult<std::string>> read_exactly(Stream* stream, std::size_t size) {
    std::string octets(size, '\0');
    for (std::size_t filled = 0; filled < size;) {
        const auto got = co_await stream->read_some(octets.data() + filled, size - filled);
        if (!got) co_return failure(got.error());
        filled += *got;
    }
    co_return octets;
}

/// One message there, one back.
async::Awaitable<IoResult<std::string>> exchange_on(Stream* stream, std::string message) {
    std::string framed;
    bytes::append_big_endian(framed, static_cast<std::uint16_t>(message.size()));
    framed += message;
    CO_TRY_VOID(co_await stream->write_all(std::move(framed)));
    CO_TRY(const std::string length, co_await read_exactly(stream, kLengthBytes));
    const std::size_t size = bytes::Reader(length).big_endian<std::uint16_t>();
    co_return co_await read_exactly(stream, size);
}

/// The records of the type, at the end of the aliases that the answer has itself.
DnsAnswer to_dns_answer(dns::Response response, const dns::Name& name, dns::Type type) {
    DnsAnswer answer;
    dns::Name owner = name;
    while (answer.aliases.size() < kPrimaryAliasesMax && type != dns::Type::cname) {
        const auto alias = std::ranges::find_if(response.answers, [&](const dns::Record& record) {
            return record.type == dns::Type::cname && record.name == owner;
        });
        if (alias == response.answers.end()) break;
        owner = std::get<dns::NameData>(alias->data).name;
        answer.aliases.push_back(owner);
    }
    for (dns::Record& record : response.answers)
        if (record.type == type && record.name == owner) answer.records.push_back(std::move(record));
    if (!answer.records.empty()) {
        answer.status = DnsStatus::no_error;
        answer.ttl_seconds = std::ranges::min(answer.records, {}, &dns::Record::ttl_seconds).ttl_seconds;
    } else {
        answer.status = response.code == dns::kNoSuchName ? DnsStatus::name_does_not_exist : DnsStatus::no_data;
    }
    answer.text = describe(name, type, answer);
    return answer;
}

std::string time_words(std::uint64_t seconds) {
    // 48 bits of seconds are within the years of std::chrono for what a clock on a wall says.
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

} // namespace

async::Awaitable<Result<std::string, std::string>> DnsPrimary::exchange(std::string message) {
    const Instant deadline = dependencies_.timers.instant() + settings_.patience;
    const ConnectOptions options{.deadline = deadline};
    const auto words = [this](IoError error) {
        return fmt::format("the name server {} did not answer: {}", settings_.server.to_string(), describe(error));
    };
    const auto stream = co_await dependencies_.network.connect(settings_.server, options);
    if (!stream) co_return failure(words(stream.error()));
    (*stream)->set_deadline(deadline);
    auto answer = co_await exchange_on(stream->get(), std::move(message));
    (*stream)->close();
    if (!answer) co_return failure(words(answer.error()));
    co_return *std::move(answer);
}

async::Awaitable<Result<dns::Response, std::string>> DnsPrimary::ask(std::uint16_t id, std::string question) {
    CO_TRY(const std::string octets, co_await exchange(std::move(question)));
    auto response = dns::parse_response(octets);
    if (!response || response->id != id || response->is_update)
        co_return failure(fmt::format("the name server {} gave no proper answer", settings_.server.to_string()));
    co_return *std::move(response);
}

async::Awaitable<Result<std::optional<dns::Name>, std::string>> DnsPrimary::zone_of(dns::Name name) {
    const std::uint16_t id = new_id();
    CO_TRY(const dns::Response response, co_await ask(id, dns::encode_zone_question(id, name)));
    const bool answered = response.code == dns::kNoError || response.code == dns::kNoSuchName;
    if (answered && response.is_authoritative && response.zone && name.is_within(*response.zone))
        co_return response.zone;
    if (answered || response.code == dns::kRefused || response.code == dns::kNotAuthority)
        co_return std::optional<dns::Name>();
    co_return failure(fmt::format("the name server {} answers {}", settings_.server.to_string(),
                                  dns::response_code_name(response.code)));
}

async::Awaitable<Result<std::optional<DnsAnswer>, std::string>> DnsPrimary::query(dns::Name name, dns::Type type) {
    const std::uint16_t id = new_id();
    CO_TRY(dns::Response response, co_await ask(id, dns::encode_question(id, name, type)));
    const bool answered = response.code == dns::kNoError || response.code == dns::kNoSuchName;
    if (!answered || !response.is_authoritative) co_return std::optional<DnsAnswer>();
    DnsAnswer answer = to_dns_answer(std::move(response), name, type);
    // An alias that leads out of its zones is for others to follow.
    if (answer.records.empty() && !answer.aliases.empty()) co_return std::optional<DnsAnswer>();
    co_return answer;
}

async::Awaitable<Result<void, std::string>> DnsPrimary::update(dns::SetUpdate update) {
    const std::uint16_t id = new_id();
    auto message = dns::encode_update(id, update);
    if (!message) co_return failure(std::string("the record set is too large for one update"));
    dns::SignedMessage signed_message = dns::sign(*std::move(message), settings_.key, dependencies_.timers.now());
    if (signed_message.octets.size() > dns::kMessageBytesMax)
        co_return failure(std::string("the record set is too large for one update"));
    CO_TRY(const std::string octets, co_await exchange(std::move(signed_message.octets)));
    const auto response = dns::parse_response(octets);
    if (!response || response->id != id || !response->is_update)
        co_return failure(fmt::format("the name server {} gave no proper answer", settings_.server.to_string()));
    const auto verified = dns::verify(octets, *response, settings_.key, signed_message.mac, dependencies_.timers.now());
    // A refusal needs no proof: nothing is believed to be done.
    const bool refused = response->code != dns::kNoError && !response->tsig;
    if (!verified && !refused) co_return failure(words_for(verified.error(), *response));
    if (response->code != dns::kNoError) co_return failure(words_for(update, *response));
    co_return Result<void, std::string>();
}

std::uint16_t DnsPrimary::new_id() {
    return static_cast<std::uint16_t>(dependencies_.random.number());
}

std::string DnsPrimary::words_for(const dns::SetUpdate& update, const dns::Response& response) const {
    const std::string server = settings_.server.to_string();
    const std::string code = dns::response_code_name(response.code);
    switch (response.code) {
    case dns::kRefused:
        return fmt::format("the name server {} does not let the key {} change {} {} ({})", server,
                           settings_.key.name.to_string(), update.name.to_string(), dns::to_string(update.type), code);
    case dns::kSetIsThere:
    case dns::kSetIsNotThere:
        return fmt::format("something else stands there than a moment ago, or a wildcard of the zone answers for the "
                           "name ({}): nothing was changed",
                           code);
    case dns::kNotAuthority:
    case dns::kNotInZone:
        return fmt::format("the name server {} is not the primary server of {} ({})", server, update.zone.to_string(),
                           code);
    default: return fmt::format("the name server {} did not make the change: {}", server, code);
    }
}

std::string DnsPrimary::words_for(dns::TsigFault fault, const dns::Response& response) const {
    const std::string server = settings_.server.to_string();
    const std::string key = settings_.key.name.to_string();
    switch (fault) {
    case dns::TsigFault::key_unknown:
        // Interop: Knot says so, too, when it knows the key and does not let it make this change.
        return fmt::format("the name server {} does not know the key {} with {}, or does not let it change this "
                           "(BADKEY)",
                           server, key, dns::to_string(settings_.key.algorithm));
    case dns::TsigFault::secret_differs:
        return fmt::format("the name server {} has another secret for the key {} (BADSIG)", server, key);
    case dns::TsigFault::clocks_differ: {
        const bool tells = response.tsig && response.tsig->other.size() == 6;
        bytes::Reader reader(tells ? std::string_view(response.tsig->other) : std::string_view());
        const std::uint64_t high = reader.big_endian<std::uint16_t>();
        const std::uint64_t theirs = high << 32 | reader.big_endian<std::uint32_t>();
        const std::uint64_t ours = response.tsig->time_seconds;
        return fmt::format("the clocks differ too much{} (BADTIME): set them right",
                           tells ? fmt::format(": it is {} for the name server {}, {} here", time_words(theirs), server,
                                               time_words(ours))
                                 : "");
    }
    case dns::TsigFault::not_signed:
        return fmt::format("the answer of the name server {} is not signed: perhaps the change was made, perhaps not",
                           server);
    case dns::TsigFault::refused: return fmt::format("the name server {} does not take our signature", server);
    case dns::TsigFault::other_key:
    case dns::TsigFault::wrong_mac:
    case dns::TsigFault::wrong_time: break;
    }
    return fmt::format("the answer of the name server {} is not signed with the key {}: perhaps the change was made, "
                       "perhaps not",
                       server, key);
}

async::Awaitable<DnsAnswer> PrimaryFirstResolver::query(dns::Name name, dns::Type type) {
    auto own = co_await primary_.query(name, type);
    if (own && *own) co_return **std::move(own);
    if (own) co_return co_await others_.query(name, type);
    // Whether it has the name is not known, and what others say may be old.
    co_return DnsAnswer{.status = DnsStatus::server_failure, .text = own.error()};
}

} // namespace tegami::net
