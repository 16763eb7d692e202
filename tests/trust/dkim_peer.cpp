// Our DKIM and ARC for the tests that put them beside others'. DKIM takes many messages, each in a file; for ARC one comes on
// standard input.
//   dkim_peer generate rsa|ed25519                       a private key in PEM
//   dkim_peer record KEYFILE                             what to publish
//   dkim_peer sign DOMAIN [SELECTOR KEYFILE]… -- FILE…   the DKIM-Signature fields of each message, now, and a NUL
//   dkim_peer verify [NAME RECORD]… -- FILE…             a line with a verdict for each signature; the zone has these
//                                                        TXT records
//   dkim_peer seal DOMAIN SELECTOR KEYFILE STATUS        the fields of one more set, now, on a chain that is "pass" or
//   dkim_peer validate [NAME RECORD]…                    status and reason of the chain
#include "base/clock.h"
#include "trust/arc/sealer.h"
#include "trust/arc/validator.h"
#include "trust/dkim/signer.h"
#include "trust/dkim/verifier.h"
#include "trust/zone_fixture.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <list>

namespace {

using namespace tegami;
using namespace tegami::dkim;

constexpr int kUsage = 2;

template <class Tap>
std::string read_past(std::istream& in, Tap& tap) {
    std::string message;
    std::array<char, 4096> piece{};
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
        const std::string_view octets(piece.data(), static_cast<std::size_t>(in.gcount()));
        tap.feed(octets);
        message += octets;
    }
    tap.finish();
    return message;
}

/// Takes what stands behind "--" from the arguments.
std::vector<std::string> take_files(std::vector<std::string>& arguments) {
    const auto end = std::ranges::find(arguments, "--");
    std::vector<std::string> files(end == arguments.end() ? end : end + 1, arguments.end());
    arguments.erase(end, arguments.end());
    return files;
}

PrivateKey load(const std::string& path) {
    std::ifstream file(path);
    auto key = PrivateKey::load(std::string(std::istreambuf_iterator<char>(file), {}));
    ASSERT(key);
    return *std::move(key);
}

message::Domain domain(const std::string& text) {
    auto parsed = message::Domain::parse(text);
    ASSERT(parsed);
    return *parsed;
}

void sign(std::vector<std::string> arguments) {
    const std::vector<std::string> files = take_files(arguments);
    std::list<PrivateKey> loaded;
    std::vector<SigningKey> keys;
    for (std::size_t at = 1; at + 1 < arguments.size(); at += 2) {
        loaded.push_back(load(arguments[at + 1]));
        keys.push_back({.domain = domain(arguments[0]), .selector = domain(arguments[at]), .key = &loaded.back()});
    }
    for (const std::string& file : files) {
        Signer signer;
        std::ifstream in(file);
        const std::string message = read_past(in, signer);
        const auto fields = signer.sign("", message::Header(message), keys, SystemClock().now());
        ASSERT(fields);
        std::cout << *fields << '\0';
    }
}

trust::Zone zone_of(const std::vector<std::string>& arguments) {
    trust::Zone zone;
    for (std::size_t at = 0; at + 1 < arguments.size(); at += 2)
        zone.add_text(arguments[at], arguments[at + 1]);
    return zone;
}

void verify(std::vector<std::string> arguments) {
    const std::vector<std::string> files = take_files(arguments);
    trust::Zone zone = zone_of(arguments);
    const Timestamp now = SystemClock().now();
    for (const std::string& file : files) {
        Verifier verifier;
        std::ifstream in(file);
        read_past(in, verifier);
        for (const SignatureResult& result :
             zone.ask([&](const trust::DnsAnswers& answers) { return verifier.evaluate(answers, now); }))
            std::cout << to_string(result.verdict()) << ' ';
        std::cout << '\n';
    }
}

void seal(const std::vector<std::string>& arguments) {
    const PrivateKey key = load(arguments[2]);
    const arc::Status status = arguments[3] == "none"   ? arc::Status::none
                               : arguments[3] == "pass" ? arc::Status::pass
                                                        : arc::Status::fail;
    const trust::AuthenticationResults results{
        .server = "mx." + arguments[0],
        .results = {{.method = "arc", .result = arguments[3], .reason = {}, .comment = {}, .properties = {}},
                    {.method = "spf",
                     .result = "pass",
                     .reason = {},
                     .comment = {},
                     .properties = {{.type = "smtp", .name = "mailfrom", .value = "ann@a.test"}}}}};
    arc::Sealer sealer;
    const std::string message = read_past(std::cin, sealer);
    const auto fields = sealer.seal("", message::Header(message), status, results,
                                    {.domain = domain(arguments[0]), .selector = domain(arguments[1]), .key = &key},
                                    SystemClock().now());
    ASSERT(fields);
    std::cout << *fields;
}

void validate(const std::vector<std::string>& arguments) {
    trust::Zone zone = zone_of(arguments);
    arc::Validator validator;
    read_past(std::cin, validator);
    const Timestamp now = SystemClock().now();
    const arc::Verdict verdict =
        zone.ask([&](const trust::DnsAnswers& answers) { return validator.evaluate(answers, now); });
    std::cout << arc::to_string(verdict.status) << ' ' << arc::to_string(verdict.reason) << '\n';
}

} // namespace

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + std::min(count, 2), values + count);
    const std::string_view command = count > 1 ? values[1] : "";
    if (command == "generate" && arguments.size() == 1)
        std::cout << PrivateKey::generate(arguments[0] == "rsa" ? KeyType::rsa : KeyType::ed25519).pem();
    else if (command == "record" && arguments.size() == 1)
        std::cout << load(arguments[0]).record() << '\n';
    else if (command == "sign" && arguments.size() >= 3)
        sign(arguments);
    else if (command == "verify")
        verify(arguments);
    else if (command == "seal" && arguments.size() == 4)
        seal(arguments);
    else if (command == "validate")
        validate(arguments);
    else
        return kUsage;
    return 0;
}
