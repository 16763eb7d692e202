// Blob/upload (RFC 9404 §4.1): blobs made of what a client says and of other blobs, durable as uploads are. None is whole in
// memory but for what came with the request.
#include "async/turns.h"
#include "base/base64.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/blob_slice.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/session_resource.h"

#include <algorithm>
#include <array>
#include <variant>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// Octets of another blob.
struct BlobSource {
    std::string id;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length; ///< nothing: all that follow
};

using DataSource = std::variant<std::string, BlobSource>;

Fault bad_data(std::string description) {
    return jmap::invalid_properties({"data"}, std::move(description));
}

/// A number that may be missing or null; false if it is something else.
bool take_octet_count(const json::value& value, std::optional<std::uint64_t>& into) {
    if (value.is_null()) return true;
    const auto number = jmap::read_int(value);
    if (!number || *number < 0) return false;
    into = static_cast<std::uint64_t>(*number);
    return true;
}

Result<DataSource, Fault> parse_blob_source(const json::object& source, const jmap::CreatedIds& created) {
    BlobSource blob;
    std::optional<std::uint64_t> offset;
    for (const auto& [name, value] : source) {
        const bool good = name == "blobId"   ? value.is_string()
                          : name == "offset" ? take_octet_count(value, offset)
                          : name == "length" ? take_octet_count(value, blob.length)
                                             : false;
        if (!good) return failure(bad_data(std::string(name) + " is not understood"));
    }
    const std::string_view id = source.at("blobId").get_string();
    // What was not created is found nowhere.
    blob.id = created.resolve(id).value_or(std::string(id));
    blob.offset = offset.value_or(0);
    return blob;
}

/// RFC 9404 §4.1: exactly one of text, base64 and a blob.
Result<DataSource, Fault> parse_source(const json::value& value, const jmap::CreatedIds& created) {
    const json::object* const source = value.if_object();
    if (source == nullptr) return failure(bad_data("a source is an object"));
    if (source->contains("blobId")) return parse_blob_source(*source, created);
    if (source->size() != 1) return failure(bad_data("a source is one of data:asText, data:asBase64 and blobId"));
    const auto& only_one = *source->begin();
    const json::string* const text = only_one.value().if_string();
    if (text == nullptr) return failure(bad_data("a source is text"));
    if (only_one.key() == "data:asText") return std::string(*text);
    if (only_one.key() != "data:asBase64") return failure(bad_data("a source is not understood"));
    auto octets = base64::decode(*text);
    if (!octets) return failure(bad_data("this is no base64"));
    return *std::move(octets);
}

struct Upload {
    std::vector<DataSource> sources;
    std::optional<std::string> type;
};

Result<Upload, Fault> parse_upload_object(const json::object& object, const jmap::CreatedIds& created) {
    Upload upload;
    const json::value* const data = object.if_contains("data");
    if (data == nullptr || !data->is_array()) return failure(bad_data("data is a list of sources"));
    if (data->get_array().size() > kDataSourcesMax) return failure(bad_data("too many sources"));
    for (const json::value& one : data->get_array()) {
        TRY(DataSource source, parse_source(one, created));
        upload.sources.push_back(std::move(source));
    }
    for (const auto& [name, value] : object) {
        if (name == "data") continue;
        if (name != "type" || !(value.is_null() || value.is_string()))
            return failure(jmap::invalid_properties({std::string(name)}, "an upload has no such property"));
        if (value.is_string()) upload.type = std::string(value.get_string());
    }
    return upload;
}

/// One blob on its way.
class BlobMaker {
public:
    explicit BlobMaker(Call* call)
        : call_(call), blob_(call->service->with.store.new_blob()), memory_(&call->service->with.memory) {}

