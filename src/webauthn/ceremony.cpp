#include "webauthn/ceremony.h"

#include <openssl/sha.h>

#include <optional>
#include <utility>

namespace tegami::webauthn {

namespace {

std::string sha256(std::string_view octets) {
    std::string hash(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
           reinterpret_cast<unsigned char*>(hash.data()));
    return hash;
}

/// §7.1 steps 7 to 9, §7.2 steps 11 to 13. A page of ours within one of somebody else is not ours.
std::optional<Fault> check_client(std::string_view octets, std::string_view type, const RelyingParty& party) {
    const auto client = parse_client_data(octets);
    if (!client) return Fault::malformed;
    if (client->type != type) return Fault::wrong_type;
    if (client->origin != party.origin || client->cross_origin) return Fault::wrong_origin;
    return std::nullopt;
}

/// §7.1 steps 13 to 15, §7.2 steps 15 to 17
std::optional<Fault> check_data(const AuthenticatorData& data, const RelyingParty& party, Verification verification) {
    if (data.relying_party_hash != sha256(party.id)) return Fault::wrong_party;
    if (!data.user_present) return Fault::not_present;
    if (verification == Verification::needed && !data.user_verified) return Fault::not_verified;
    return std::nullopt;
}

} // namespace

RelyingParty RelyingParty::of(std::string_view base_url) {
    std::string_view host = base_url.substr(base_url.find("//") + 2);
    host = host.substr(0, host.find(':'));
    return {.id = std::string(host), .origin = std::string(base_url)};
}

std::string_view word_of(Fault fault) {
    switch (fault) {
    case Fault::malformed: return "malformed";
    case Fault::wrong_type: return "wrong-type";
    case Fault::wrong_origin: return "wrong-origin";
    case Fault::wrong_party: return "wrong-party";
    case Fault::not_present: return "not-present";
    case Fault::not_verified: return "not-verified";
    case Fault::unknown_key: return "unknown-key";
    case Fault::wrong_signature: return "wrong-signature";
    case Fault::counter_back: break;
    }
    return "counter-back";
}

Result<Credential, Fault> check_registration(const Registration& registration, const RelyingParty& party) {
    if (const auto fault = check_client(registration.client_data, "webauthn.create", party)) return failure(*fault);
    auto data = parse_attestation(registration.attestation);
    if (!data) return failure(Fault::malformed);
    // One that nobody had to unlock could not sign in alone.
    if (const auto fault = check_data(*data, party, Verification::needed)) return failure(*fault);
    if (!is_sound(data->attested->parsed_key)) return failure(Fault::unknown_key);
    return Credential{
        .id = std::move(data->attested->id), .key = std::move(data->attested->key), .counter = data->counter};
}

Result<std::uint32_t, Fault> check_assertion(const Assertion& assertion, const Credential& credential,
                                             const RelyingParty& party, Verification verification) {
    if (const auto fault = check_client(assertion.client_data, "webauthn.get", party)) return failure(*fault);
    const auto data = parse_authenticator_data(assertion.authenticator_data);
    if (!data || assertion.id != credential.id) return failure(Fault::malformed);
    if (const auto fault = check_data(*data, party, verification)) return failure(*fault);
    const auto key = parse_public_key(credential.key);
    if (!key) return failure(Fault::unknown_key);
    // §7.2 step 20
    if (!is_signed(*key, assertion.authenticator_data + sha256(assertion.client_data), assertion.signature))
        return failure(Fault::wrong_signature);
    // §7.2 step 21
    const bool counts = data->counter != 0 || credential.counter != 0;
    if (counts && data->counter <= credential.counter) return failure(Fault::counter_back);
    return data->counter;
}

} // namespace tegami::webauthn
