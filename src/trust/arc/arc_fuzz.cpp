// Chains of any octets: validating them ends, how they are cut does not matter, and what is sealed validates.
#include "base/assert.h"
#include "trust/arc/sealer.h"
#include "trust/arc/validator.h"
#include "trust/zone_fixture.h"

#include <chrono>
#include <cstdint>

using namespace tegami;
using namespace tegami::arc;

namespace {

/// Later than any signature that a corpus has.
constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);

/// The first line is the key record of every name, the rest a message.
struct Input {
    std::string_view record;
    std::string_view message;
};

Input split(std::string_view octets) {
    const std::size_t end = std::min(octets.find('\n'), octets.size());
    return {.record = octets.substr(0, end), .message = octets.substr(std::min(end + 1, octets.size()))};
}

Verdict judge(const Validator& validator, std::string_view record) {
    trust::DnsAnswers answers;
    while (true) {
        auto verdict = validator.evaluate(answers, kNow);
        if (verdict) return *std::move(verdict);
        ASSERT(!verdict.error().empty());
        for (const trust::Question& question : verdict.error()) {
            trust::Zone zone;
            zone.add_text(question.name.to_string(), record);
            answers.add(question, zone.answer(question));
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [record, message] = split({reinterpret_cast<const char*>(data), size});
    static const dkim::PrivateKey key = dkim::PrivateKey::generate(dkim::KeyType::ed25519);
    static const message::Domain domain = *message::Domain::parse("a.test");

    Validator whole;
    whole.feed(message);
    whole.finish();
    Validator cut;
    Sealer whole_sealer;
    whole_sealer.feed(message);
    whole_sealer.finish();
    Sealer cut_sealer;
    for (std::size_t at = 0; at < message.size();) {
        const std::string_view piece = message.substr(at, 1 + static_cast<unsigned char>(message[at]) % 7);
        cut.feed(piece);
        cut_sealer.feed(piece);
        at += piece.size();
    }
    cut.finish();
    cut_sealer.finish();
    const Verdict verdict = judge(whole, record);
    ASSERT(verdict == judge(cut, record));
    ASSERT(verdict.sets.size() <= kSetsMax);
    ASSERT(verdict.status != Status::pass || verdict.oldest_pass <= verdict.sets.size());
    static_cast<void>(trusted_set(verdict, {domain}));

    const message::Header header(message);
    const dkim::SigningKey signing_key{.domain = domain, .selector = domain, .key = &key};
    const trust::AuthenticationResults results{.server = "a.test", .results = {}};
    const auto fields = whole_sealer.seal("", header, verdict.status, results, signing_key, kNow);
    ASSERT(fields == cut_sealer.seal("", header, verdict.status, results, signing_key, kNow));
    // A first line that begins with space would continue our field.
    if (!fields || message.starts_with(' ') || message.starts_with('\t')) return 0;
    Validator again;
    again.feed(*fields);
    again.feed(message);
    again.finish();
    const Verdict sealed = judge(again, key.record());
    if (verdict.status == Status::none)
        ASSERT(sealed.status == Status::pass || sealed.reason == Reason::header_too_long);
    // The older seals of a chain that passed are of keys that now nobody has.
    if (verdict.status == Status::pass)
        ASSERT(sealed.status == Status::pass || sealed.reason == Reason::header_too_long ||
               (sealed.reason == Reason::seal_failed && sealed.instance <= verdict.sets.size()));
    if (verdict.status == Status::fail) ASSERT(sealed.status == Status::fail);
    return 0;
}
