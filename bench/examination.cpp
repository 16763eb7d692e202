// What it costs to find out who sent a letter, in microseconds of the processor, without network and disk: a letter of 40 KiB
// with one signature (RSA-2048), as bench/smtp_in sends it, past the examination, whose questions the resolver's memory
// answers; what is said of it in the letter and in its journey; and the parts of it that OpenSSL does.
// Usage: examination [letters]   With a number it examines so many and measures nothing: for a profiler.
#include "verification/examination.h"
#include "async/virtual_time.h"
#include "base/assert.h"
#include "net/caching_resolver.h"
#include "trust/dkim/signer.h"
#include "trust/zone_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

namespace tegami::verification {
namespace {

constexpr std::size_t kLetterBytes = std::size_t{40} << 10;
constexpr std::size_t kPieceBytes = std::size_t{16} << 10; ///< as the server reads
constexpr int kManySignatures = 600;                       ///< more would be a header that is not looked at to its end
constexpr int kRounds = 7;
constexpr int kLetters = 1000; ///< of a round

/// Answers from a zone, as long as it is asked.
class ZoneResolver final : public net::Resolver {
public:
    explicit ZoneResolver(trust::Zone zone) : zone_(std::move(zone)) {}

    async::Awaitable<net::DnsAnswer> query(dns::Name name, dns::Type type) override {
        trust::Answer known = zone_.answer({.name = name, .type = type});
        net::DnsAnswer answer{.status = known.kind == trust::AnswerKind::records ? net::DnsStatus::no_error
                                        : known.is_void()                        ? net::DnsStatus::name_does_not_exist
                                                                                 : net::DnsStatus::server_failure,
                              .records = std::move(known.records),
                              .aliases = {},
                              .ttl_seconds = 300};
        answer.text = net::describe(name, type, answer);
        co_return answer;
    }

private:
    trust::Zone zone_;
};

std::string letter_of(std::size_t bytes) {
    std::string letter = "From: load@elsewhere.test\r\nTo: user1@example.test\r\nSubject: load 1\r\n"
                         "Message-ID: <0123456789abcdef@elsewhere.test>\r\n\r\n";
    while (letter.size() < bytes)
        letter += "aHR0cHM6Ly93d3cuZXhhbXBsZS5jb20vYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU2\r\n";
    return letter;
}

class World {
public:
    World() : key_(dkim::PrivateKey::generate(dkim::KeyType::rsa)), resolver_(source(), &time_) {}

    std::string signed_letter(std::size_t bytes) const {
        const std::string letter = letter_of(bytes);
        dkim::Signer signer;
        signer.feed(letter);
        signer.finish();
        const dkim::SigningKey pair{.domain = domain("elsewhere.test"), .selector = domain("k1"), .key = &key_};
        return signer.sign("", message::Header(letter), {pair}, time_.now()).value() + letter;
    }

    Finding examine(const std::string& letter) {
        const message::Header header(letter);
        Examination examination(resolver_, time_, &keys_);
        for (std::size_t at = 0; at < letter.size(); at += kPieceBytes)
            examination.feed(std::string_view(letter).substr(at, kPieceBytes));
        Subject subject{.client = IpAddress::parse("127.0.0.1"),
                        .helo = "load.test",
                        .reverse_path = message::EmailAddress{.local_part = "load", .domain = domain("elsewhere.test")},
                        .host_name = "mail.example.test",
                        .time = time_.now()};
        return time_.run(examination.finish(std::move(subject), &header));
    }

    bool verifies(const std::string& digest, const std::string& signature) const {
        return public_.verifies(digest, signature);
    }

    const dkim::PrivateKey& key() const { return key_; }

private:
    static message::Domain domain(std::string_view text) { return *message::Domain::parse(text); }

    std::unique_ptr<net::Resolver> source() const {
        trust::Zone zone({R"(elsewhere.test TXT "v=spf1 ip4:127.0.0.0/8 -all")",
                          R"(_dmarc.elsewhere.test TXT "v=DMARC1; p=reject")",
                          "1.0.0.127.in-addr.arpa PTR mail.elsewhere.test."});
        zone.add_text("k1._domainkey.elsewhere.test", key_.record());
        return std::make_unique<ZoneResolver>(std::move(zone));
    }

    async::VirtualTime time_{1};
    dkim::PrivateKey key_;
    dkim::PublicKey public_ = *dkim::PublicKey::create(*dkim::parse_key_record(key_.record()));
    dkim::KeyCache keys_;
    net::CachingResolver resolver_;
};

/// With its signature so many times, and so many fields as long that are none.
std::string signed_often(const std::string& letter, int times, int others) {
    const std::string signature = letter.substr(0, letter.find("\r\nFrom:") + 2);
    std::string all;
    for (int number = 1; number < times; ++number)
        all += signature;
    for (int number = 0; number < others; ++number)
        all += "X" + signature;
    return all + letter;
}

/// The least of some rounds: what neighbours on the machine disturbed least.
template <class Work>
void measure(std::string_view what, Work work) {
    double least = 1e9;
    for (int round = 0; round < kRounds; ++round) {
        const std::clock_t begin = std::clock();
        for (int number = 0; number < kLetters; ++number)
            work();
        least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / kLetters);
    }
    fmt::print("| {:42} | {:6.1f} |\n", what, 1e6 * least);
}

void run(int letters) {
    World world;
    const std::string letter = world.signed_letter(kLetterBytes);
    const Finding finding = world.examine(letter);
    ASSERT(finding.verdicts.dmarc.dkim_pass && finding.verdicts.dmarc.spf_pass);
    const auto tell = [&finding] {
        ASSERT(!trust::authentication_results_field(authentication_results(finding.subject, finding.verdicts)).empty());
        ASSERT(!facts(finding.subject, finding.verdicts).empty());
    };
    if (letters > 0) {
        for (int number = 0; number < letters; ++number) {
            world.examine(letter);
            tell();
        }
        return;
    }
    const std::string small = world.signed_letter(0);
    const std::string body = letter_of(kLetterBytes);
    const std::string digest(dkim::kDigestBytes, 'd');
    const std::string signature = world.key().sign(digest);
    fmt::print("| {:42} | {:>6} |\n|---|---|\n", "work", "µs");
    measure("examination of 40 KiB", [&] { world.examine(letter); });
    measure("examination without a body", [&] { world.examine(small); });
    for (const int signatures : {10, kManySignatures}) {
        const int others = kManySignatures - signatures;
        const std::string often = signed_often(small, signatures, others);
        measure(fmt::format("with {} signatures, {} other fields", signatures, others), [&] { world.examine(often); });
    }
    measure("what is said of it, to readers and journey", tell);
    measure("SHA-256 of the body", [&] {
        dkim::Sha256 hash;
        hash.update(body);
        ASSERT(!std::move(hash).digest().empty());
    });
    measure("RSA", [&] { ASSERT(world.verifies(digest, signature)); });
}

} // namespace
} // namespace tegami::verification

int main(int count, char** values) {
    tegami::verification::run(count > 1 ? std::atoi(values[1]) : 0);
    return 0;
}
