// DKIM signatures verified and made per second of the processor's time, beside what OpenSSL does with the same key in the same run,
// as `openssl speed rsa2048` measures it. A verification is all of it: the header found, fields and body hashed; a
// signing, too. Keys that were read before are kept, as the server keeps them.
// Usage: dkim [seconds for each figure]
#include "base/assert.h"
#include "base/clock.h"
#include "trust/dkim/signer.h"
#include "trust/dkim/verifier.h"
#include "trust/zone_fixture.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

namespace tegami::dkim {
namespace {

constexpr int kRounds = 4; // the two sides take turns, so that a noisy neighbour hits both
constexpr int kBatch = 16;
constexpr std::size_t kSizes[] = {1'000, 10'000, 100'000, 1'000'000};

struct Rate {
    std::uint64_t done = 0;
    double seconds = 0;

    double per_second() const { return static_cast<double>(done) / seconds; }
};

template <class Work>
void measure(Rate& rate, double seconds, Work work) {
    const std::clock_t begin = std::clock();
    double passed = 0;
    while (passed < seconds) {
        for (int number = 0; number < kBatch; ++number)
            work();
        rate.done += kBatch;
        passed = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    }
    rate.seconds += passed;
}

std::string message_of(std::size_t bytes) {
    std::string message = "Received: from a.test (a.test [192.0.2.1]) by b.test with ESMTPS;\r\n"
                          " Thu, 26 Nov 2026 12:00:00 +0000\r\n"
                          "From: Ann <ann@a.test>\r\nTo: Bob <bob@b.test>\r\nSubject: A message of some length\r\n"
                          "Date: Thu, 26 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@a.test>\r\nMIME-Version: 1.0\r\n"
                          "Content-Type: text/plain; charset=utf-8\r\n\r\n";
    while (message.size() < bytes)
        message += "A line of text as people write it, with words and spaces.\r\n";
    return message;
}

/// The same key in the hands of OpenSSL alone, made ready once, as `openssl speed` has it.
class BareKey {
public:
    explicit BareKey(const PrivateKey& key) {
        const std::string pem = key.pem();
        BIO* const memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        key_ = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
        BIO_free(memory);
        if (key.type() == KeyType::ed25519) {
            to_sign_ = EVP_MD_CTX_new();
            to_verify_ = EVP_MD_CTX_new();
            ASSERT(EVP_DigestSignInit(to_sign_, nullptr, nullptr, nullptr, key_) == 1);
            ASSERT(EVP_DigestVerifyInit(to_verify_, nullptr, nullptr, nullptr, key_) == 1);
            return;
        }
        rsa_to_sign_ = EVP_PKEY_CTX_new(key_, nullptr);
        rsa_to_verify_ = EVP_PKEY_CTX_new(key_, nullptr);
        ASSERT(EVP_PKEY_sign_init(rsa_to_sign_) == 1 && EVP_PKEY_verify_init(rsa_to_verify_) == 1);
        for (EVP_PKEY_CTX* const each : {rsa_to_sign_, rsa_to_verify_})
            ASSERT(EVP_PKEY_CTX_set_rsa_padding(each, RSA_PKCS1_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_signature_md(each, EVP_sha256()) == 1);
    }

    ~BareKey() {
        EVP_PKEY_CTX_free(rsa_to_sign_);
        EVP_PKEY_CTX_free(rsa_to_verify_);
        EVP_MD_CTX_free(to_sign_);
        EVP_MD_CTX_free(to_verify_);
        EVP_PKEY_free(key_);
    }

    BareKey(const BareKey&) = delete;
    BareKey& operator=(const BareKey&) = delete;

    bool signs(const std::string& digest) {
        unsigned char out[512];
        std::size_t size = sizeof out;
        return (rsa_to_sign_ != nullptr ? EVP_PKEY_sign(rsa_to_sign_, out, &size, octets(digest), digest.size())
                                        : EVP_DigestSign(to_sign_, out, &size, octets(digest), digest.size())) == 1;
    }

    bool verifies(const std::string& digest, const std::string& signature) {
        return (rsa_to_verify_ != nullptr ? EVP_PKEY_verify(rsa_to_verify_, octets(signature), signature.size(),
                                                            octets(digest), digest.size())
                                          : EVP_DigestVerify(to_verify_, octets(signature), signature.size(),
                                                             octets(digest), digest.size())) == 1;
    }

private:
    static const unsigned char* octets(const std::string& text) {
        return reinterpret_cast<const unsigned char*>(text.data());
    }

    EVP_PKEY* key_ = nullptr;
    EVP_PKEY_CTX* rsa_to_sign_ = nullptr;
    EVP_PKEY_CTX* rsa_to_verify_ = nullptr;
    EVP_MD_CTX* to_sign_ = nullptr;
    EVP_MD_CTX* to_verify_ = nullptr;
};

void compare(KeyType type, double seconds) {
    const PrivateKey key = PrivateKey::generate(type);
    const auto domain = *message::Domain::parse("a.test");
    const std::vector<SigningKey> keys{{.domain = domain, .selector = domain, .key = &key}};
    const Timestamp now = SystemClock().now();
    BareKey bare(key);
    const std::string digest(kDigestBytes, 'd');
    const std::string signature = key.sign(digest);
    trust::DnsAnswers answers;
    trust::Zone zone;
    zone.add_text("a.test._domainkey.a.test", key.record());
    const trust::Question question{.name = *dns::Name::parse("a.test._domainkey.a.test"), .type = dns::Type::txt};
    answers.add(question, zone.answer(question));

    for (const std::size_t bytes : kSizes) {
        const std::string message = message_of(bytes);
        const message::Header header(message);
        const auto sign = [&] {
            Signer signer;
            signer.feed(message);
            signer.finish();
            return *signer.sign("", header, keys, now);
        };
        const std::string signed_message = sign() + message;
        KeyCache cache;
        Rate verified, bare_verified, made, bare_made;
        for (int round = 0; round < kRounds; ++round) {
            measure(verified, seconds / kRounds, [&] {
                Verifier verifier;
                verifier.feed(signed_message);
                verifier.finish();
                const auto results = verifier.evaluate(answers, now, &cache);
                ASSERT(results && results->front().verdict() == Verdict::pass);
            });
            measure(bare_verified, seconds / kRounds, [&] { ASSERT(bare.verifies(digest, signature)); });
            measure(made, seconds / kRounds, [&] { ASSERT(!sign().empty()); });
            measure(bare_made, seconds / kRounds, [&] { ASSERT(bare.signs(digest)); });
        }
        fmt::print("{:8} {:>10} {:>11.0f} {:>11.0f} {:>6.2f} {:>11.0f} {:>11.0f} {:>6.2f}\n", to_string(type), bytes,
                   verified.per_second(), bare_verified.per_second(),
                   verified.per_second() / bare_verified.per_second(), made.per_second(), bare_made.per_second(),
                   made.per_second() / bare_made.per_second());
    }
}

} // namespace
} // namespace tegami::dkim

int main(int count, char** values) {
    using namespace tegami::dkim;
    const double seconds = count > 1 ? std::max(0.1, std::atof(values[1])) : 2.0;
    fmt::print("{:8} {:>10} {:>11} {:>11} {:>6} {:>11} {:>11} {:>6}\n", "key", "octets", "verified/s", "key alone",
               "ratio", "signed/s", "key alone", "ratio");
    compare(KeyType::rsa, seconds);
    compare(KeyType::ed25519, seconds);
    return 0;
}
