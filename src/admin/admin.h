// Everything that can be managed, as requests and answers in JSON: what the command line asks, of the running server
// through its socket or, without a server, of this class directly.
//
// 1. Who asks is an argument of every operation, and is asked for permission before it runs: nothing relies on how the
//    request came in.
// 2. What changes something is in the audit log before it begins, and its outcome before that is told.
// 3. Over HTTP an operation is POST /NAME with an object; the answer is an object with status 200, or {"error": "a
//    sentence"} with the status of the refusal.
// 4. The operation that takes mail has its octets behind the line of the object; the answers of those that give mail, or the
//    log, are octets.
#pragma once

#include "admin/audit_trail.h"
#include "admin/operation.h"
#include "net/http_routes.h"
#include "transfer/item.h"

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
    explicit Admin(Dependencies dependencies)
        : dependencies_(std::move(dependencies)), trail_(dependencies_.audit, dependencies_.timers) {}

    /// Carries out the operation of this name. The Admin outlives the call.
    async::Awaitable<Answer> call(Caller caller, std::string operation, json::object parameters);

    /// Stores the messages that `octets` gives (transfer/item.h). Both outlive the call.
    async::Awaitable<Answer> take_mail(Caller caller, json::object parameters, net::BodySource* octets);
    /// What an operation of this name gives; there is one. The Admin outlives it.
    async::Awaitable<Given> give(Caller caller, std::string name, json::object parameters);

    /// Answers a request for an operation, with at most so many octets of parameters. All of it outlives the call.
    async::Awaitable<net::HttpResponse> serve(Caller caller, const Operation* operation, net::HttpRequest* request,
                                              net::BodySource* body, std::size_t parameter_bytes_max);

    /// Adds a route for each operation, for whoever can reach it: the local root. The Admin outlives the routes.
    void add_routes(net::HttpRoutes& routes);

    /// Somebody has signed in to the web face, from this address of a client: written down if they have a role. Should that fail,
    /// they are signed in all the same: whoever changes something needs the audit log again.
    async::Awaitable<> note_sign_in(directory::Identity identity, std::string from);

private:
    template <class Run>
    async::Awaitable<Answer> carry_out(Caller caller, const Operation* operation, json::object parameters, Run run);
    async::Awaitable<Result<void, Refusal>> permit(Caller caller, const Operation* operation, json::object parameters);
    async::Awaitable<Result<void, Refusal>> admit(Caller caller, const Operation* operation, json::object parameters);

    const Dependencies dependencies_;
    AuditTrail trail_;
};

/// An answer as HTTP has it.
net::HttpResponse respond(const Answer& answer);

} // namespace tegami::admin
