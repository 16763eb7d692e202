#include "trust/dkim/signature.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "message/header.h"
#include "message/utf8.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <ranges>

namespace tegami::dkim {
namespace {

/// Limit: digits of a time (RFC 6376 §3.5), so it fits.
constexpr std::size_t kTimeDigitsMax = 12;
/// Limit: digits of `l=` (RFC 6376 §3.5).
constexpr std::size_t kLengthDigitsMax = 76;

std::unexpected<Fault> syntax(std::string_view tag) {
    return failure(Fault{.reason = Reason::signature_syntax, .tag = std::string(tag)});
}

Result<std::string_view, Fault> required(const TagList& tags, std::string_view name) {
    const Tag* tag = tags.find(name);
    if (tag == nullptr) return failure(Fault{.reason = Reason::tag_missing, .tag = std::string(name)});
    return tag->value;
}

/// RFC 6376 §3.5: sub-domains, so no address literal and no final dot.
std::optional<message::Domain> parse_host(std::string_view text) {
    if (text.starts_with('[') || text.ends_with('.')) return std::nullopt;
    return message::Domain::parse(text);
}

std::optional<message::Domain> parse_signing_domain(std::string_view text) {
    auto domain = parse_host(text);
    if (domain && !domain->ascii().contains('.')) return std::nullopt;
    return domain;
}

/// RFC 6376 §2.11. Nothing for what is no such text, or not UTF-8 once decoded.
std::optional<std::string> decode_quoted(std::string_view value) {
    const std::string text = without_space(value);
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '=') {
            out += text[at];
            continue;
        }
        if (at + 2 >= text.size() || !ascii::is_hex_digit(text[at + 1]) || !ascii::is_hex_digit(text[at + 2]))
            return std::nullopt;
        out += static_cast<char>((ascii::hex_value(text[at + 1]) << 4) | ascii::hex_value(text[at + 2]));
        at += 2;
    }
    if (out.size() > kIdentityBytesMax || !message::is_utf8(out)) return std::nullopt;
    return out;
}

std::optional<message::Domain> domain_of(std::string_view identity) {
    const std::size_t at = identity.rfind('@');
    return at == identity.npos ? std::nullopt : parse_signing_domain(identity.substr(at + 1));
}

bool is_within(std::string_view domain, std::string_view ancestor) {
    return domain == ancestor || (domain.ends_with(ancestor) && domain[domain.size() - ancestor.size() - 1] == '.');
}

Result<std::optional<std::uint64_t>, Fault> parse_time(const TagList& tags, std::string_view name) {
    const Tag* tag = tags.find(name);
    if (tag == nullptr) return std::nullopt;
    const auto seconds = ascii::parse_number<std::uint64_t>(tag->value);
    if (!seconds || tag->value.size() > kTimeDigitsMax) return syntax(name);
    return seconds;
}

/// What does not fit is longer than any body.
Result<std::optional<std::uint64_t>, Fault> parse_length(const TagList& tags) {
    const Tag* tag = tags.find("l");
    if (tag == nullptr) return std::nullopt;
    if (tag->value.empty() || tag->value.size() > kLengthDigitsMax || !std::ranges::all_of(tag->value, ascii::is_digit))
        return syntax("l");
    return ascii::parse_number<std::uint64_t>(tag->value).value_or(std::numeric_limits<std::uint64_t>::max());
}

std::optional<Canonicalization> parse_form(std::string_view text) {
    if (text == "simple") return Canonicalization::simple;
    if (text == "relaxed") return Canonicalization::relaxed;
    return std::nullopt;
}

Result<void, Fault> parse_algorithm(std::string_view text, Signature& into) {
    if (text == "rsa-sha256")
        into.key_type = KeyType::rsa;
    else if (text == "ed25519-sha256")
        into.key_type = KeyType::ed25519;
    else
        return failure(Fault{.reason = text == "rsa-sha1" ? Reason::algorithm_not_allowed : Reason::algorithm_unknown,
                             .tag = "a"});
    return {};
}

Result<void, Fault> parse_forms(const TagList& tags, Signature& into) {
    const Tag* tag = tags.find("c");
    if (tag == nullptr) return {};
    const std::size_t slash = tag->value.find('/');
    const auto header = parse_form(tag->value.substr(0, slash));
    const auto body =
        slash == std::string_view::npos ? Canonicalization::simple : parse_form(tag->value.substr(slash + 1));
    if (!header || !body) return failure(Fault{.reason = Reason::canonicalization_unknown, .tag = "c"});
    into.header_form = *header;
    into.body.form = *body;
    return {};
}

