#include "service/jmapd/user.h"

#include "service/jmapd/basic.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/ids.h"
#include "service/webd/bearer.h"
#include "service/webd/origin.h"
#include "service/webd/session_cookie.h"

namespace tegami::jmapd {

namespace {

using Reason = directory::LoginFailure::Reason;

/// For a page of ours the challenge is one that browsers do not know: they would ask for the password in a dialog of theirs.
net::HttpResponse unauthorized(const net::HttpRequest& request) {
    net::HttpResponse response = problem(401, "log in with the address of the account and its password");
    const bool by_page =
        request.fields.find("Sec-Fetch-Mode").value_or("navigate") != "navigate" || webd::token_of(request);
    response.fields.add("WWW-Authenticate",
                        by_page ? R"(Cookie realm="mail")" : R"(Basic realm="mail", charset="UTF-8")");
    if (!by_page) response.fields.add("WWW-Authenticate", webd::bearer_challenge());
    return response;
}

net::HttpResponse refusal(const net::HttpRequest& request, Reason reason) {
    switch (reason) {
    case Reason::wrong_credentials: return unauthorized(request);
    case Reason::too_many: return try_later(429, "too many failed logins");
    case Reason::unavailable: break;
    }
    return try_later(503, "logins cannot be checked now");
}

/// Whose a request is, and the session that it belongs to.
struct SignedIn {
    directory::Identity identity;
    std::string web_session;
};

async::Awaitable<Result<SignedIn, net::HttpResponse>> check_password(Service* service, const net::HttpRequest* request,
                                                                     BasicCredentials credentials) {
    directory::Authenticator& authenticator = service->with.authenticator;
    directory::LoginClient client{.address = request->client.address.to_string(),
                                  .service = directory::LoginService::jmap,
                                  .tls = request->secure};
    // A client shows its password with every request: most of them are no logins.
    auto known = co_await authenticator.recall(credentials.login, credentials.password, client);
    if (known) co_return SignedIn{.identity = *std::move(known), .web_session = {}};
    auto checked = co_await authenticator.check_password(std::move(credentials.login), std::move(credentials.password),
                                                         std::move(client));
    if (checked) co_return SignedIn{.identity = *std::move(checked), .web_session = {}};
    co_await async::sleep(&service->with.timers, checked.error().delay);
    co_return failure(refusal(*request, checked.error().reason));
}

async::Awaitable<Result<SignedIn, net::HttpResponse>> check_token(Service* service, const net::HttpRequest* request,
                                                                  std::string token) {
    directory::LoginClient client{.address = request->client.address.to_string(),
                                  .service = directory::LoginService::jmap,
                                  .tls = request->secure};
    auto checked = co_await service->with.authenticator.check_token(std::move(token), std::move(client));
    if (checked) co_return SignedIn{.identity = *std::move(checked), .web_session = {}};
    co_await async::sleep(&service->with.timers, checked.error().delay);
    if (checked.error().reason != Reason::wrong_credentials)
        co_return failure(refusal(*request, checked.error().reason));
    webd::TokenRefusal refused = webd::refuse_token(checked.error(), "jmap");
    net::HttpResponse response = problem(refused.status, "this token is not for JMAP, or opens nothing any more");
    response.fields.add("WWW-Authenticate", std::move(refused.challenge));
    co_return failure(std::move(response));
}

async::Awaitable<Result<SignedIn, net::HttpResponse>> check_cookie(Service* service, const net::HttpRequest* request,
                                                                   std::string token) {
    if (!webd::cookie_counts(*request, service->with.base_url))
        co_return failure(problem(403, "with a cookie alone only pages of this server change anything"));
    auto found = co_await service->with.web_sessions.find(std::move(token));
    if (!found) co_return failure(refusal(*request, Reason::unavailable));
    if (!*found) co_return failure(unauthorized(*request));
    if ((*found)->owes_factor)
        co_return failure(problem(403, "a second factor has to be set up first: in the web mail, under Your account"));
    co_return SignedIn{.identity = std::move((*found)->identity), .web_session = std::move((*found)->id)};
}

/// A password or a token that is shown counts, and a cookie beside it does not.
async::Awaitable<Result<SignedIn, net::HttpResponse>> check(Service* service, const net::HttpRequest* request) {
    const std::vector<std::string_view> fields = request->fields.all("Authorization");
    auto credentials = fields.size() == 1 ? parse_basic(fields.front()) : std::nullopt;
    auto bearer = webd::bearer_token(*request);
    auto token = fields.empty() ? webd::token_of(*request) : std::nullopt;
    // RFC 8620 §8.1: a password crosses TLS only.
    if (!request->secure) co_return failure(unauthorized(*request));
    if (bearer) co_return co_await check_token(service, request, *std::move(bearer));
    if (credentials) co_return co_await check_password(service, request, *std::move(credentials));
    if (token) co_return co_await check_cookie(service, request, *std::move(token));
    co_return failure(unauthorized(*request));
}

} // namespace

async::Awaitable<Result<User, net::HttpResponse>> sign_in(Service* service, net::HttpRequest* request) {
    auto signed_in = co_await check(service, request);
    if (!signed_in) co_return failure(std::move(signed_in).error());
    directory::Identity& identity = signed_in->identity;
    request->identity = identity.address.to_string();
    const auto account = co_await service->with.store.account(identity.account);
    if (!account) co_return failure(try_later(503, "the account cannot be opened now"));
    std::string id = id_of(identity.account);
    co_return User{.identity = std::move(identity),
                   .account = *account,
                   .account_id = std::move(id),
                   .client = request->client,
                   .web_session = std::move(signed_in->web_session)};
}

async::Awaitable<store::StoreResult<store::AccountPtr>> account_of(Service* service, const User* user,
                                                                   std::string account_id) {
    if (account_id == user->account_id) co_return user->account;
    const auto owner = parse_account_id(account_id);
    if (!owner) co_return store::AccountPtr();
    co_return co_await service->with.shares.find_shared(user->identity.account, *owner);
}

async::Awaitable<std::unique_ptr<directory::SessionRegistry::Entry>>
attend_sign_in(Service* service, const User* user, async::Executor executor, std::function<void()> end) {
    if (user->web_session.empty()) {
        auto session = co_await service->with.authenticator.begin_session(user->identity, executor, std::move(end));
        co_return std::move(session).value_or(nullptr);
    }
    auto session =
        co_await service->with.web_sessions.attend(user->identity.account, user->web_session, executor, std::move(end));
    co_return std::move(session).value_or(nullptr);
}

} // namespace tegami::jmapd
