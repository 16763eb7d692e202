#include "service/jmapd/blob_id.h"

#include "base/ascii.h"
#include "protocol/sasl/scram.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::jmapd {

namespace {

/// Limit: octets of a part's name: as deep as messages nest, four digits a level.
constexpr std::size_t kPartNameBytesMax = 320;
constexpr std::size_t kSignatureOctets = 16;
constexpr std::size_t kSizeDigits = 16;

std::string to_hex(std::string_view octets) {
    std::string text;
    for (const char octet : octets)
        text += fmt::format("{:02x}", static_cast<unsigned char>(octet));
    return text;
}

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char digit : digits) {
        if (ascii::is_upper(digit) || ascii::hex_value(digit) < 0) return std::nullopt;
        value = value << 4U | static_cast<std::uint64_t>(ascii::hex_value(digit));
    }
    return value;
}

/// What an upload's id says, before its signature.
std::string upload_text(const UploadedBlob& blob) {
    const std::string_view octets(reinterpret_cast<const char*>(blob.blob.octets.data()), blob.blob.octets.size());
    return "U" + to_hex(octets) + fmt::format("{:0{}x}", blob.size, kSizeDigits);
}

std::string signature_of(std::string_view text, store::AccountId account, std::string_view secret) {
    const std::string octets = sasl::hmac_sha256(secret, fmt::format("upload over JMAP\n{}\n{}", account.value, text));
    return to_hex(std::string_view(octets).substr(0, kSignatureOctets));
}

/// The part that an id names behind its first dash; empty if it has none.
std::optional<std::string> parse_part(std::string_view id) {
    const std::size_t dash = id.find('-');
    if (dash == std::string_view::npos) return std::string();
    std::string part(id.substr(dash + 1, kPartNameBytesMax + 1));
    if (part.empty() || part.size() > kPartNameBytesMax) return std::nullopt;
    const auto is_of_name = [](char c) { return ascii::is_digit(c) || c == '-'; };
    if (!std::ranges::all_of(part, is_of_name)) return std::nullopt;
    std::ranges::replace(part, '-', '.');
    return part;
}

std::string with_part(std::string id, std::string part) {
    if (part.empty()) return id;
    std::ranges::replace(part, '.', '-');
    return id + "-" + part;
}

std::optional<EmailBlob> parse_email_blob(std::string_view id) {
    const std::string_view digits = id.substr(1, std::min(id.find('-'), id.size()) - 1);
    const auto number = ascii::parse_number<std::uint64_t>(digits);
    auto part = parse_part(id);
    if (!number || std::to_string(*number) != digits || !part) return std::nullopt;
    return EmailBlob{.email = store::EmailId(*number), .part = *std::move(part)};
}

std::optional<UploadedBlob> parse_upload(std::string_view id, store::AccountId account, std::string_view secret) {
    auto part = parse_part(id);
    id = id.substr(0, id.find('-'));
    UploadedBlob blob;
    const std::size_t blob_digits = 2 * blob.blob.octets.size();
    if (!part || id.size() != 1 + blob_digits + kSizeDigits + 2 * kSignatureOctets) return std::nullopt;
    const std::string_view text = id.substr(0, 1 + blob_digits + kSizeDigits);
    if (!sasl::equal_in_constant_time(signature_of(text, account, secret), id.substr(text.size()))) return std::nullopt;
    for (std::size_t at = 0; at < blob.blob.octets.size(); ++at) {
        const auto octet = parse_hex(id.substr(1 + 2 * at, 2));
        if (!octet) return std::nullopt;
        blob.blob.octets[at] = static_cast<std::uint8_t>(*octet);
    }
    const auto size = parse_hex(id.substr(1 + blob_digits, kSizeDigits));
    if (!size) return std::nullopt;
    blob.size = *size;
    blob.part = *std::move(part);
    return blob;
}

} // namespace

std::string blob_id_of(const BlobName& blob, store::AccountId account, std::string_view secret) {
    if (const auto* const upload = std::get_if<UploadedBlob>(&blob)) {
        const std::string text = upload_text(*upload);
        return with_part(text + signature_of(text, account, secret), upload->part);
    }
    const auto& email = std::get<EmailBlob>(blob);
    return with_part("B" + std::to_string(email.email.value), email.part);
}

std::optional<BlobName> parse_blob_id(std::string_view id, store::AccountId account, std::string_view secret) {
    if (id.starts_with('B')) return parse_email_blob(id);
    if (id.starts_with('U')) return parse_upload(id, account, secret);
    return std::nullopt;
}

} // namespace tegami::jmapd
