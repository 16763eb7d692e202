#include "admin/admin.h"

#include "admin/parameters.h"

#include <fmt/format.h>

#include <map>

namespace tegami::admin {

namespace {

using OperationsByName = std::map<std::string_view, const Operation*>;

const OperationsByName& operations() {
    static const OperationsByName kOperations = [] {
        OperationsByName all;
        for (const auto family :
             {directory_operations(), undelete_operations(), dkim_operations(), dmarc_operations(), dns_operations(),
              tls_operations(), queue_operations(), server_operations(), backup_operations(), index_operations()})
            for (const Operation& operation : family)
                all.emplace(operation.name, &operation);
        return all;
    }();
    return kOperations;
}

net::HttpResponse respond(unsigned status, const json::object& body) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.body = write_json(body);
    return response;
}

net::HttpResponse respond(const Answer& answer) {
    if (answer) return respond(200, *answer);
    return respond(answer.error().status, {{"error", answer.error().message}});
}

Result<json::object, Refusal> parse_parameters(const std::string& body) {
    boost::system::error_code error;
    json::value parsed = json::parse(body.empty() ? "{}" : body, error);
    if (error || !parsed.is_object())
        return failure(Refusal{.status = 400, .message = "the request is no JSON object"});
    return std::move(parsed.get_object());
}

/// The domain or account that the operation is about; empty if none is named, which needs the right to all.
std::string subject_of(const Operation& operation, const json::object& parameters) {
    const json::value* const named = operation.subject.empty() ? nullptr : parameters.if_contains(operation.subject);
    return named && named->is_string() ? std::string(named->get_string()) : std::string();
}

} // namespace

async::Awaitable<Answer> Admin::call(Caller caller, std::string operation, json::object parameters) {
    const auto found = operations().find(operation);
    if (found == operations().end())
        co_return failure(Refusal{.status = 404, .message = "there is no such request: " + operation});
    const Operation* const known = found->second;
    if (!caller.may(known->access, subject_of(*known, parameters)))
        co_return failure(Refusal{.status = 403, .message = fmt::format("{} may not do this", caller.name())});
    co_return co_await known->run(&dependencies_, std::move(caller), std::move(parameters));
}

async::Awaitable<net::HttpResponse> Admin::serve(Admin* admin, Caller caller, net::HttpRequest* request,
                                                 net::BodySource* body) {
    request->identity = caller.name();
    const auto text = co_await net::read_whole(body, kRequestBytesMax);
    if (!text) co_return respond(failure(Refusal{.status = text.error().status, .message = text.error().text}));
    auto parameters = parse_parameters(*text);
    if (!parameters) co_return respond(failure(parameters.error()));
    const Answer answer = co_await admin->call(std::move(caller), std::string(request->path()), *std::move(parameters));
    co_return respond(answer);
}

void Admin::add_routes(net::HttpRoutes& routes, const CallerOf& caller_of) {
    for (const auto& [name, operation] : operations())
        routes.add("POST", std::string(name), [this, caller_of](net::HttpRequest* request, net::BodySource* body) {
            return serve(this, caller_of(*request), request, body);
        });
}

} // namespace tegami::admin
