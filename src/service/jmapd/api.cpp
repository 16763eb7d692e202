#include "service/jmapd/api.h"

#include "message/content_type.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/request_run.h"
#include "service/jmapd/session_resource.h"

namespace tegami::jmapd {

namespace {

bool is_json(const net::HttpRequest& request) {
    const auto type = message::parse_content_type(request.fields.find("Content-Type").value_or(""));
    return type && type->is("application", "json");
}

/// Reads the body as far as limits and memory allow.
async::Awaitable<Result<std::string, net::HttpResponse>> read_body(Service* service, net::BodySource* body,
                                                                   MemoryBudget::Charge* memory) {
    std::string whole;
    for (;;) {
        const auto piece = co_await body->read();
        if (!piece) co_return failure(problem(piece.error().status, piece.error().text));
        if (piece->empty()) co_return whole;
        if (piece->size() > service->limits.request.size_bytes - whole.size())
            co_return failure(over_limit("maxSizeRequest", "the request is too large"));
        if (!memory->resize((whole.size() + piece->size()) * kMemoryPerRequestOctet))
            co_return failure(try_later(503, "the server is too busy for a request of this size"));
        whole += *piece;
    }
}

/// An answer on its way: counted, and one of the account's requests, until the client has taken it.
class Answer final : public net::BodySource {
public:
    Answer(std::string text, MemoryBudget::Charge memory, AccountSlots::Slot slot)
        : text_(std::move(text)), memory_(std::move(memory)), slot_(std::move(slot)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        constexpr std::size_t kPieceBytes = 64 * 1024;
        std::string piece = text_.substr(sent_, kPieceBytes);
        sent_ += piece.size();
        co_return piece;
    }

private:
    const std::string text_;
    const MemoryBudget::Charge memory_;
    const AccountSlots::Slot slot_;
    std::size_t sent_ = 0;
};

} // namespace

async::Awaitable<net::HttpResponse> answer_api(Service* service, const User* user, net::HttpRequest* request,
                                               net::BodySource* body) {
    const Instant begun = service->with.timers.instant();
    auto slot = service->requests.take(user->identity.account);
    if (!slot) co_return over_limit("maxConcurrentRequests", "too many requests of this account at once");
    if (!is_json(*request))
        co_return problem({.kind = jmap::RequestFault::Kind::not_json, .detail = "a request is application/json"});
    MemoryBudget::Charge memory(&service->with.memory);
    auto octets = co_await read_body(service, body, &memory);
    if (!octets) co_return std::move(octets).error();
    const auto work = [service, &octets] {
        return jmap::parse_request(*octets, service->limits.request, &is_capability);
    };
    auto parsed = co_await read_beside(service, octets->size(), work);
    if (!parsed) co_return problem(parsed.error());
    octets->clear();
    octets->shrink_to_fit();
    std::string text = co_await run_request(service, user, *std::move(parsed), &memory);
    net::HttpResponse response;
    service->request_times.add(service->with.timers.instant() - begun);
    response.fields.add("Content-Type", "application/json");
    response.stream_bytes = text.size();
    response.stream = std::make_unique<Answer>(std::move(text), std::move(memory), *std::move(slot));
    co_return response;
}

} // namespace tegami::jmapd
