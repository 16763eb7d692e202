// An upload is a blob that nothing refers to. One batch refers to it and takes that back: so it is durable, and the engine
// keeps it for another hour (docs/formats/engine_rocksdb.md, rule 3). There is no record of it: its id says all.
#include "base/ascii.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/blobs.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/http_text.h"
#include "service/jmapd/rights.h"

namespace tegami::jmapd {

namespace {

/// What an upload holds: a piece, and what the blob writer gathers.
constexpr std::uint64_t kUploadMemoryBytes = 512 * 1024;

net::HttpResponse too_large() {
    return over_limit("maxSizeUpload", "the upload is too large", 413);
}

/// Takes the octets into the blob; an answer if that is not possible.
async::Awaitable<std::optional<net::HttpResponse>> receive(Service* service, store::AccountId account,
                                                           net::BodySource* body, store::BlobWriter* blob) {
    std::uint64_t bytes = 0;
    for (;;) {
        auto piece = co_await body->read();
        if (!piece) co_return problem(piece.error().status, piece.error().text);
        if (piece->empty()) co_return std::nullopt;
        bytes += piece->size();
        if (bytes > service->limits.upload_bytes) co_return too_large();
        if (!service->allowance.take(account, piece->size(), service->with.timers.instant()))
            co_return try_later(429, "this account has uploaded as much as it may within an hour");
        const auto written = co_await blob->append(*std::move(piece));
        if (!written) co_return store_problem(service->with.log, written.error());
    }
}

} // namespace

async::Awaitable<net::HttpResponse> answer_upload(Service* service, const User* user, net::HttpRequest* request,
                                                  net::BodySource* body) {
    const auto segments = path_segments(request->path(), "/jmap/upload/");
    if (!segments || segments->size() > 2 || (segments->size() == 2 && !segments->back().empty()))
        co_return problem(404, "there is no such account");
    const auto target = co_await account_of(service, user, segments->front());
    if (!target) co_return store_problem(service->with.log, target.error());
    if (!*target) co_return problem(404, "there is no such account");
    const store::AccountId account = (*target)->id();
    const store::AccountId reader = user->identity.account;
    if (account != reader && is_read_only(*(*target)->mailboxes(), reader))
        co_return problem(403, "nothing can be changed in this account");
    const auto slot = service->uploads.take(reader);
    if (!slot) co_return over_limit("maxConcurrentUpload", "too many uploads of this account at once");
    const auto length = ascii::parse_number<std::uint64_t>(request->fields.find("Content-Length").value_or("0"));
    if (!length || *length > service->limits.upload_bytes) co_return too_large();
    MemoryBudget::Charge memory(&service->with.memory);
    if (!memory.resize(kUploadMemoryBytes)) co_return try_later(503, "the server is too busy for an upload");

    const std::unique_ptr<store::BlobWriter> blob = service->with.store.new_blob();
    auto refused = co_await receive(service, reader, body, blob.get());
    if (refused) co_return *std::move(refused);
    const auto written = co_await blob->finish({}, {});
    if (!written) co_return store_problem(service->with.log, written.error());
    const auto durable = co_await keep_for_an_hour(&service->with.store, account, written->id);
    if (!durable) co_return store_problem(service->with.log, durable.error());
    const std::string_view type = request->fields.find("Content-Type").value_or("application/octet-stream");
    co_return json_response(201, json::object{{"accountId", segments->front()},
                                              {"blobId", blob_id_of(UploadedBlob{written->id, written->size}, account,
                                                                    service->with.secret)},
                                              {"type", type},
                                              {"size", written->size}});
}

} // namespace tegami::jmapd
