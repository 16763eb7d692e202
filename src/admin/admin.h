// Everything that can be managed, as requests and answers in JSON: what the command line asks, of the running server
// through its socket or, without a server, of this class directly.
//
// 1. Who asks is an argument of every operation, and is asked for permission before it runs: nothing relies on how the
//    request came in.
// 2. Over HTTP an operation is POST /NAME with an object; the answer is an object with status 200, or {"error": "a
//    sentence"} with the status of the refusal.
// 3. The operation that takes mail has its octets behind the line of the object; the answer of the one that gives mail is
//    octets.
#pragma once

#include "admin/operation.h"
#include "net/http_routes.h"
#include "transfer/item.h"

#include <functional>
#include <string>

namespace tegami::admin {

/// Limit: an import of kImportEntriesMax lines with the longest addresses and passwords fits.
inline constexpr std::size_t kRequestBytesMax = 4U << 20;

/// Limit: octets of a request that mail is in: the longest message, and more than what stands before it.
inline constexpr std::uint64_t kMailBytesMax = transfer::kMessageBytesMax + kRequestBytesMax;
/// Limit: messages of one such request.
inline constexpr std::size_t kMailMessagesMax = 1000;

class Admin {
public:
    explicit Admin(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Carries out the operation of this name. The Admin outlives the call.
    async::Awaitable<Answer> call(Caller caller, std::string operation, json::object parameters);

    /// Stores the messages that `octets` gives (transfer/item.h). Both outlive the call.
    async::Awaitable<Answer> take_mail(Caller caller, json::object parameters, net::BodySource* octets);
    /// The messages of a mailbox. The Admin outlives them.
    async::Awaitable<Given> give_mail(Caller caller, json::object parameters);

    /// Says who sent a request.
    using CallerOf = std::function<Caller(const net::HttpRequest&)>;

    /// Adds a route for each operation. The Admin outlives the routes.
    void add_routes(net::HttpRoutes& routes, const CallerOf& caller_of);

private:
    static async::Awaitable<net::HttpResponse> serve(Admin* admin, Caller caller, net::HttpRequest* request,
                                                     net::BodySource* body);
    static async::Awaitable<net::HttpResponse> serve_taking(Admin* admin, Caller caller, net::HttpRequest* request,
                                                            net::BodySource* body);
    static async::Awaitable<net::HttpResponse> serve_giving(Admin* admin, Caller caller, net::HttpRequest* request,
                                                            net::BodySource* body);

    const Dependencies dependencies_;
};

} // namespace tegami::admin
