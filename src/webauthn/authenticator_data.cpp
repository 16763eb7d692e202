#include "webauthn/authenticator_data.h"

#include <utility>

namespace tegami::webauthn {

namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kAaguidBytes = 16;

/// §6.1
enum Flag : std::uint8_t { kUserPresent = 0x01, kUserVerified = 0x04, kAttested = 0x40, kExtensions = 0x80 };

/// Takes octets from the front.
class Front {
public:
    explicit Front(std::string_view octets) : rest_(octets) {}

    std::optional<std::string_view> take(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    /// A number, the highest octet first.
    std::optional<std::uint32_t> number(std::size_t count) {
        const auto octets = take(count);
        if (!octets) return std::nullopt;
        std::uint32_t value = 0;
        for (const char each : *octets)
            value = value << 8U | static_cast<unsigned char>(each);
        return value;
    }

    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

std::optional<AttestedCredential> take_credential(Front& front) {
    if (!front.take(kAaguidBytes)) return std::nullopt;
    const auto size = front.number(2);
    if (!size || *size == 0 || *size > kCredentialIdBytesMax) return std::nullopt;
    const auto id = front.take(*size);
    if (!id) return std::nullopt;
    CborReader reader(front.rest());
    auto key = read_public_key(reader);
    if (!key || reader.position() > kKeyBytesMax) return std::nullopt;
    return AttestedCredential{
        .id = std::string(*id), .key = std::string(*front.take(reader.position())), .parsed_key = *std::move(key)};
}

bool take_extensions(Front& front) {
    CborReader reader(front.rest());
    const auto item = CborReader(front.rest()).next();
    return item && item->kind == CborItem::Kind::map && reader.skip() && front.take(reader.position());
}

} // namespace

std::optional<AuthenticatorData> parse_authenticator_data(std::string_view octets) {
    if (octets.size() > kAuthenticatorDataBytesMax) return std::nullopt;
    Front front(octets);
    const auto hash = front.take(kHashBytes);
    const auto flags = front.number(1);
    const auto counter = front.number(4);
    if (!hash || !flags || !counter) return std::nullopt;
    AuthenticatorData data{.relying_party_hash = std::string(*hash),
                           .user_present = (*flags & kUserPresent) != 0,
                           .user_verified = (*flags & kUserVerified) != 0,
                           .counter = *counter};
    if ((*flags & kAttested) != 0) {
        data.attested = take_credential(front);
        if (!data.attested) return std::nullopt;
    }
    if ((*flags & kExtensions) != 0 && !take_extensions(front)) return std::nullopt;
    if (!front.rest().empty()) return std::nullopt;
    return data;
}

std::optional<AuthenticatorData> parse_attestation(std::string_view octets) {
    if (octets.size() > kAttestationBytesMax) return std::nullopt;
    CborReader reader(octets);
    // "fmt", "attStmt" and "authData" (§6.5.4), each once.
    if (reader.map() != 3) return std::nullopt;
    std::optional<std::string_view> data;
    bool has_format = false;
    bool has_statement = false;
    for (int at = 0; at < 3; ++at) {
        const auto name = reader.text();
        if (name == "fmt" && !std::exchange(has_format, true)) {
            if (!reader.text()) return std::nullopt;
        } else if (name == "attStmt" && !std::exchange(has_statement, true)) {
            if (!reader.skip()) return std::nullopt;
        } else if (name == "authData" && !data) {
            data = reader.octets();
            if (!data) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    if (!reader.at_end()) return std::nullopt;
    auto parsed = parse_authenticator_data(*data);
    if (!parsed || !parsed->attested) return std::nullopt;
    return parsed;
}

} // namespace tegami::webauthn
