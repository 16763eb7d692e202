#include "directory/foreign_hash.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "base/visible.h"
#include "protocol/sasl/scram.h"

#include <argon2.h>
#include <crypt.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <span>
#include <vector>

namespace tegami::directory {

namespace {

constexpr std::string_view kUnsalted = "it has no salt, so that tables of the hashes of common passwords open it";
constexpr std::string_view kMd5 = "MD5 is weak: common passwords are found within minutes";
/// The alphabet of crypt(3), in the order of its digits.
constexpr std::string_view kCryptDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::unexpected<Error> invalid(std::string message) {
    return failure(Error{ErrorCode::invalid, std::move(message)});
}

std::unexpected<Error> malformed(std::string_view scheme) {
    return invalid(fmt::format("this is no complete hash of the scheme {}", scheme));
}

std::unexpected<Error> too_dear(std::string_view what, std::uint64_t asked, std::uint64_t most) {
    return invalid(
        fmt::format("checking this hash would cost too much: {} {}, where {} is the most", what, asked, most));
}

bool has_only(std::string_view text, std::string_view alphabet) {
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || text.size() > 10 || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

// --- Digests: {SSHA}, {SHA256.HEX} and the like: the digest and then the salt ---

struct DigestForm {
    std::string_view scheme;
    const EVP_MD* (*algorithm)();
    bool salted;
    bool hexadecimal; ///< where nothing else is said
    std::string_view warning;
};

constexpr DigestForm kDigestForms[] = {
    {"SHA", EVP_sha1, false, false, kUnsalted},
    {"SHA1", EVP_sha1, false, false, kUnsalted},
    {"SHA256", EVP_sha256, false, false, kUnsalted},
    {"SHA512", EVP_sha512, false, false, kUnsalted},
    {"SSHA", EVP_sha1, true, false, ""},
    {"SSHA256", EVP_sha256, true, false, ""},
    {"SSHA512", EVP_sha512, true, false, ""},
    {"SMD5", EVP_md5, true, false, kMd5},
    {"PLAIN-MD5", EVP_md5, false, true, kUnsalted},
    {"LDAP-MD5", EVP_md5, false, false, kUnsalted},
};

std::optional<std::string> from_hexadecimal(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string octets;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        std::uint8_t octet = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, octet, 16);
        if (error != std::errc() || end != text.data() + at + 2) return std::nullopt;
        octets += static_cast<char>(octet);
    }
    return octets;
}

const DigestForm* digest_form(std::string_view scheme) {
    const auto* const form = std::ranges::find(kDigestForms, scheme, &DigestForm::scheme);
    return form == std::end(kDigestForms) ? nullptr : form;
}

DirectoryResult<ForeignHash> read_digest(const DigestForm& form, std::string_view encoding, std::string_view value) {
    const bool hexadecimal = encoding.empty() ? form.hexadecimal : encoding == "HEX";
    const std::optional<std::string> octets = hexadecimal ? from_hexadecimal(value) : base64::decode(value);
    const auto size = static_cast<std::size_t>(EVP_MD_get_size(form.algorithm()));
    if (!octets || (form.salted ? octets->size() <= size : octets->size() != size)) return malformed(form.scheme);
    return ForeignHash{.scheme = std::string(form.scheme),
                       .stored = fmt::format("{{{}.B64}}{}", form.scheme, base64::encode(*octets)),
                       .quick = true,
                       .warning = form.warning};
}

bool verify_digest(const std::string& password, const DigestForm& form, std::string_view value) {
    const std::optional<std::string> kept = base64::decode(value);
    const auto size = static_cast<std::size_t>(EVP_MD_get_size(form.algorithm()));
    if (!kept || kept->size() < size) return false;
    const std::string input = password + kept->substr(size);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    if (EVP_Digest(input.data(), input.size(), digest.data(), nullptr, form.algorithm(), nullptr) != 1) return false;
    return sasl::equal_in_constant_time(std::string_view(reinterpret_cast<const char*>(digest.data()), size),
                                        std::string_view(*kept).substr(0, size));
}

// --- crypt(3): $id$parameters$salt$hash ---

/// The parts between the dollar signs, without the first, which is empty.
std::vector<std::string_view> parts_of(std::string_view value) {
    return ascii::split(value.substr(1), '$');
}

DirectoryResult<ForeignHash> read_md5_crypt(std::string_view value) {
    const std::vector<std::string_view> parts = parts_of(value);
    if (parts.size() != 3 || parts[1].size() > 8 || parts[2].size() != 22 || !has_only(parts[2], kCryptDigits))
        return malformed("MD5-CRYPT");
    return ForeignHash{.scheme = "MD5-CRYPT", .stored = {}, .quick = true, .warning = kMd5};
}

DirectoryResult<ForeignHash> read_sha_crypt(std::string_view scheme, std::size_t hash_size, std::string_view value) {
    std::vector<std::string_view> parts = parts_of(value);
    std::uint64_t rounds = 5000;
    if (parts.size() == 4 && parts[1].starts_with("rounds=")) {
        rounds = number_in(parts[1].substr(7)).value_or(0);
        parts.erase(parts.begin() + 1);
    }
    if (parts.size() != 3 || rounds < 1000 || parts[1].size() > 16 || parts[2].size() != hash_size ||
        !has_only(parts[2], kCryptDigits))
        return malformed(scheme);
    if (rounds > kShaCryptRoundsMax) return too_dear("rounds", rounds, kShaCryptRoundsMax);
    return ForeignHash{.scheme = std::string(scheme), .stored = {}, .quick = rounds <= 10'000};
}

DirectoryResult<ForeignHash> read_sha256_crypt(std::string_view value) {
    return read_sha_crypt("SHA256-CRYPT", 43, value);
}

DirectoryResult<ForeignHash> read_sha512_crypt(std::string_view value) {
    return read_sha_crypt("SHA512-CRYPT", 86, value);
}

DirectoryResult<ForeignHash> read_bcrypt(std::string_view value) {
    const std::vector<std::string_view> parts = parts_of(value);
    const auto cost = parts.size() == 3 && parts[1].size() == 2 ? number_in(parts[1]) : std::nullopt;
    if (!cost || *cost < 4 || parts[2].size() != 53 || !has_only(parts[2], kCryptDigits)) return malformed("BLF-CRYPT");
    if (*cost > kBcryptCostMax) return too_dear("cost", *cost, kBcryptCostMax);
    return ForeignHash{.scheme = "BLF-CRYPT", .stored = {}, .quick = *cost <= 7};
}

/// The parameters are `j`, the digit of log2(N) - 1, and that of r - 1: what crypt_gensalt(3) writes; 128 r N octets.
DirectoryResult<ForeignHash> read_yescrypt(std::string_view value) {
    const std::vector<std::string_view> parts = parts_of(value);
    if (parts.size() != 4 || parts[1].size() != 3 || parts[1][0] != 'j' || !has_only(parts[1], kCryptDigits) ||
        parts[3].size() != 43 || !has_only(parts[3], kCryptDigits))
        return malformed("YESCRYPT");
    const std::uint64_t log2_n = kCryptDigits.find(parts[1][1]) + 1;
    const std::uint64_t r = kCryptDigits.find(parts[1][2]) + 1;
    // Above 48 digits a number goes on with the next one.
    if (log2_n > 40 || r > 48) return malformed("YESCRYPT");
    const std::uint64_t memory_kib = (r << log2_n) / 8;
    if (memory_kib > kForeignMemoryKibMax) return too_dear("memory in KiB", memory_kib, kForeignMemoryKibMax);
    return ForeignHash{.scheme = "YESCRYPT", .stored = {}, .quick = memory_kib <= 1024};
}

bool verify_crypt(const std::string& password, const std::string& value) {
    const auto work = std::make_unique<crypt_data>();
    const char* const made = crypt_rn(password.c_str(), value.c_str(), work.get(), sizeof(crypt_data));
    return made != nullptr && sasl::equal_in_constant_time(made, value);
}

// --- argon2 ---

struct Argon2Hash {
    argon2_type type;
    std::uint32_t version;
    std::uint32_t memory_kib;
    std::uint32_t passes;
    std::uint32_t lanes;
    std::string salt;
    std::string hash;
};

/// Base64 without padding, as argon2 writes it.
std::optional<std::string> from_bare_base64(std::string_view text) {
    return base64::decode(std::string(text) + std::string((4 - text.size() % 4) % 4, '='));
}

/// `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`; without a version it is the one before 19.
std::optional<Argon2Hash> parse_argon2(std::string_view value) {
    std::vector<std::string_view> parts = parts_of(value);
    Argon2Hash hash{.type = parts[0] == "argon2id" ? Argon2_id : Argon2_i, .version = ARGON2_VERSION_10};
    if (parts.size() == 5 && parts[1] == "v=19") {
        hash.version = ARGON2_VERSION_13;
        parts.erase(parts.begin() + 1);
    }
    if (parts.size() != 4) return std::nullopt;
    const std::vector<std::string_view> settings = ascii::split(parts[1], ',');
    constexpr std::string_view kNames[] = {"m=", "t=", "p="};
    std::uint32_t* const places[] = {&hash.memory_kib, &hash.passes, &hash.lanes};
    if (settings.size() != std::size(kNames)) return std::nullopt;
    for (std::size_t at = 0; at < settings.size(); ++at) {
        const auto number = settings[at].starts_with(kNames[at]) ? number_in(settings[at].substr(2)) : std::nullopt;
        if (!number || *number == 0 || *number > UINT32_MAX) return std::nullopt;
        *places[at] = static_cast<std::uint32_t>(*number);
    }
    const auto salt = from_bare_base64(parts[2]);
    const auto made = from_bare_base64(parts[3]);
    if (!salt || !made || salt->size() < 8 || salt->size() > 64 || made->size() < 12 || made->size() > 64)
        return std::nullopt;
    hash.salt = *salt;
    hash.hash = *made;
    return hash;
}

DirectoryResult<ForeignHash> read_argon2(std::string_view value) {
    const std::string_view scheme = value.starts_with("$argon2id") ? "ARGON2ID" : "ARGON2I";
    const std::optional<Argon2Hash> hash = parse_argon2(value);
    if (!hash || hash->lanes > 64 || hash->memory_kib < 8 * hash->lanes) return malformed(scheme);
    if (hash->memory_kib > kForeignMemoryKibMax)
        return too_dear("memory in KiB", hash->memory_kib, kForeignMemoryKibMax);
    const std::uint64_t work = std::uint64_t{hash->memory_kib} * hash->passes;
    if (work > kForeignWorkKibMax) return too_dear("passes over memory in KiB", work, kForeignWorkKibMax);
    return ForeignHash{.scheme = std::string(scheme), .stored = {}, .quick = work <= 8 * 1024};
}

bool verify_argon2(std::string password, std::string_view value) {
    std::optional<Argon2Hash> hash = parse_argon2(value);
    if (!hash) return false;
    std::string made(hash->hash.size(), '\0');
    const auto octets = [](std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); };
    const auto length = [](const std::string& text) { return static_cast<std::uint32_t>(text.size()); };
    argon2_context context{};
    context.out = octets(made);
    context.outlen = length(made);
    context.pwd = octets(password);
    context.pwdlen = length(password);
    context.salt = octets(hash->salt);
    context.saltlen = length(hash->salt);
    context.t_cost = hash->passes;
    context.m_cost = hash->memory_kib;
    context.lanes = hash->lanes;
    context.threads = 1; // the library would start one for each lane
    context.version = hash->version;
    context.flags = ARGON2_DEFAULT_FLAGS;
    return argon2_ctx(&context, hash->type) == ARGON2_OK && sasl::equal_in_constant_time(made, hash->hash);
}

// --- How a value is recognised ---

struct DollarForm {
    std::string_view prefix;
    DirectoryResult<ForeignHash> (*read)(std::string_view value);
    /// Names in braces that stand for it, beside CRYPT; the first one is kept.
    std::array<std::string_view, 2> schemes;
};

constexpr DollarForm kDollarForms[] = {
    {"$1$", read_md5_crypt, {"MD5-CRYPT", "MD5"}}, {"$5$", read_sha256_crypt, {"SHA256-CRYPT"}},
    {"$6$", read_sha512_crypt, {"SHA512-CRYPT"}},  {"$2a$", read_bcrypt, {"BLF-CRYPT"}},
    {"$2b$", read_bcrypt, {"BLF-CRYPT"}},          {"$2y$", read_bcrypt, {"BLF-CRYPT"}},
    {"$y$", read_yescrypt, {"YESCRYPT"}},          {"$argon2i$", read_argon2, {"ARGON2I"}},
    {"$argon2id$", read_argon2, {"ARGON2ID"}},
};

const DollarForm* dollar_form(std::string_view value) {
    const auto* const form =
        std::ranges::find_if(kDollarForms, [&](const DollarForm& each) { return value.starts_with(each.prefix); });
    return form == std::end(kDollarForms) ? nullptr : form;
}

/// `{SCHEME.ENCODING}value` in parts, the names in capitals; without braces the scheme is CRYPT.
struct Labelled {
    std::string scheme;
    std::string encoding;
    std::string_view value;
};

std::optional<Labelled> take_label(std::string_view text) {
    constexpr std::string_view kNameOctets = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    if (!text.starts_with('{')) return Labelled{.scheme = "CRYPT", .encoding = {}, .value = text};
    const auto close = text.find('}');
    if (close == std::string_view::npos || close < 2 || close > 32) return std::nullopt;
    const std::string_view name = text.substr(1, close - 1);
    if (!has_only(name, kNameOctets)) return std::nullopt;
    const auto dot = name.find('.');
    std::string encoding = dot == std::string_view::npos ? "" : ascii::upper(name.substr(dot + 1));
    const std::string_view value = text.substr(close + 1);
    std::string scheme = ascii::upper(name.substr(0, dot));
    // What LDAP servers call so is no crypt(3).
    if (scheme == "MD5" && !value.starts_with('$')) scheme = "LDAP-MD5";
    return Labelled{.scheme = std::move(scheme), .encoding = std::move(encoding), .value = value};
}

constexpr std::string_view kClearSchemes[] = {"PLAIN", "CLEAR", "CLEARTEXT"};

} // namespace

