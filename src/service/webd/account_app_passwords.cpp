// /account/app-passwords: what programs of one's own log in with.
#include "service/webd/answers.h"
#include "service/webd/own_account.h"

#include <utility>

namespace tegami::webd {

namespace {

json::object in_json(const directory::AppPassword& password) {
    json::array protocols;
    for (const directory::LoginService service : password.wish.services)
        protocols.emplace_back(directory::word_of(service));
    json::array networks;
    for (const IpNetwork& network : password.wish.networks)
        networks.emplace_back(network.to_string());
    const bool used = password.used_day != 0;
    return {{"id", password.id},
            {"name", password.wish.name},
            {"protocols", std::move(protocols)},
            {"networks", std::move(networks)},
            {"made", print_moment(password.made)},
            {"used", used ? json::value(print_day(password.used_day)) : json::value()},
            {"usedFrom", used ? json::value(password.used_from) : json::value()}};
}

/// What is asked for; nothing if it makes no sense.
std::optional<directory::AppPasswordWish> wish_in(const AccountRequest& said) {
    directory::AppPasswordWish wish{.name = said.text("name").value_or("")};
    if (const auto protocols = said.list("protocols")) {
        wish.services.clear();
        for (const std::string& word : *protocols) {
            const auto service = directory::find_app_password_service(word);
            if (!service) return std::nullopt;
            wish.services.insert(*service);
        }
    }
    for (const std::string& text : said.list("networks").value_or(std::vector<std::string>())) {
        const auto network = IpNetwork::parse(text);
        if (!network) return std::nullopt;
        wish.networks.push_back(*network);
    }
    if (directory::check_wish(wish)) return std::nullopt;
    return wish;
}

} // namespace

async::Awaitable<net::HttpResponse> list_app_passwords(const AccountService* service, OwnRequest* own) {
    const auto found = co_await service->app_passwords.list(own->owner.identity.account);
    if (!found) co_return unavailable();
    json::array passwords;
    for (const directory::AppPassword& password : *found)
        passwords.push_back(in_json(password));
    co_return json_response(200, {{"appPasswords", std::move(passwords)}});
}

async::Awaitable<net::HttpResponse> add_app_password(const AccountService* service, OwnRequest* own) {
    auto wish = wish_in(own->said);
    if (!wish || !own->said.has_only({"name", "password"}, {"protocols", "networks"}))
        co_return refusal(400, "malformed");
    // No code: the one that was shown to turn a factor on, or to sign in, has just been used.
    auto refused = co_await refuse_unproved(service, own, "password", CodeAsked::no);
    if (refused) co_return *std::move(refused);
    const auto made = co_await service->app_passwords.add(own->owner.identity.address, *std::move(wish));
    // The wish was looked at: what is left is that there are too many.
    if (!made && made.error().code == directory::ErrorCode::invalid) co_return refusal(409, "full");
    if (!made) co_return answer_for(made.error());
    json::object answer = in_json(made->password);
    answer["secret"] = made->secret;
    co_return json_response(201, answer);
}

async::Awaitable<net::HttpResponse> remove_app_password(const AccountService* service, OwnRequest* own) {
    const auto removed = co_await service->app_passwords.remove(own->owner.identity.account, own->last_segment);
    if (!removed) co_return answer_for(removed.error());
    co_return *removed ? nothing() : refusal(404, "not-found");
}

} // namespace tegami::webd