    async::Awaitable<Result<json::object, Fault>> make(Upload upload) {
        // What a blob writer gathers, and a piece of another blob.
        constexpr std::uint64_t kMemoryBytes = 512 * 1024;
        if (!memory_.resize(kMemoryBytes)) co_return failure(Fault{.type = "serverUnavailable", .description = {}});
        for (DataSource& source : upload.sources) {
            if (auto* const octets = std::get_if<std::string>(&source)) {
                CO_TRY_VOID(co_await append(std::move(*octets)));
            } else {
                CO_TRY_VOID(co_await append_blob(std::get<BlobSource>(std::move(source))));
            }
            co_await async::give_way();
        }
        const auto written = co_await blob_->finish({}, {});
        if (!written) co_return failure(set_fault(*call_, written.error()));
        const store::AccountId account = call_->account().id();
        const auto durable = co_await keep_for_an_hour(&call_->service->with.store, account, written->id);
        if (!durable) co_return failure(set_fault(*call_, durable.error()));
        const std::string id =
            blob_id_of(UploadedBlob{written->id, written->size}, account, call_->service->with.secret);
        co_return json::object{{"id", id},
                               {"blobId", id},
                               {"type", upload.type ? json::value(*upload.type) : json::value()},
                               {"size", written->size}};
    }

private:
    async::Awaitable<Result<void, Fault>> append(std::string octets) {
        bytes_ += octets.size();
        if (bytes_ > call_->service->limits.upload_bytes)
            co_return failure(Fault{.type = "tooLarge", .description = "maxSizeBlobSet"});
        if (!call_->service->allowance.take(call_->reader(), octets.size(), call_->service->with.timers.instant()))
            co_return failure(
                Fault{.type = "rateLimit", .description = "this account has brought as much as it may within an hour"});
        // A worker of the blob's takes its octets a piece at a time.
        for (std::size_t at = 0; at < octets.size(); at += store::kReadPieceBytes) {
            std::string piece = octets.substr(at, store::kReadPieceBytes);
            const auto written = co_await blob_->append(std::move(piece));
            if (!written) co_return failure(set_fault(*call_, written.error()));
        }
        co_return Result<void, Fault>();
    }

    async::Awaitable<Result<void, Fault>> append_blob(BlobSource source) {
        const auto found = co_await find_blob(call_, source.id);
        if (!found && found.error().code == store::ErrorCode::not_found)
            co_return failure(
                Fault{.type = "blobNotFound", .description = {}, .more = {{"notFound", json::array{source.id}}}});
        if (!found) co_return failure(set_fault(*call_, found.error()));
        BlobSlice slice(&call_->service->with.store, *found, source.offset, source.length);
        for (;;) {
            auto piece = co_await slice.next();
            if (!piece) co_return failure(set_fault(*call_, piece.error()));
            if (piece->empty()) break;
            CO_TRY_VOID(co_await append(*std::move(piece)));
            co_await async::give_way();
        }
        if (slice.is_cut()) co_return failure(bad_data("a blob is shorter than a source says"));
        co_return Result<void, Fault>();
    }

    Call* const call_;
    const std::unique_ptr<store::BlobWriter> blob_;
    MemoryBudget::Charge memory_;
    std::uint64_t bytes_ = 0;
};

async::Awaitable<Result<json::object, Fault>> upload_one(Call* call, const json::object* object) {
    CO_TRY(Upload upload, parse_upload_object(*object, call->batch->created_ids()));
    // Read out of a request that is counted, but once more.
    BlobMaker maker(call);
    co_return co_await maker.make(std::move(upload));
}

} // namespace

async::Awaitable<MethodResult> blob_upload(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    const json::object* const create = arguments.optional_object("create");
    const auto is_upload = [](const auto& one) { return jmap::is_id(one.key()) && one.value().is_object(); };
    if (create == nullptr || !std::ranges::all_of(*create, is_upload)) arguments.reject("create");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_to_write(call, account));
    if (create->size() > call->limits().objects_in_set)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInSet"});
    const auto slot = call->service->uploads.take(call->reader());
    if (!slot) co_return failure(Fault{.type = "serverUnavailable", .description = "maxConcurrentUpload"});
    json::object created;
    json::object not_created;
    for (const auto& [creation_id, object] : *create) {
        auto blob = co_await upload_one(call, &object.get_object());
        if (blob) {
            call->batch->created_ids().add(std::string(creation_id), std::string(blob->at("id").as_string()));
            created[creation_id] = *std::move(blob);
        } else {
            not_created[creation_id] = jmap::set_error(blob.error());
        }
        co_await async::give_way();
    }
    const auto or_null = [](json::object object) {
        return object.empty() ? json::value() : json::value(std::move(object));
    };
    co_return json::object{{"accountId", account},
                           {"oldState", nullptr},
                           {"newState", nullptr},
                           {"created", or_null(std::move(created))},
                           {"notCreated", or_null(std::move(not_created))}};
}

} // namespace tegami::jmapd
