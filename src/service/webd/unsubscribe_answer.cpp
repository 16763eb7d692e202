// Leaving a list with one click (RFC 8058): the server reads itself what the letter offers.
#include "message/content_type.h"
#include "service/webd/letter.h"
#include "service/webd/one_click.h"
#include "service/webd/outward_answers.h"
#include "json/json.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace tegami::webd {

namespace {

constexpr std::size_t kUnsubscribeBytesMax = 1024;
/// Limit: of the list's answer, whose status alone counts.
constexpr std::uint64_t kListAnswerBytesMax = 1ULL << 20;

/// The id in {"email": ID}; nothing if it is not that and only that.
std::optional<std::string> email_named(std::string_view octets) {
    constexpr std::size_t kDepthMax = 1;
    const auto value = read_json(octets, kDepthMax);
    if (!value || !value->is_object() || value->get_object().size() != 1) return std::nullopt;
    const json::value* const email = value->get_object().if_contains("email");
    if (email == nullptr || !email->is_string()) return std::nullopt;
    return std::string(email->get_string());
}

std::string_view word_for(NoOneClick reason) {
    switch (reason) {
    case NoOneClick::not_offered: return "not-offered";
    case NoOneClick::not_signed: return "not-signed";
    }
    std::unreachable();
}

} // namespace

async::Awaitable<net::HttpResponse> answer_unsubscribe(OutwardService* service, store::AccountId account,
                                                       const net::HttpRequest* request, net::BodySource* body) {
    const auto type = message::parse_content_type(request->fields.find("Content-Type").value_or(""));
    if (!type || !type->is("application", "json")) co_return outward_refusal(400, "malformed");
    const auto octets = co_await net::read_whole(body, kUnsubscribeBytesMax);
    const auto asked = octets ? email_named(*octets) : std::nullopt;
    const auto email = asked ? service->parse_email_id(*asked) : std::nullopt;
    if (!email) co_return outward_refusal(400, "malformed");
    const auto place = co_await service->places->take(account);
    if (!place) co_return outward_later("busy");
    const auto letter = co_await find_letter(&service->store, account, *email);
    if (!letter && letter.error().code == store::ErrorCode::not_found) co_return outward_refusal(404, "no such letter");
    if (!letter) co_return outward_later("unavailable");
    const Letter* const read = &*letter;
    const auto header = co_await read_header(&service->store, read);
    if (!header) co_return outward_later("unavailable");
    const auto url = one_click_address(*header, letter->card.front_size);
    if (!url) co_return outward_refusal(409, word_for(url.error()));
    // RFC 8058 §3.1, §3.2: no redirect is followed, and nothing but the one pair is said.
    net::WebQuestion question{.method = "POST",
                              .url = *url,
                              .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                              .body = std::string(kOneClick),
                              .body_bytes_max = kListAnswerBytesMax,
                              .patience = Duration(kOutwardPatience)};
    const auto answer = co_await service->web.ask(std::move(question));
    const bool taken = answer && answer->status / 100 == 2;
    if (!taken) {
        const std::string why = answer ? fmt::format("status {}", answer->status) : answer.error().text;
        service->log.info("list not left", {{"account", request->identity}, {"server", url->host}, {"reason", why}});
        co_return outward_refusal(409, !answer && answer.error().refused ? "refused" : "failed");
    }
    service->log.info("list left", {{"account", request->identity}, {"server", url->host}});
    net::HttpResponse response;
    response.status = 204;
    co_return response;
}

} // namespace tegami::webd