bool is_foreign_hash(std::string_view text) {
    if (text.starts_with('{')) return take_label(text).has_value();
    return dollar_form(text) != nullptr;
}

std::optional<std::string_view> clear_password(std::string_view text) {
    const auto labelled = text.starts_with('{') ? take_label(text) : std::nullopt;
    if (!labelled || !labelled->encoding.empty() ||
        std::ranges::find(kClearSchemes, labelled->scheme) == std::end(kClearSchemes))
        return std::nullopt;
    return labelled->value;
}

DirectoryResult<ForeignHash> parse_foreign_hash(std::string_view text) {
    const auto labelled = take_label(text);
    if (!labelled || labelled->value.size() > kForeignHashBytesMax || !std::ranges::all_of(text, ascii::is_vchar))
        return invalid("this is no hash of a password");
    const bool encoding_known = labelled->encoding.empty() || labelled->encoding == "HEX" ||
                                labelled->encoding == "B64" || labelled->encoding == "BASE64";
    if (const DigestForm* const form = digest_form(labelled->scheme); form && encoding_known)
        return read_digest(*form, labelled->encoding, labelled->value);
    const DollarForm* const form = dollar_form(labelled->value);
    const bool of_crypt = labelled->scheme == "CRYPT";
    const bool fits = form && labelled->encoding.empty() &&
                      (of_crypt || std::ranges::find(form->schemes, labelled->scheme) != form->schemes.end());
    if (fits) {
        TRY(ForeignHash hash, form->read(labelled->value));
        hash.stored = fmt::format("{{{}}}{}", hash.scheme, labelled->value);
        return hash;
    }
    for (const DollarForm& known : kDollarForms)
        if (std::ranges::find(known.schemes, labelled->scheme) != known.schemes.end())
            return malformed(labelled->scheme);
    if (of_crypt) return invalid("this form of crypt is not taken: $1$, $5$, $6$, $2a$, $2b$, $2y$ and $y$ are");
    return invalid(fmt::format("hashes of the scheme {} are not taken", text.substr(1, text.find('}') - 1)));
}

bool verify_foreign_hash(const std::string& password, const ForeignHash& hash) {
    // What comes after a NUL would not count for crypt(3).
    const auto labelled = take_label(hash.stored);
    if (!labelled || password.contains('\0')) return false;
    if (const DigestForm* const form = digest_form(labelled->scheme))
        return verify_digest(password, *form, labelled->value);
    if (labelled->scheme.starts_with("ARGON2")) return verify_argon2(password, labelled->value);
    return verify_crypt(password, std::string(labelled->value));
}

} // namespace tegami::directory
