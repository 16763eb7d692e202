#include "directory/passkey.h"

#include "base/ascii.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::directory {

namespace {

constexpr std::size_t kHandleBytes = 8;

} // namespace

std::optional<Error> check_passkey_name(std::string_view name) {
    if (name.empty() || name.size() > kPasskeyNameBytesMax)
        return Error{.code = ErrorCode::invalid,
                     .message = fmt::format("a passkey needs a name of 1 to {} octets", kPasskeyNameBytesMax)};
    if (!message::is_utf8(name) || std::ranges::any_of(name, ascii::is_control))
        return Error{.code = ErrorCode::invalid, .message = "the name must be UTF-8 text without control characters"};
    return std::nullopt;
}

std::string user_handle_of(AccountId account) {
    std::string handle;
    for (std::size_t at = kHandleBytes; at > 0; --at)
        handle += static_cast<char>(account.value >> (8 * (at - 1)) & 0xFFU);
    return handle;
}

std::optional<AccountId> account_of_handle(std::string_view handle) {
    if (handle.size() != kHandleBytes) return std::nullopt;
    std::uint64_t number = 0;
    for (const char each : handle)
        number = number << 8U | static_cast<unsigned char>(each);
    return AccountId(number);
}

} // namespace tegami::directory
