#include "admin/admin.h"

#include "admin/mail_streams.h"
#include "admin/parameters.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::admin {

namespace {

/// Limit: octets of a wrong name in the sentence about it.
constexpr std::size_t kShownBytesMax = 100;

net::HttpResponse respond(unsigned status, const json::object& body) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.body = write_json(body);
    return response;
}

Result<json::object, Refusal> parse_parameters(const std::string& body) {
    boost::system::error_code error;
    json::value parsed = json::parse(body.empty() ? "{}" : body, error);
    if (error || !parsed.is_object())
        return failure(Refusal{.status = 400, .message = "the request is no JSON object"});
    return std::move(parsed.get_object());
}

/// Those of a call that is nothing but them.
async::Awaitable<Result<json::object, Refusal>> parameters_in(net::BodySource* body, std::size_t bytes_max) {
    const auto text = co_await net::read_whole(body, bytes_max);
    if (!text) co_return failure(Refusal{.status = text.error().status, .message = text.error().text});
    co_return parse_parameters(*text);
}

/// The domain or account that an operation is about; empty if none is named, which needs the right to all.
std::string subject_of(std::string_view subject, const json::object& parameters) {
    const json::value* const named = subject.empty() ? nullptr : parameters.if_contains(subject);
    return named && named->is_string() ? std::string(named->get_string()) : std::string();
}

/// A member that the operation does not know is a mistake that its caller should hear of.
Result<void, Refusal> check_members(const Operation& operation, const json::object& parameters) {
    for (const auto& member : parameters) {
        const std::string_view name = member.key();
        if (std::ranges::find(operation.parameters, name, &Parameter::name) == operation.parameters.end())
            return failure(Refusal{400, fmt::format("{} takes no {}", operation.name,
                                                    message::utf8_prefix(std::string(name), kShownBytesMax))});
    }
    return {};
}

/// What follows the first line of a body.
class BehindLine final : public net::BodySource {
public:
    explicit BehindLine(net::BodySource* body) : body_(body) {}

    /// The line, without its end.
    async::Awaitable<Result<std::string, net::HttpFault>> read_line(std::size_t bytes_max) {
        std::string line;
        for (std::size_t seen = 0;;) {
            const std::size_t found = line.find('\n', seen);
            if (found != std::string::npos) {
                rest_ = line.substr(found + 1);
                line.resize(found);
                co_return line;
            }
            if (line.size() > bytes_max) co_return failure(net::HttpFault{413, "the parameters are too long"});
            seen = line.size();
            CO_TRY(const std::string piece, co_await body_->read());
            if (piece.empty()) co_return line;
            line += piece;
        }
    }

    /// Limit: kMailBytesMax in all.
    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        std::string piece = std::exchange(rest_, {});
        if (piece.empty()) {
            CO_TRY(piece, co_await body_->read());
        }
        bytes_ += piece.size();
        if (bytes_ > kMailBytesMax) co_return failure(net::HttpFault{413, "too much mail for one request"});
        co_return piece;
    }

private:
    net::BodySource* const body_;
    std::string rest_;
    std::uint64_t bytes_ = 0;
};

} // namespace

net::HttpResponse respond(const Answer& answer) {
    if (answer) return respond(200, *answer);
    return respond(answer.error().status, {{"error", answer.error().message}});
}

const OperationsByName& all_operations() {
    static const OperationsByName kOperations = [] {
        OperationsByName all;
        for (const auto family :
             {domain_operations(),      directory_operations(), role_operations(),       undelete_operations(),
              dkim_operations(),        dmarc_operations(),     dns_operations(),        tls_operations(),
              certificate_operations(), queue_operations(),     trace_operations(),      server_operations(),
              ban_operations(),         session_operations(),   credential_operations(), backup_operations(),
              index_operations(),       mail_operations(),      audit_operations(),      overview_operations(),
              queue_hold_operations(),  setting_operations(),   log_operations()})
            for (const Operation& operation : family)
                all.emplace(operation.name, &operation);
        return all;
    }();
    return kOperations;
}

async::Awaitable<Result<void, Refusal>> Admin::permit(Caller caller, const Operation* operation,
                                                      json::object parameters) {
    const std::string subject = subject_of(operation->subject, parameters);
    if (!caller.may(operation->access, subject)) co_return failure(forbidden(caller));
    // Nobody gets at more than they have through somebody who has it.
    if (!caller.is_domain_administrator() || operation->access != Access::change) co_return Result<void, Refusal>();
    auto address = message::parse_email_address(subject);
    if (!address) co_return Result<void, Refusal>();
    if (directory::address_key(*address) == directory::address_key(*caller.address()))
        co_return Result<void, Refusal>();
    const auto account = co_await dependencies_.directory.administration().account_at(*address);
    if (!account) co_return failure(refusal_for(account.error()));
    if (!*account || dependencies_.directory.roles().of((*account)->id).kind == directory::RoleKind::user)
        co_return Result<void, Refusal>();
    co_return failure(Refusal{403, fmt::format("{} has a role: only an administrator changes it", address->display())});
}

