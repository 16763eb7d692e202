// What there is without TLS: proofs for authorities, and the way to HTTPS for everybody else.
#pragma once

#include "net/http_routes.h"
#include "service/httpd/challenge_board.h"

#include <cstdint>
#include <optional>

namespace tegami::httpd {

/// Adds GET /.well-known/acme-challenge/TOKEN, which shows the proof that `board` has under the token, and a redirect to
/// the same address under HTTPS for all else, if it is served at `https_port`. `board` outlives the routes.
void add_plain_routes(net::HttpRoutes& routes, const ChallengeBoard& board, std::optional<std::uint16_t> https_port);

} // namespace tegami::httpd
