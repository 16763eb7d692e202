// Asks web servers whose address a stranger wrote: in a letter that somebody here reads.
//
// 1. Nothing inside is reached. The name is resolved here, each of its addresses counts only if `may_reach` says so, and the
//    connection goes to that very address. Only the ports of http and https are asked. A redirect is looked at likewise.
// 2. TLS proves the server by authorities. What is sent is what stands in the question: no cookie, no Referer.
// 3. Time, header and body are bounded, and the body is read as it is taken: nothing of it is held but a piece.
#pragma once

#include "async/timer.h"
#include "net/host_endpoints.h"
#include "net/http.h"
#include "net/network.h"
#include "net/resolver.h"
#include "net/web_url.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::net {

struct WebQuestion {
    std::string method = "GET";
    WebUrl url;
    HttpFields fields{}; ///< beside Host, Connection and User-Agent
    std::string body{};
    unsigned redirects_max = 0;
    std::uint64_t body_bytes_max = 0; ///< Limit: a longer answer ends in a fault
    Duration patience{};              ///< Limit: of waiting for others, until the end of the body
};

struct WebAnswer {
    unsigned status = 0;
    HttpFields fields;
    std::optional<std::uint64_t> length; ///< of the body, if the server says it
    std::unique_ptr<BodySource> body;    ///< it keeps the connection
};

struct WebFault {
    bool refused = false; ///< by us, because of where the address leads; nobody was asked there
    std::string text;     ///< in plain words, without what the other side says
};

class WebClient {
public:
    /// All of them outlive it, and the bodies of its answers.
    struct Dependencies {
        Network& network;
        Resolver& resolver;
        async::Timers& timers;
        std::shared_ptr<const TlsClientContext> tls;
        AddressCheck may_reach = is_of_internet;
        std::uint16_t secure_port = 443; ///< that https is asked at
    };

    using Outcome = Result<WebAnswer, WebFault>;

    explicit WebClient(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Returns when the header of the answer is there, whatever its status. From any thread.
    async::Awaitable<Outcome> ask(WebQuestion question) const;

private:
    async::Awaitable<> follow(const WebQuestion* question, Instant begun, Outcome* outcome) const;
    async::Awaitable<Outcome> ask_once(const WebQuestion* question, WebUrl url, Instant begun) const;
    async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect(std::vector<Endpoint> endpoints) const;

    const Dependencies dependencies_;
};

} // namespace tegami::net
