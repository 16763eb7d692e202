#include "webauthn/credential_json.h"

#include "base/base64.h"

namespace tegami::webauthn {

namespace {

/// The octets of a member; nothing if it has none, or too many.
std::optional<std::string> octets_in(const json::object& object, std::string_view name, std::size_t bytes_max) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    const std::string_view text = value->get_string();
    if (text.size() > 2 * bytes_max) return std::nullopt;
    auto octets = base64::decode_url(text);
    if (!octets || octets->size() > bytes_max) return std::nullopt;
    return octets;
}

/// Of a passkey that is one (type), its response.
const json::object* response_of(const json::object& credential) {
    const json::value* const type = credential.if_contains("type");
    const json::value* const response = credential.if_contains("response");
    if (type == nullptr || !type->is_string() || type->get_string() != "public-key") return nullptr;
    return response == nullptr ? nullptr : response->if_object();
}

json::array descriptors(const std::vector<std::string>& ids) {
    json::array all;
    for (const std::string& id : ids)
        all.push_back(json::object{{"type", "public-key"}, {"id", base64::encode_url(id)}});
    return all;
}

/// How long the browser waits for a person, in milliseconds: as long as a challenge counts.
constexpr int kTimeout = 300'000;

} // namespace

std::optional<Registration> read_registration(const json::object& credential) {
    const json::object* const response = response_of(credential);
    if (response == nullptr) return std::nullopt;
    auto client_data = octets_in(*response, "clientDataJSON", kClientDataBytesMax);
    auto attestation = octets_in(*response, "attestationObject", kAttestationBytesMax);
    if (!client_data || !attestation) return std::nullopt;
    return Registration{.client_data = *std::move(client_data), .attestation = *std::move(attestation)};
}

std::optional<Assertion> read_assertion(const json::object& credential) {
    const json::object* const response = response_of(credential);
    if (response == nullptr) return std::nullopt;
    constexpr std::size_t kUserHandleBytesMax = 64;
    auto id = octets_in(credential, "id", kCredentialIdBytesMax);
    auto client_data = octets_in(*response, "clientDataJSON", kClientDataBytesMax);
    auto data = octets_in(*response, "authenticatorData", kAuthenticatorDataBytesMax);
    auto signature = octets_in(*response, "signature", kSignatureBytesMax);
    if (!id || !client_data || !data || !signature) return std::nullopt;
    return Assertion{.id = *std::move(id),
                     .client_data = *std::move(client_data),
                     .authenticator_data = *std::move(data),
                     .signature = *std::move(signature),
                     .user_handle = octets_in(*response, "userHandle", kUserHandleBytesMax).value_or("")};
}

json::object creation_options(const RelyingParty& party, const NewUser& user, std::string_view challenge,
                              const std::vector<std::string>& there) {
    json::array algorithms;
    for (const Algorithm each : kAlgorithms)
        algorithms.push_back(json::object{{"type", "public-key"}, {"alg", static_cast<int>(each)}});
    return {{"rp", {{"id", party.id}, {"name", party.id}}},
            {"user", {{"id", base64::encode_url(user.handle)}, {"name", user.name}, {"displayName", user.name}}},
            {"challenge", base64::encode_url(challenge)},
            {"pubKeyCredParams", std::move(algorithms)},
            {"timeout", kTimeout},
            {"excludeCredentials", descriptors(there)},
            {"authenticatorSelection",
             {{"residentKey", "required"}, {"requireResidentKey", true}, {"userVerification", "required"}}},
            {"attestation", "none"}};
}

json::object request_options(const RelyingParty& party, std::string_view challenge,
                             const std::vector<std::string>& allowed, Verification verification) {
    json::object options{{"challenge", base64::encode_url(challenge)},
                         {"timeout", kTimeout},
                         {"rpId", party.id},
                         {"userVerification", verification == Verification::needed ? "required" : "discouraged"}};
    if (!allowed.empty()) options["allowCredentials"] = descriptors(allowed);
    return options;
}

} // namespace tegami::webauthn