/// Nothing is known of a request whose sender may not ask it, not even whether it makes sense.
async::Awaitable<Result<void, Refusal>> Admin::admit(Caller caller, const Operation* operation,
                                                     json::object parameters) {
    const auto permitted = co_await permit(caller, operation, parameters);
    if (!permitted) {
        co_await trail_.note_refusal(std::move(caller), operation, std::move(parameters), permitted.error());
        co_return permitted;
    }
    co_return check_members(*operation, parameters);
}

/// `run` is called with the caller and the parameters, and gives an answer.
template <class Run>
async::Awaitable<Answer> Admin::carry_out(Caller caller, const Operation* operation, json::object parameters, Run run) {
    CO_TRY_VOID(co_await admit(caller, operation, parameters));
    CO_TRY(const auto place, co_await trail_.begin(caller, operation, parameters));
    Answer answer = co_await run(std::move(caller), std::move(parameters));
    CO_TRY_VOID(co_await trail_.finish(place, answer ? std::nullopt : std::optional(answer.error())));
    co_return answer;
}

async::Awaitable<Answer> Admin::call(Caller caller, std::string operation, json::object parameters) {
    const auto found = all_operations().find(operation);
    const PlainRun* const plain =
        found == all_operations().end() ? nullptr : std::get_if<PlainRun>(&found->second->run);
    if (!plain) co_return failure(Refusal{.status = 404, .message = "there is no such request: " + operation});
    const auto run = [on = &dependencies_, plain](Caller who, json::object what) {
        return (*plain)(on, std::move(who), std::move(what));
    };
    co_return co_await carry_out(std::move(caller), found->second, std::move(parameters), run);
}

async::Awaitable<Answer> Admin::take_mail(Caller caller, json::object parameters, net::BodySource* octets) {
    const auto run = [on = &dependencies_, octets](const Caller&, json::object what) {
        return admin::take_mail(on, std::move(what), octets);
    };
    co_return co_await carry_out(std::move(caller), all_operations().at("/mail/take"), std::move(parameters), run);
}

async::Awaitable<Given> Admin::give(Caller caller, std::string name, json::object parameters) {
    const Operation* const operation = all_operations().at(name);
    CO_TRY_VOID(co_await admit(caller, operation, parameters));
    CO_TRY(const auto place, co_await trail_.begin(std::move(caller), operation, parameters));
    const GivingRun run = std::get<GivingRun>(operation->run);
    Given given = co_await run(&dependencies_, std::move(parameters));
    CO_TRY_VOID(co_await trail_.finish(place, given ? std::nullopt : std::optional(given.error())));
    co_return given;
}

async::Awaitable<net::HttpResponse> Admin::serve(Caller caller, const Operation* operation, net::HttpRequest* request,
                                                 net::BodySource* body, std::size_t parameter_bytes_max) {
    request->identity = caller.name();
    if (std::holds_alternative<TakingRun>(operation->run)) {
        BehindLine behind(body);
        const auto line = co_await behind.read_line(parameter_bytes_max);
        if (!line) co_return respond(failure(Refusal{.status = line.error().status, .message = line.error().text}));
        auto parameters = parse_parameters(*line);
        if (!parameters) co_return respond(failure(parameters.error()));
        const Answer answer = co_await take_mail(std::move(caller), *std::move(parameters), &behind);
        co_return respond(answer);
    }
    auto parameters = co_await parameters_in(body, parameter_bytes_max);
    if (!parameters) co_return respond(failure(parameters.error()));
    if (std::holds_alternative<PlainRun>(operation->run)) {
        const Answer answer = co_await call(std::move(caller), std::string(operation->name), *std::move(parameters));
        co_return respond(answer);
    }
    Given given = co_await give(std::move(caller), std::string(operation->name), *std::move(parameters));
    if (!given) co_return respond(failure(given.error()));
    net::HttpResponse response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.stream = *std::move(given);
    co_return response;
}

void Admin::add_routes(net::HttpRoutes& routes) {
    for (const auto& [name, operation] : all_operations())
        routes.add("POST", std::string(name), [this, operation](net::HttpRequest* request, net::BodySource* body) {
            return serve(Caller::local_root(), operation, request, body, kRequestBytesMax);
        });
}

async::Awaitable<> Admin::note_sign_in(directory::Identity identity, std::string from) {
    if (dependencies_.directory.roles().of(identity.account).kind == directory::RoleKind::user) co_return;
    store::AuditRow row{.who = identity.address.to_string(),
                        .from = std::move(from),
                        .operation = std::string(kSignInOperation),
                        .about = identity.address.to_string(),
                        .parameters = "{}",
                        .status = 200,
                        .refusal = {}};
    const auto written = co_await dependencies_.audit.add(std::move(row));
    static_cast<void>(written);
}

} // namespace tegami::admin
