#include "protocol/dns_update/tsig.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "protocol/dns_update/wire_numbers.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace tegami::dns {

namespace {

using bytes::append_big_endian;

struct Algorithm {
    TsigAlgorithm value;
    std::string_view name;
    const EVP_MD* (*digest)();
};

constexpr std::array kAlgorithms{Algorithm{TsigAlgorithm::hmac_sha256, "hmac-sha256", EVP_sha256},
                                 Algorithm{TsigAlgorithm::hmac_sha384, "hmac-sha384", EVP_sha384},
                                 Algorithm{TsigAlgorithm::hmac_sha512, "hmac-sha512", EVP_sha512}};

const Algorithm& entry(TsigAlgorithm value) {
    for (const Algorithm& each : kAlgorithms)
        if (each.value == value) return each;
    std::unreachable();
}

Name algorithm_name(TsigAlgorithm value) {
    return *Name::parse(entry(value).name);
}

std::string mac_of(const TsigKey& key, std::string_view octets) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    const auto* const made =
        HMAC(entry(key.algorithm).digest(), key.secret.data(), static_cast<int>(key.secret.size()),
             reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), mac.data(), &size);
    ASSERT(made != nullptr);
    return {reinterpret_cast<const char*>(mac.data()), size};
}

void append_sized(std::string& out, std::string_view octets) {
    append_big_endian(out, static_cast<std::uint16_t>(octets.size()));
    out += octets;
}

void append_time(std::string& out, const TsigRecord& tsig) {
    append_big_endian(out, static_cast<std::uint16_t>(tsig.time_seconds >> 32));
    append_big_endian(out, static_cast<std::uint32_t>(tsig.time_seconds));
    append_big_endian(out, tsig.fudge_seconds);
}

/// The TSIG variables (RFC 8945 §4.3.3). Length octets of labels are below 65, so lower case leaves them alone.
std::string variables(const TsigRecord& tsig) {
    std::string out = ascii::lower(tsig.key_name.wire());
    append_big_endian(out, wire::kClassAny);
    append_big_endian(out, std::uint32_t{0});
    out += ascii::lower(tsig.algorithm.wire());
    append_time(out, tsig);
    append_big_endian(out, static_cast<std::uint16_t>(tsig.error));
    append_sized(out, tsig.other);
    return out;
}

std::string rdata_of(const TsigRecord& tsig) {
    std::string out = tsig.algorithm.wire();
    append_time(out, tsig);
    append_sized(out, tsig.mac);
    append_big_endian(out, tsig.original_id);
    append_big_endian(out, static_cast<std::uint16_t>(tsig.error));
    append_sized(out, tsig.other);
    return out;
}

void set_number(std::string& message, std::size_t at, std::uint16_t value) {
    message[at] = static_cast<char>(value >> 8);
    message[at + 1] = static_cast<char>(value & 0xff);
}

std::uint16_t number_at(std::string_view message, std::size_t at) {
    return bytes::Reader(message.substr(at)).big_endian<std::uint16_t>();
}

std::uint64_t seconds_of(Timestamp time) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

std::string_view to_string(TsigAlgorithm algorithm) {
    return entry(algorithm).name;
}

std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view text) {
    for (const Algorithm& each : kAlgorithms)
        if (ascii::iequals(each.name, text)) return each.value;
    return std::nullopt;
}

SignedMessage sign(std::string message, const TsigKey& key, Timestamp now) {
    ASSERT(message.size() >= wire::kHeaderBytes);
    TsigRecord tsig{.key_name = key.name,
                    .algorithm = algorithm_name(key.algorithm),
                    .time_seconds = seconds_of(now),
                    .fudge_seconds = static_cast<std::uint16_t>(kTsigFudge.count()),
                    .mac = {},
                    .original_id = number_at(message, 0),
                    .error = 0,
                    .other = {}};
    tsig.mac = mac_of(key, message + variables(tsig));
    set_number(message, wire::kAdditionalCountAt,
               static_cast<std::uint16_t>(number_at(message, wire::kAdditionalCountAt) + 1));
    message += tsig.key_name.wire();
    append_big_endian(message, wire::kTypeTsig);
    append_big_endian(message, wire::kClassAny);
    append_big_endian(message, std::uint32_t{0});
    append_sized(message, rdata_of(tsig));
    return {.octets = std::move(message), .mac = std::move(tsig.mac)};
}

Result<void, TsigFault> verify(std::string_view octets, const Response& response, const TsigKey& key,
                               std::string_view request_mac, Timestamp now) {
    if (!response.tsig) return failure(TsigFault::not_signed);
    const TsigRecord& tsig = *response.tsig;
    // RFC 8945 §5.3.2: these two come without a signature, because the server has none that we would know.
    if (tsig.error == kBadKey) return failure(TsigFault::key_unknown);
    if (tsig.error == kBadSignature) return failure(TsigFault::secret_differs);
    if (tsig.key_name != key.name || tsig.algorithm != algorithm_name(key.algorithm))
        return failure(TsigFault::other_key);
    // RFC 8945 §5.3: our signature, then the message as it was before it was signed, then the variables.
    std::string covered;
    append_sized(covered, request_mac);
    const std::size_t begin = covered.size();
    covered += octets.substr(0, response.tsig_offset);
    set_number(covered, begin, tsig.original_id);
    set_number(covered, begin + wire::kAdditionalCountAt,
               static_cast<std::uint16_t>(number_at(octets, wire::kAdditionalCountAt) - 1));
    covered += variables(tsig);
    if (!same(mac_of(key, covered), tsig.mac)) return failure(TsigFault::wrong_mac);
    // RFC 8945 §5.2.3: signed with the time of our request, so nothing is to be said about the server's.
    if (tsig.error == kBadTime) return failure(TsigFault::clocks_differ);
    if (tsig.error != 0) return failure(TsigFault::refused);
    const std::uint64_t ours = seconds_of(now);
    const std::uint64_t apart = ours > tsig.time_seconds ? ours - tsig.time_seconds : tsig.time_seconds - ours;
    if (apart > tsig.fudge_seconds) return failure(TsigFault::wrong_time);
    return {};
}

} // namespace tegami::dns
