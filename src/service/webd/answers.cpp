#include "service/webd/answers.h"

#include "base/ascii.h"
#include "service/httpd/page_fields.h"
#include "service/webd/origin.h"
#include "webauthn/credential_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

namespace tegami::webd {

namespace {

net::HttpResponse later(unsigned status, std::string_view word) {
    net::HttpResponse response = refusal(status, word);
    response.fields.add("Retry-After", "30");
    return response;
}

/// attr-char (RFC 8187 §3.2.1)
bool is_attribute_char(char c) {
    constexpr std::string_view kOthers = "!#$&+-.^_`|~";
    return ascii::is_alnum(c) || kOthers.contains(c);
}

} // namespace

net::HttpResponse json_response(unsigned status, const json::object& object) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.body = write_json(object);
    return response;
}

net::HttpResponse nothing() {
    net::HttpResponse response;
    response.status = 204;
    return response;
}

net::HttpResponse refusal(unsigned status, std::string_view word) {
    return json_response(status, {{"error", word}});
}

net::HttpResponse unauthorized(const json::object& object) {
    net::HttpResponse response = json_response(401, object);
    // RFC 9110 §11.6.1 wants a challenge. One that browsers do not know opens no dialog of theirs.
    response.fields.add("WWW-Authenticate", "Cookie realm=\"mail\"");
    return response;
}

net::HttpResponse unauthorized(std::string_view word) {
    return unauthorized(json::object{{"error", word}});
}

net::HttpResponse unavailable() {
    return later(503, "unavailable");
}

net::HttpResponse refusal(directory::LoginFailure::Reason reason, net::HttpResponse wrong) {
    using Reason = directory::LoginFailure::Reason;
    switch (reason) {
    case Reason::wrong_credentials: return wrong;
    case Reason::too_many: return later(429, "too-many");
    case Reason::unavailable: break;
    }
    return unavailable();
}

json::object code_needed(const directory::CodeNeeded& owed, std::string_view base_url) {
    json::object needed{{"error", "code-needed"}, {"kinds", json::value_from(owed.kinds)}};
    if (!owed.passkeys.empty())
        needed["passkey"] = webauthn::request_options(webauthn::RelyingParty::of(base_url), owed.ticket, owed.passkeys,
                                                      webauthn::Verification::not_needed);
    return needed;
}

bool may_be_answered(const net::HttpRequest& request, std::string_view base_url) {
    return request.secure && origin_of(request, base_url) != Origin::others;
}

void add_private_fields(net::HttpResponse& response) {
    response.fields.add("Cache-Control", "no-store");
    httpd::add_page_fields(response, "default-src 'none'; frame-ancestors 'none'; sandbox");
}

std::string attachment_named(std::string_view name) {
    std::string plain;
    std::string encoded;
    for (const char c : name) {
        const bool safe = c == ' ' || (ascii::is_vchar(c) && c != '"' && c != '\\' && c != '%');
        plain += safe ? c : '_';
        if (is_attribute_char(c))
            encoded += c;
        else
            encoded.append({'%', ascii::kUpperHex[static_cast<unsigned char>(c) >> 4U],
                            ascii::kUpperHex[static_cast<unsigned char>(c) & 15U]});
    }
    return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded;
}

std::string print_moment(Timestamp moment) {
    return fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(moment));
}

std::string print_day(std::uint64_t day) {
    return fmt::format("{:%F}", Timestamp(std::chrono::days(static_cast<std::int64_t>(day))));
}

} // namespace tegami::webd
