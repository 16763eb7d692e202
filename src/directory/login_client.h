// Where somebody logs in, and for what.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// What somebody logs in to.
enum class LoginService : std::uint8_t {
    imap,
    pop3,
    submission,
    jmap, ///< with a password in each request
    api,  ///< the administration for programs, with a token in each request
    web,  ///< the web face: the one place where a second factor is asked for, and no app password counts
};

/// Those that an app password is for if nothing is said: what mail programs speak.
inline constexpr std::array kMailServices{LoginService::imap, LoginService::pop3, LoginService::submission,
                                          LoginService::jmap};
/// Those that one can be for.
inline constexpr std::array kAppPasswordServices{LoginService::imap, LoginService::pop3, LoginService::submission,
                                                 LoginService::jmap, LoginService::api};

/// "imap", "pop3", "submission", "jmap", "api", "web".
std::string_view word_of(LoginService service);
/// The one of kAppPasswordServices with this word.
std::optional<LoginService> find_app_password_service(std::string_view word);

/// The client's address as text without port, such as `192.0.2.1`.
using ClientAddress = std::string;

struct LoginClient {
    ClientAddress address;
    LoginService service = LoginService::imap;
    bool tls = false;
};

} // namespace tegami::directory
