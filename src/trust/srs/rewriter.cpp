#include "trust/srs/rewriter.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>

namespace tegami::srs {

namespace {

constexpr std::string_view kFirst = "SRS0";
constexpr std::string_view kAgain = "SRS1";
/// The characters of hash and day; letters of either case are the same.
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr unsigned kDigitBits = 5;
/// 50 bits: nobody guesses one by sending letters.
constexpr std::size_t kHashDigits = 10;
/// Days are counted modulo this, as two digits hold.
constexpr unsigned kDays = 1024;

std::string digest(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned size = 0;
    const unsigned char* made =
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), octets.data(), &size);
    ASSERT(made != nullptr);
    return {reinterpret_cast<const char*>(octets.data()), size};
}

unsigned day_of(Timestamp now) {
    return static_cast<unsigned>(std::chrono::floor<std::chrono::days>(now).time_since_epoch().count()) % kDays;
}

std::string day_text(Timestamp now) {
    const unsigned day = day_of(now);
    return {kDigits[day >> kDigitBits], kDigits[day & (kDigits.size() - 1)]};
}

std::optional<unsigned> parse_day(std::string_view text) {
    if (text.size() != 2) return std::nullopt;
    unsigned day = 0;
    for (const char c : text) {
        const std::size_t digit = kDigits.find(ascii::to_lower(c));
        if (digit == std::string_view::npos) return std::nullopt;
        day = (day << kDigitBits) | static_cast<unsigned>(digit);
    }
    return day;
}

/// What a hash is made of: letters of either case are the same, as on the way back.
std::string hashed_text(std::string_view tag, std::string_view rest) {
    return ascii::lower(fmt::format("{}={}", tag, rest));
}

/// Behind the tag stands one of these; others than "=" have been seen.
bool is_separator(char c) {
    return c == '=' || c == '-' || c == '+';
}

bool has_tag(std::string_view local_part, std::string_view tag) {
    return ascii::istarts_with(local_part, tag) && local_part.size() > tag.size() &&
           is_separator(local_part[tag.size()]);
}

/// The text up to the next "=", which is taken away too.
std::optional<std::string_view> take(std::string_view& text) {
    const std::size_t end = text.find('=');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end + 1);
    return taken;
}

} // namespace

Rewriter::Rewriter(std::string_view secret, message::Domain domain)
    : key_(digest(secret, "SRS")), domain_(std::move(domain)) {}

std::string Rewriter::hash(std::string_view text) const {
    const std::string octets = digest(key_, text);
    std::string digits;
    unsigned bits = 0;
    unsigned held = 0;
    for (std::size_t at = 0; digits.size() < kHashDigits;) {
        if (bits < kDigitBits) {
            held = (held << 8U) | static_cast<unsigned char>(octets[at++]);
            bits += 8;
        }
        bits -= kDigitBits;
        digits += kDigits[(held >> bits) & (kDigits.size() - 1)];
    }
    return digits;
}

bool Rewriter::is_hash(std::string_view hash, std::string_view text) const {
    const std::string right = this->hash(text);
    const std::string given = ascii::lower(hash);
    return given.size() == right.size() && CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
}

std::optional<message::EmailAddress> Rewriter::rewrite(const message::EmailAddress& sender, Timestamp now) const {
    message::EmailAddress rewritten{.local_part = {}, .domain = domain_};
    const std::string_view local_part = sender.local_part;
    if (has_tag(local_part, kAgain)) {
        // The report goes straight to whoever passed it on first.
        std::string_view rest = local_part.substr(kAgain.size() + 1);
        if (!take(rest)) return std::nullopt;
        rewritten.local_part = fmt::format("{}={}={}", kAgain, hash(hashed_text(kAgain, rest)), rest);
    } else if (has_tag(local_part, kFirst)) {
        const std::string rest = fmt::format("{}={}", sender.domain.ascii(), local_part.substr(kFirst.size()));
        rewritten.local_part = fmt::format("{}={}={}", kAgain, hash(hashed_text(kAgain, rest)), rest);
    } else {
        const std::string rest = fmt::format("{}={}={}", day_text(now), sender.domain.ascii(), local_part);
        rewritten.local_part = fmt::format("{}={}={}", kFirst, hash(hashed_text(kFirst, rest)), rest);
    }
    if (rewritten.local_part.size() > message::kLocalPartBytesMax) return std::nullopt;
    return rewritten;
}

bool Rewriter::is_rewritten(const message::EmailAddress& address) {
    return has_tag(address.local_part, kFirst) || has_tag(address.local_part, kAgain);
}

Result<message::EmailAddress, Fault> Rewriter::restore(const message::EmailAddress& address, Timestamp now) const {
    std::string_view rest = address.local_part;
    const bool again = has_tag(rest, kAgain);
    const std::string_view tag = again ? kAgain : kFirst;
    if (!has_tag(rest, tag)) return failure(Fault::syntax);
    rest.remove_prefix(tag.size() + 1);
    const auto hash = take(rest);
    if (!hash) return failure(Fault::syntax);
    if (!is_hash(*hash, hashed_text(tag, rest))) return failure(Fault::forged);
    if (!again) {
        const auto day_digits = take(rest);
        const auto day = day_digits ? parse_day(*day_digits) : std::nullopt;
        if (!day) return failure(Fault::syntax);
        if ((day_of(now) + kDays - *day) % kDays > kValidDays) return failure(Fault::expired);
    }
    const auto domain_text = take(rest);
    const auto domain = domain_text ? message::Domain::parse(*domain_text) : std::nullopt;
    if (!domain || rest.empty()) return failure(Fault::syntax);
    return message::EmailAddress{.local_part = again ? std::string(kFirst) + std::string(rest) : std::string(rest),
                                 .domain = *domain};
}

} // namespace tegami::srs
