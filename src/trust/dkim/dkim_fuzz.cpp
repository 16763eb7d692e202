// Signatures, keys and whole messages of any octets: reading them ends, and how they are cut does not matter.
#include "base/assert.h"
#include "trust/dkim/key.h"
#include "trust/dkim/signer.h"
#include "trust/dkim/verifier.h"
#include "trust/zone_fixture.h"

#include <cstdint>

using namespace tegami;
using namespace tegami::dkim;

namespace {

/// The first line is the key record of every name, the rest a message.
struct Input {
    std::string_view record;
    std::string_view message;
};

Input split(std::string_view octets) {
    const std::size_t end = std::min(octets.find('\n'), octets.size());
    return {.record = octets.substr(0, end), .message = octets.substr(std::min(end + 1, octets.size()))};
}

std::vector<SignatureResult> judge(const Verifier& verifier, std::string_view record) {
    trust::DnsAnswers answers;
    while (true) {
        auto results = verifier.evaluate(answers, Timestamp{});
        if (results) return *std::move(results);
        ASSERT(!results.error().empty());
        for (const trust::Question& question : results.error()) {
            trust::Zone zone;
            zone.add_text(question.name.to_string(), record);
            answers.add(question, zone.answer(question));
        }
    }
}

bool same(const SignatureResult& a, const SignatureResult& b) {
    return a.claims == b.claims && a.fault == b.fault && a.testing == b.testing && a.signed_length == b.signed_length &&
           a.unsigned_octets == b.unsigned_octets;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [record, message] = split({reinterpret_cast<const char*>(data), size});
    static const PrivateKey key = PrivateKey::generate(KeyType::ed25519);
    static const message::Domain domain = *message::Domain::parse("a.test");

    if (const auto parsed = parse_key_record(record); parsed && !parsed->octets.empty())
        if (const auto usable = PublicKey::create(*parsed)) ASSERT(!usable->verifies(std::string(32, 'd'), "no"));
    if (const auto tags = TagList::parse(message)) {
        const Claims claims = read_claims(*tags);
        const auto signature = parse_signature(*tags);
        ASSERT(!signature || claims.domain->ascii() == signature->domain);
    }

    Verifier whole;
    whole.feed(message);
    whole.finish();
    Verifier cut;
    Signer whole_signer;
    whole_signer.feed(message);
    whole_signer.finish();
    Signer cut_signer;
    for (std::size_t at = 0; at < message.size();) {
        const std::string_view piece = message.substr(at, 1 + static_cast<unsigned char>(message[at]) % 7);
        cut.feed(piece);
        cut_signer.feed(piece);
        at += piece.size();
    }
    cut.finish();
    cut_signer.finish();
    ASSERT(std::ranges::equal(judge(whole, record), judge(cut, record), same));

    const message::Header header(message);
    const std::vector<SigningKey> keys{{.domain = domain, .selector = domain, .key = &key}};
    const auto fields = whole_signer.sign("", header, keys, Timestamp{});
    ASSERT(fields == cut_signer.sign("", header, keys, Timestamp{}));
    // A first line that begins with space would continue our field.
    if (!fields || message.starts_with(' ') || message.starts_with('\t')) return 0;
    Verifier again;
    again.feed(*fields);
    again.feed(message);
    again.finish();
    const std::vector<SignatureResult> results = judge(again, key.record());
    ASSERT(!results.empty());
    ASSERT(results.front().verdict() == Verdict::pass || results.front().fault.reason == Reason::over_limit ||
           results.front().fault.reason == Reason::header_too_long ||
           results.front().fault.reason == Reason::signature_syntax);
    return 0;
}
