// What the routes of the web face answer with: JSON, and for what went wrong {"error": "a-word"}. The same rules for all of them.
#pragma once

#include "base/clock.h"
#include "directory/authenticator.h"
#include "net/http.h"
#include "json/json.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::webd {

net::HttpResponse json_response(unsigned status, const json::object& object);
/// 204
net::HttpResponse nothing();
net::HttpResponse refusal(unsigned status, std::string_view word);
/// 401. The challenge is one that browsers open no dialog for.
net::HttpResponse unauthorized(const json::object& object);
net::HttpResponse unauthorized(std::string_view word);
/// 503
net::HttpResponse unavailable();
/// Too many failures, or no answer now; `wrong` of wrong credentials.
net::HttpResponse refusal(directory::LoginFailure::Reason reason, net::HttpResponse wrong);

/// That a code is needed beside the password, or a passkey: which kinds there are, and what a passkey is asked for.
json::object code_needed(const directory::CodeNeeded& owed, std::string_view base_url);

/// Whether a request may be answered at all: what is a user's crosses TLS only, and no page of another origin gets it.
bool may_be_answered(const net::HttpRequest& request, std::string_view base_url);
/// Adds what browsers are told about an answer that only its reader may keep.
void add_private_fields(net::HttpResponse& response);

/// Content-Disposition of a file to be saved (RFC 6266, RFC 8187 §3.2). The name is UTF-8.
std::string attachment_named(std::string_view name);

/// "2026-11-27T18:00:00Z"
std::string print_moment(Timestamp moment);
/// "2026-11-27"
std::string print_day(std::uint64_t day);

} // namespace tegami::webd
