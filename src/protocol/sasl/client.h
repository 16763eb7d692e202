// The client's side of SASL: what the relay needs to log in at a smarthost (PLAIN, LOGIN), and a SCRAM-SHA-256
// client that checks the server's signature. Octets in and out; base64 and line syntax belong to the protocol.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "protocol/sasl/server.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::sasl {

/// Who we are at another server.
struct Credentials {
    std::string user;
    std::string password;
};

/// The whole PLAIN exchange: one message (RFC 4616 §2).
std::string plain_message(const Credentials& credentials, std::string_view authzid = {});

/// LOGIN: the answer to the challenge with this number (0: the user, 1: the password), or nothing if the server
/// asks for more.
std::optional<std::string> login_response(const Credentials& credentials, int challenge);

enum class ClientError : std::uint8_t { malformed, refused, wrong_server_signature, too_many_iterations };

/// One SCRAM exchange: first(), then final() with the server's first message, then verify() with its last.
class ScramClient {
public:
    /// With `binding` it is SCRAM-SHA-256-PLUS; without, `server_offers_plus` says whether PLUS was announced and
    /// we could have used it ('y' is sent if we could and it was not, RFC 5802 §6).
    enum class BindingSupport : std::uint8_t { none, supported_but_not_offered };

    ScramClient(Credentials credentials, RandomSource& random, BindingSupport support = BindingSupport::none,
                std::optional<ChannelBinding> binding = std::nullopt);

    std::string first();
    Result<std::string, ClientError> final(std::string_view server_first);
    Result<void, ClientError> verify(std::string_view server_final) const;

private:
    Credentials credentials_;
    std::string nonce_;
    std::string gs2_header_;
    std::string binding_data_;
    std::string first_bare_;
    std::string server_signature_;
};

} // namespace tegami::sasl
