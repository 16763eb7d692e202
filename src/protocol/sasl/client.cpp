#include "protocol/sasl/client.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/sasl/message_syntax.h"

namespace tegami::sasl {

std::string plain_message(const Credentials& credentials, std::string_view authzid) {
    std::string message(authzid);
    message += '\0';
    message += credentials.user;
    message += '\0';
    message += credentials.password;
    return message;
}

std::optional<std::string> login_response(const Credentials& credentials, int challenge) {
    if (challenge == 0) return credentials.user;
    if (challenge == 1) return credentials.password;
    return std::nullopt;
}

ScramClient::ScramClient(Credentials credentials, RandomSource& random, BindingSupport support,
                         std::optional<ChannelBinding> binding)
    : credentials_(std::move(credentials)), nonce_(make_nonce(random)) {
    if (binding) {
        gs2_header_ = "p=" + binding->type + ",,";
        binding_data_ = std::move(binding->data);
    } else {
        gs2_header_ = support == BindingSupport::supported_but_not_offered ? "y,," : "n,,";
    }
}

std::string ScramClient::first() {
    first_bare_ = "n=" + encode_saslname(credentials_.user) + ",r=" + nonce_;
    return gs2_header_ + first_bare_;
}

Result<std::string, ClientError> ScramClient::final(std::string_view server_first) {
    std::string_view rest = server_first;
    const std::optional<std::string_view> nonce = take_attribute(rest, 'r');
    const std::optional<std::string_view> salt_text = nonce ? take_attribute(rest, 's') : std::nullopt;
    const std::optional<std::string_view> iterations_text = salt_text ? take_attribute(rest, 'i') : std::nullopt;
    if (!iterations_text) return failure(ClientError::malformed);
    const std::optional<std::string> salt = base64::decode(*salt_text);
    const auto iterations = ascii::parse_number<std::uint32_t>(*iterations_text);
    // The server's nonce must go on from ours, or an old dialogue could be replayed to us (RFC 5802 §5.1).
    const bool nonce_is_ours = is_nonce(*nonce) && nonce->size() > nonce_.size() && nonce->starts_with(nonce_);
    if (!salt || salt->empty() || !iterations || *iterations == 0 || !nonce_is_ours)
        return failure(ClientError::malformed);
    if (*iterations > kScramIterationsMax) return failure(ClientError::too_many_iterations);

    const std::string salted = salted_password(usable_password(credentials_.password), *salt, *iterations);
    const std::string client_key = hmac_sha256(salted, "Client Key");
    const std::string without_proof = "c=" + base64::encode(gs2_header_ + binding_data_) + ",r=" + std::string(*nonce);
    const std::string auth_message = first_bare_ + ',' + std::string(server_first) + ',' + without_proof;
    server_signature_ = hmac_sha256(hmac_sha256(salted, "Server Key"), auth_message);
    const std::string proof = combine(client_key, hmac_sha256(sha256(client_key), auth_message));
    return without_proof + ",p=" + base64::encode(proof);
}

Result<void, ClientError> ScramClient::verify(std::string_view server_final) const {
    std::string_view rest = server_final;
    if (take_attribute(rest, 'e')) return failure(ClientError::refused);
    const std::optional<std::string_view> signature = take_attribute(rest, 'v');
    const std::optional<std::string> octets = signature ? base64::decode(*signature) : std::nullopt;
    if (!octets) return failure(ClientError::malformed);
    if (server_signature_.empty() || !equal_in_constant_time(*octets, server_signature_))
        return failure(ClientError::wrong_server_signature);
    return {};
}

} // namespace tegami::sasl
