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
        for (const auto family : {directory_operations(), undelete_operations(), dkim_operations(), dmarc_operations(),
                                  dns_operations(), tls_operations(), certificate_operations(), queue_operations(),
                                  server_operations(), ban_operations(), session_operations(), credential_operations(),
                                  backup_operations(), index_operations(), mail_operations()})
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

/// Those of a call that is nothing but them.
async::Awaitable<Result<json::object, Refusal>> parameters_in(net::BodySource* body) {
    const auto text = co_await net::read_whole(body, kRequestBytesMax);
    if (!text) co_return failure(Refusal{.status = text.error().status, .message = text.error().text});
    co_return parse_parameters(*text);
}

/// The domain or account that an operation is about; empty if none is named, which needs the right to all.
std::string subject_of(std::string_view subject, const json::object& parameters) {
    const json::value* const named = subject.empty() ? nullptr : parameters.if_contains(subject);
    return named && named->is_string() ? std::string(named->get_string()) : std::string();
}

Refusal forbidden(const Caller& caller) {
    return {.status = 403, .message = fmt::format("{} may not do this", caller.name())};
}

/// What follows the first line of a body.
class BehindLine final : public net::BodySource {
public:
    explicit BehindLine(net::BodySource* body) : body_(body) {}

    /// The line, without its end. Limit: kRequestBytesMax.
    async::Awaitable<Result<std::string, net::HttpFault>> read_line() {
        std::string line;
        for (std::size_t seen = 0;;) {
            const std::size_t found = line.find('\n', seen);
            if (found != std::string::npos) {
                rest_ = line.substr(found + 1);
                line.resize(found);
                co_return line;
            }
            if (line.size() > kRequestBytesMax) co_return failure(net::HttpFault{413, "the parameters are too long"});
            seen = line.size();
            CO_TRY(const std::string piece, co_await body_->read());
            if (piece.empty()) co_return line;
            line += piece;
        }
    }

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        if (!rest_.empty()) co_return std::exchange(rest_, {});
        co_return co_await body_->read();
    }

private:
    net::BodySource* const body_;
    std::string rest_;
};

} // namespace

async::Awaitable<Answer> Admin::call(Caller caller, std::string operation, json::object parameters) {
    const auto found = operations().find(operation);
    if (found == operations().end())
        co_return failure(Refusal{.status = 404, .message = "there is no such request: " + operation});
    const Operation* const known = found->second;
    if (!caller.may(known->access, subject_of(known->subject, parameters))) co_return failure(forbidden(caller));
    co_return co_await known->run(&dependencies_, std::move(caller), std::move(parameters));
}

async::Awaitable<net::HttpResponse> Admin::serve(Admin* admin, Caller caller, net::HttpRequest* request,
                                                 net::BodySource* body) {
    request->identity = caller.name();
    auto parameters = co_await parameters_in(body);
    if (!parameters) co_return respond(failure(parameters.error()));
    const Answer answer = co_await admin->call(std::move(caller), std::string(request->path()), *std::move(parameters));
    co_return respond(answer);
}

async::Awaitable<Answer> Admin::take_mail(Caller caller, json::object parameters, net::BodySource* octets) {
    const TakingOperation& operation = mail_taking();
    if (!caller.may(Access::change, subject_of(operation.subject, parameters))) co_return failure(forbidden(caller));
    co_return co_await operation.run(&dependencies_, std::move(parameters), octets);
}

async::Awaitable<Given> Admin::give_mail(Caller caller, json::object parameters) {
    const GivingOperation& operation = mail_giving();
    if (!caller.may(Access::read, subject_of(operation.subject, parameters))) co_return failure(forbidden(caller));
    co_return co_await operation.run(&dependencies_, std::move(parameters));
}

async::Awaitable<net::HttpResponse> Admin::serve_taking(Admin* admin, Caller caller, net::HttpRequest* request,
                                                        net::BodySource* body) {
    request->identity = caller.name();
    BehindLine behind(body);
    const auto line = co_await behind.read_line();
    if (!line) co_return respond(failure(Refusal{.status = line.error().status, .message = line.error().text}));
    auto parameters = parse_parameters(*line);
    if (!parameters) co_return respond(failure(parameters.error()));
    const Answer answer = co_await admin->take_mail(std::move(caller), *std::move(parameters), &behind);
    co_return respond(answer);
}

async::Awaitable<net::HttpResponse> Admin::serve_giving(Admin* admin, Caller caller, net::HttpRequest* request,
                                                        net::BodySource* body) {
    request->identity = caller.name();
    auto parameters = co_await parameters_in(body);
    if (!parameters) co_return respond(failure(parameters.error()));
    Given given = co_await admin->give_mail(std::move(caller), *std::move(parameters));
    if (!given) co_return respond(failure(given.error()));
    net::HttpResponse response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.stream = *std::move(given);
    co_return response;
}

void Admin::add_routes(net::HttpRoutes& routes, const CallerOf& caller_of) {
    for (const auto& [name, operation] : operations())
        routes.add("POST", std::string(name), [this, caller_of](net::HttpRequest* request, net::BodySource* body) {
            return serve(this, caller_of(*request), request, body);
        });
    routes.add("POST", std::string(mail_taking().name),
               [this, caller_of](net::HttpRequest* request, net::BodySource* body) {
                   return serve_taking(this, caller_of(*request), request, body);
               });
    routes.add("POST", std::string(mail_giving().name),
               [this, caller_of](net::HttpRequest* request, net::BodySource* body) {
                   return serve_giving(this, caller_of(*request), request, body);
               });
}

} // namespace tegami::admin
