#include "service/jmapd/user.h"

#include "service/jmapd/basic.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/ids.h"

namespace tegami::jmapd {

namespace {

using Reason = directory::LoginFailure::Reason;

net::HttpResponse unauthorized() {
    net::HttpResponse response = problem(401, "log in with the address of the account and its password");
    response.fields.add("WWW-Authenticate", R"(Basic realm="mail", charset="UTF-8")");
    return response;
}

net::HttpResponse refusal(Reason reason) {
    switch (reason) {
    case Reason::wrong_credentials: return unauthorized();
    case Reason::too_many: return try_later(429, "too many failed logins");
    case Reason::unavailable: break;
    }
    return try_later(503, "logins cannot be checked now");
}

async::Awaitable<Result<directory::Identity, net::HttpResponse>> check(Service* service, BasicCredentials credentials,
                                                                       directory::LoginClient client) {
    directory::Authenticator& authenticator = service->with.authenticator;
    // A client shows its password with every request: most of them are no logins.
    auto known = co_await authenticator.recall(credentials.login, credentials.password, client.address);
    if (known) co_return *std::move(known);
    auto checked = co_await authenticator.check_password(std::move(credentials.login), std::move(credentials.password),
                                                         std::move(client));
    if (checked) co_return *std::move(checked);
    co_await async::sleep(&service->with.timers, checked.error().delay);
    co_return failure(refusal(checked.error().reason));
}

} // namespace

async::Awaitable<Result<User, net::HttpResponse>> sign_in(Service* service, net::HttpRequest* request) {
    const std::vector<std::string_view> fields = request->fields.all("Authorization");
    auto credentials = fields.size() == 1 ? parse_basic(fields.front()) : std::nullopt;
    // RFC 8620 §8.1: a password crosses TLS only.
    if (!credentials || !request->secure) co_return failure(unauthorized());
    directory::LoginClient client{
        .address = request->client.address.to_string(), .service = "jmap", .tls = request->secure};
    auto identity = co_await check(service, *std::move(credentials), std::move(client));
    if (!identity) co_return failure(std::move(identity).error());
    request->identity = identity->address.to_string();
    const auto account = co_await service->with.store.account(identity->account);
    if (!account) co_return failure(try_later(503, "the account cannot be opened now"));
    std::string id = id_of(identity->account);
    co_return User{
        .identity = *std::move(identity), .account = *account, .account_id = std::move(id), .client = request->client};
}

} // namespace tegami::jmapd
