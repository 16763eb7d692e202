// Any octets as what a client says in addresses and fields before it has logged in, and after: nothing it says gets out of
// its place.
#include "base/assert.h"
#include "directory/app_password.h"
#include "directory/web_session.h"
#include "service/jmapd/basic.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/event_query.h"
#include "service/jmapd/http_text.h"
#include "service/webd/account_request.h"
#include "service/webd/answers.h"
#include "service/webd/negotiation.h"
#include "service/webd/session_cookie.h"
#include "service/webd/sign_in_request.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::jmapd;
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::uint64_t whole = data[0];
    const AskedRange asked = parse_range(octets, whole);
    if (asked.kind == RangeKind::part)
        ASSERT(asked.octets.length > 0 && asked.octets.begin < whole &&
               asked.octets.length <= whole - asked.octets.begin);
    const auto is_plain = [](char c) { return c >= ' ' && c < '\x7f'; };
    ASSERT(std::ranges::all_of(media_type(octets), is_plain));
    ASSERT(std::ranges::all_of(webd::attachment_named(octets), is_plain));
    static_cast<void>(webd::matches_tag(octets, "\"tag\""));
    static_cast<void>(webd::encoding_wanted(octets, true, true));
    if (const auto segments = path_segments(octets, "/"))
        for (const std::string& segment : *segments)
            ASSERT(segment.size() <= octets.size());
    if (const auto query = parse_event_query(octets)) ASSERT(query->types.size() <= kEventTypes.size());
    if (const auto pair = parse_basic(octets)) ASSERT(!pair->login.contains(':'));
    if (const auto token = webd::token_in_cookies(octets)) {
        ASSERT(token->size() <= webd::kTokenBytesMax && octets.contains("__Host-tegami=" + *token));
        static_cast<void>(directory::account_of_token(*token));
    }
    if (const auto sign_in = webd::parse_sign_in(octets))
        if (const auto* const password = std::get_if<webd::PasswordSignIn>(&*sign_in))
            ASSERT(password->username.size() + password->password.size() < octets.size());
    if (const auto account = webd::AccountRequest::parse(octets))
        ASSERT(account->text("password").value_or("").size() <= octets.size());
    if (const auto letters = directory::app_password_letters(octets)) ASSERT(letters->size() <= octets.size());
    const store::AccountId account(7);
    if (const auto name = parse_blob_id(octets, account, "secret"))
        ASSERT(blob_id_of(*name, account, "secret") == octets);
    return 0;
}
