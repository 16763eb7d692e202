#include "discovery/query.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/blobs.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/http_text.h"
#include "service/webd/answers.h"
#include "service/webd/negotiation.h"
#include "json/json.h"

#include <fmt/format.h>

namespace tegami::jmapd {

namespace {

/// Limit: octets of a file's name.
constexpr std::size_t kNameBytesMax = 1000;

class BlobBody final : public net::BodySource {
public:
    BlobBody(store::Store* store, store::PartPlace blob, MemoryBudget::Charge memory)
        : reader_(store, blob), memory_(std::move(memory)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        auto piece = co_await reader_.next();
        if (!piece) co_return failure(net::HttpFault{500, std::move(piece).error().detail});
        co_return *std::move(piece);
    }

private:
    store::PartReader reader_;
    const MemoryBudget::Charge memory_;
};

/// Answers with a range if one is asked for and the octets lie there as they are.
net::HttpResponse begin_answer(const net::HttpRequest& request, std::string_view tag, store::PartPlace& blob) {
    net::HttpResponse response;
    if (!blob.is_plain()) return response; // how many octets come out shows at the end
    response.stream_bytes = blob.length;
    response.fields.add("Accept-Ranges", "bytes");
    const auto range = request.fields.find("Range");
    // RFC 9110 §13.1.5: a range of something else is not wanted.
    const auto only_if = request.fields.find("If-Range");
    if (!range || (only_if && *only_if != tag)) return response;
    const AskedRange asked = parse_range(*range, blob.length);
    if (asked.kind == RangeKind::whole) return response;
    if (asked.kind == RangeKind::unsatisfiable) {
        response = problem(416, "there is nothing in this range");
        response.fields.add("Content-Range", fmt::format("bytes */{}", blob.length));
        return response;
    }
    const auto& [begin, length] = asked.octets;
    response.status = 206;
    response.fields.add("Content-Range", fmt::format("bytes {}-{}/{}", begin, begin + length - 1, blob.length));
    response.stream_bytes = length;
    blob.offset += begin;
    blob.length = length;
    return response;
}

} // namespace

async::Awaitable<net::HttpResponse> answer_download(Service* service, const User* user, net::HttpRequest* request,
                                                    net::BodySource*) {
    const auto segments = path_segments(request->path(), "/jmap/download/");
    if (!segments || segments->size() != 3) co_return problem(404, "not found");
    const auto account = co_await account_of(service, user, segments->front());
    if (!account) co_return store_problem(service->with.log, account.error());
    if (!*account) co_return problem(404, "not found");
    const std::string& name = segments->back();
    if (name.size() > kNameBytesMax || !is_utf8(json::value(name))) co_return problem(400, "no name of a file");
    auto blob = co_await find_blob(service, *account, user->identity.account, (*segments)[1]);
    if (!blob) co_return store_problem(service->with.log, blob.error());
    // What an id names never changes.
    const std::string tag = fmt::format("\"{}\"", (*segments)[1]);
    if (const auto known = request->fields.find("If-None-Match"); known && webd::matches_tag(*known, tag)) {
        net::HttpResponse unchanged;
        unchanged.status = 304;
        unchanged.fields.add("ETag", tag);
        co_return unchanged;
    }
    MemoryBudget::Charge memory(&service->with.memory);
    if (!memory.resize(store::kPartReaderBytes)) co_return try_later(503, "the server is too busy for a download");
    net::HttpResponse response = begin_answer(*request, tag, *blob);
    if (response.status == 416) co_return response;
    const auto accept = discovery::query_value(request->target, "accept");
    response.fields.add("Content-Type", media_type(accept.value_or("")));
    response.fields.add("Content-Disposition", webd::attachment_named(name));
    response.fields.add("ETag", tag);
    response.fields.add("Cache-Control", "private, immutable, max-age=31536000");
    response.stream = std::make_unique<BlobBody>(&service->with.store, *blob, std::move(memory));
    co_return response;
}

} // namespace tegami::jmapd
