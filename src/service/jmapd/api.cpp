#include "service/jmapd/api.h"

#include "async/turns.h"
#include "message/content_type.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/session_resource.h"

namespace tegami::jmapd {

namespace {

/// What a request and its JSON take for each octet (json/json.h).
constexpr std::uint64_t kMemoryPerOctet = 11;
/// Requests up to here are read on the I/O thread, and answers that take as much memory written: well below a millisecond.
/// Workers have a low priority.
constexpr std::size_t kReadHereBytesMax = 8 * 1024;
constexpr std::uint64_t kWriteHereMemoryMax = 256 * 1024;

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
        if (!memory->resize((whole.size() + piece->size()) * kMemoryPerOctet))
            co_return failure(try_later(503, "the server is too busy for a request of this size"));
        whole += *piece;
    }
}

async::Awaitable<Result<jmap::Request, jmap::RequestFault>> parse(Service* service, const std::string* octets) {
    const auto work = [service, octets] {
        return jmap::parse_request(*octets, service->limits.request, &is_capability);
    };
    if (octets->size() <= kReadHereBytesMax) co_return work();
    co_return co_await async::run(&service->with.workers, work);
}

/// `memory_bytes`: what the request takes by now.
async::Awaitable<std::string> write(Service* service, json::object answer, std::uint64_t memory_bytes) {
    if (memory_bytes <= kWriteHereMemoryMax) co_return write_json(answer);
    const auto work = [&answer] { return write_json(answer); };
    co_return co_await async::run(&service->with.workers, work);
}

async::Awaitable<> carry_out(Call* call, const jmap::Invocation* invocation) {
    const MethodEntry* const method = find_method(invocation->name);
    if (method == nullptr || !call->batch->uses(method->capability)) {
        call->batch->fail({.type = "unknownMethod", .description = {}});
        co_return;
    }
    MethodResult result = co_await method->run(call);
    if (result)
        call->batch->answer(invocation->name, *std::move(result));
    else
        call->batch->fail(result.error());
    for (auto& [name, response] : call->following)
        call->batch->answer(std::move(name), std::move(response));
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
    auto slot = service->requests.take(user->identity.account);
    if (!slot) co_return over_limit("maxConcurrentRequests", "too many requests of this account at once");
    if (!is_json(*request))
        co_return problem({.kind = jmap::RequestFault::Kind::not_json, .detail = "a request is application/json"});
    MemoryBudget::Charge memory(&service->with.memory);
    auto octets = co_await read_body(service, body, &memory);
    if (!octets) co_return std::move(octets).error();
    auto parsed = co_await parse(service, &*octets);
    if (!parsed) co_return problem(parsed.error());
    octets->clear();
    octets->shrink_to_fit();

    jmap::Batch batch(*std::move(parsed), service->limits.request);
    std::size_t copied = 0;
    while (const jmap::Invocation* const invocation = batch.next()) {
        const std::uint64_t more = (batch.copied() - copied) * kMemoryPerOctet;
        copied = batch.copied();
        if (!memory.resize(memory.bytes() + more)) {
            batch.fail(too_large_to_answer());
            continue;
        }
        Call call{
            .service = service, .user = user, .batch = &batch, .arguments = &invocation->arguments, .memory = &memory};
        co_await carry_out(&call, invocation);
        // Whoever gives way lets the whole machine go first: not for the last call.
        if (!batch.is_done()) {
            co_await async::give_way();
        }
    }
    std::string text = co_await write(service, std::move(batch).finish(session_state(*service, *user)), memory.bytes());
    // What methods made is gone; the text is counted as far as there is room.
    static_cast<void>(memory.resize(text.size()));
    net::HttpResponse response;
    response.fields.add("Content-Type", "application/json");
    response.stream_bytes = text.size();
    response.stream = std::make_unique<Answer>(std::move(text), std::move(memory), *std::move(slot));
    co_return response;
}

} // namespace tegami::jmapd
