// Answers over HTTP that are not a method's: JSON, and problems (RFC 7807).
#pragma once

#include "base/log.h"
#include "net/http.h"
#include "protocol/jmap/request.h"
#include "store/types.h"
#include "json/json.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::jmapd {

net::HttpResponse json_response(unsigned status, const json::value& value);

/// A problem without a type of its own; the sentence is for whoever writes the client.
net::HttpResponse problem(unsigned status, std::string_view detail);
/// The same; the client may come again after a while.
net::HttpResponse try_later(unsigned status, std::string_view detail);
/// One of RFC 8620 §3.6.1.
net::HttpResponse problem(const jmap::RequestFault& fault, unsigned status = 400);
/// What is over a limit of the core capability, by its name there.
net::HttpResponse over_limit(std::string_view limit, std::string_view detail, unsigned status = 400);
/// What the store cannot do.
net::HttpResponse store_problem(Log& log, const store::Error& error);

/// Writes down what went wrong in the store and is nobody's fault but ours.
void log_failure(Log& log, const store::Error& error);

} // namespace tegami::jmapd