Result<void, Fault> parse_signed_names(std::string_view value, SignatureKind kind, Signature& into) {
    bool has_from = false;
    const std::vector<std::string_view> names = colon_list(value);
    into.signed_names.reserve(std::min(names.size(), kSignedNamesMax));
    for (const std::string_view name : names) {
        if (!message::is_field_name(name)) return syntax("h");
        if (into.signed_names.size() == kSignedNamesMax)
            return failure(Fault{.reason = Reason::over_limit, .tag = "h"});
        // RFC 8617 §4.1.2 forbids a signer more fields, but this one alone would be made after the signature.
        if (kind == SignatureKind::arc_message_signature && ascii::iequals(name, "ARC-Seal")) return syntax("h");
        has_from = has_from || ascii::iequals(name, "From");
        into.signed_names.emplace_back(name);
    }
    if (!has_from) return failure(Fault{.reason = Reason::from_not_signed, .tag = "h"});
    return {};
}

Result<void, Fault> parse_names(const TagList& tags, Signature& into) {
    TRY(const std::string_view domain_text, required(tags, "d"));
    TRY(const std::string_view selector_text, required(tags, "s"));
    const auto domain = parse_signing_domain(domain_text);
    if (!domain) return syntax("d");
    const auto selector = parse_host(selector_text);
    const auto name = selector ? dns::Name::parse(selector->ascii() + "._domainkey." + domain->ascii()) : std::nullopt;
    if (!name) return syntax("s");
    into.domain = domain->ascii();
    into.identity_domain = into.domain;
    into.key_name = *name;
    return {};
}

Result<void, Fault> parse_identity(const TagList& tags, Signature& into) {
    const Tag* tag = tags.find("i");
    if (tag == nullptr) return {};
    const auto identity = decode_quoted(tag->value);
    const auto within = identity ? domain_of(*identity) : std::nullopt;
    if (!within) return syntax("i");
    if (!is_within(within->ascii(), into.domain)) return failure(Fault{.reason = Reason::domain_mismatch, .tag = "i"});
    into.identity_domain = within->ascii();
    return {};
}

/// What a seal has not: it is no signature of a message and does not end (RFC 8617 §4.1.3).
Result<void, Fault> parse_scope(const TagList& tags, SignatureKind kind, Signature& into) {
    TRY(const std::string_view body_hash, required(tags, "bh"));
    TRY(const std::string_view names, required(tags, "h"));
    TRY_VOID(parse_forms(tags, into));
    TRY_VOID(parse_signed_names(names, kind, into));
    TRY(into.expires_at, parse_time(tags, "x"));
    if (into.made_at && into.expires_at && *into.expires_at <= *into.made_at) return syntax("x");
    TRY(into.body.length, parse_length(tags));
    if (const Tag* tag = tags.find("q"); tag != nullptr && !contains(colon_list(tag->value), "dns/txt"))
        return failure(Fault{.reason = Reason::query_unknown, .tag = "q"});
    const auto digest = base64::decode(without_space(body_hash));
    if (!digest || digest->size() != kDigestBytes) return syntax("bh");
    into.body_hash = *digest;
    return {};
}

} // namespace

std::string_view to_string(KeyType type) {
    return type == KeyType::rsa ? "rsa" : "ed25519";
}

Claims read_claims(const TagList& tags, SignatureKind kind) {
    Claims claims;
    if (const Tag* tag = tags.find("d")) claims.domain = parse_signing_domain(tag->value);
    if (const Tag* tag = tags.find("s"))
        if (const auto selector = parse_host(tag->value)) claims.selector = selector->ascii();
    if (kind == SignatureKind::dkim) {
        if (const Tag* tag = tags.find("i"))
            claims.identity = decode_quoted(tag->value).value_or("");
        else if (claims.domain)
            claims.identity = "@" + claims.domain->ascii();
    }
    if (const Tag* tag = tags.find("a"); tag != nullptr && tag->value.size() <= kIdentityBytesMax)
        claims.algorithm = std::string(tag->value);
    if (const Tag* tag = tags.find("b"))
        std::ranges::copy(tag->value | std::views::filter([](char c) { return !ascii::is_space(c); }) |
                              std::views::take(kSignatureStartBytes),
                          std::back_inserter(claims.signature_start));
    return claims;
}

Result<Signature, Fault> parse_signature(const TagList& tags, SignatureKind kind) {
    if (kind == SignatureKind::dkim) {
        TRY(const std::string_view version, required(tags, "v"));
        if (version != "1") return failure(Fault{.reason = Reason::version_unknown, .tag = "v"});
    }
    TRY(const std::string_view algorithm, required(tags, "a"));
    TRY(const std::string_view octets, required(tags, "b"));
    Signature signature;
    TRY_VOID(parse_names(tags, signature));
    if (kind == SignatureKind::dkim) TRY_VOID(parse_identity(tags, signature));
    TRY_VOID(parse_algorithm(algorithm, signature));
    TRY(signature.made_at, parse_time(tags, "t"));
    if (kind != SignatureKind::arc_seal)
        TRY_VOID(parse_scope(tags, kind, signature));
    else if (tags.find("h") != nullptr)
        return syntax("h"); // RFC 8617 §4.1.3
    const auto decoded = base64::decode(without_space(octets));
    if (!decoded || decoded->empty()) return syntax("b");
    signature.octets = *decoded;
    return signature;
}

} // namespace tegami::dkim
