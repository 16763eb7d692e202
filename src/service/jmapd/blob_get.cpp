// Blob/get and Blob/lookup (RFC 9404 §4.2, §4.3).
#include "async/turns.h"
#include "base/base64.h"
#include "protocol/jmap/answers.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/blob_slice.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/session_resource.h"
#include "store/account_view.h"
#include "trust/dkim/sha256.h"

#include <algorithm>
#include <array>
#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

constexpr std::string_view kDigestProperty = "digest:sha-256";
/// RFC 9404 §4.2.
constexpr std::array<std::string_view, 5> kBlobProperties{"data", "data:asText", "data:asBase64", kDigestProperty,
                                                          "size"};
/// What text takes in an answer, as a value and written.
constexpr std::uint64_t kMemoryPerBlobOctet = 8;

struct BlobWanted {
    bool either = true; ///< text if it is some, else base64
    bool text = false;
    bool base64 = false;
    bool digest = false;
    bool size = true;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;

    bool data() const { return either || text || base64; }
};

Result<BlobWanted, Fault> take_blob_wanted(const jmap::GetArguments& get) {
    BlobWanted wanted;
    if (!get.properties) return wanted;
    wanted.either = wanted.size = false;
    for (const std::string& property : *get.properties) {
        if (property == "id") continue;
        if (std::ranges::find(kBlobProperties, std::string_view(property)) == kBlobProperties.end())
            return failure(jmap::invalid_arguments({"properties"}, property + " is no property of a blob"));
        wanted.either = wanted.either || property == "data";
        wanted.text = wanted.text || property == "data:asText";
        wanted.base64 = wanted.base64 || property == "data:asBase64";
        wanted.digest = wanted.digest || property == kDigestProperty;
        wanted.size = wanted.size || property == "size";
    }
    return wanted;
}

class BlobsGot {
public:
    BlobsGot(Call* call, BlobWanted wanted) : call_(call), wanted_(wanted) {}

    async::Awaitable<Result<void, Fault>> add(std::string id) {
        const auto found = co_await find_blob(call_, id);
        if (!found && found.error().code == store::ErrorCode::not_found) {
            not_found.push_back(std::move(id));
            co_return Result<void, Fault>();
        }
        if (!found) co_return failure(method_fault(*call_, found.error()));
        json::object object{{"id", std::move(id)}};
        if (wanted_.data() || wanted_.digest) {
            CO_TRY_VOID(co_await add_range(*found, &object));
        }
        if (wanted_.size) {
            CO_TRY(const std::uint64_t size, co_await size_of(*found));
            object["size"] = size;
        }
        list.emplace_back(std::move(object));
        co_return Result<void, Fault>();
    }

    json::array list;
    std::vector<std::string> not_found;

private:
    /// So much of blobs is read for one call: a client may ask for the same over and over.
    Result<void, Fault> count(std::uint64_t octets) {
        read_ += octets;
        if (read_ > call_->service->limits.upload_bytes)
            return failure(Fault{.type = "requestTooLarge", .description = "so much of blobs is not read at once"});
        return {};
    }

    async::Awaitable<Result<void, Fault>> add_range(store::PartPlace blob, json::object* object) {
        if (!blob.is_plain()) {
            CO_TRY_VOID(count(blob.length));
        }
        BlobSlice slice(&call_->service->with.store, blob, wanted_.offset, wanted_.length);
        dkim::Sha256 digest;
        std::string octets;
        for (;;) {
            const auto piece = co_await slice.next();
            if (!piece) co_return failure(method_fault(*call_, piece.error()));
            if (piece->empty()) break;
            if (blob.is_plain()) {
                CO_TRY_VOID(count(piece->size()));
            }
            if (wanted_.digest) digest.update(*piece);
            if (wanted_.data()) {
                if (!call_->reserve(piece->size() * kMemoryPerBlobOctet)) co_return failure(too_large_to_answer());
                octets += *piece;
            }
            co_await async::give_way();
        }
        if (slice.is_cut()) (*object)["isTruncated"] = true;
        if (wanted_.digest) (*object)[kDigestProperty] = base64::encode(digest.digest());
        if (wanted_.data()) add_data(octets, *object);
        co_return Result<void, Fault>();
    }

    void add_data(std::string_view octets, json::object& object) const {
        json::value text(octets);
        const bool good = is_utf8(text);
        if (!good && (wanted_.either || wanted_.text)) object["isEncodingProblem"] = true;
        if (wanted_.base64 || (wanted_.either && !good)) object["data:asBase64"] = base64::encode(text.get_string());
        if (good && (wanted_.either || wanted_.text)) object["data:asText"] = std::move(text);
        if (!good && wanted_.text) object["data:asText"] = nullptr;
    }

    async::Awaitable<Result<std::uint64_t, Fault>> size_of(store::PartPlace blob) {
        if (blob.is_plain()) co_return blob.length;
        CO_TRY_VOID(count(blob.length));
        std::uint64_t size = 0;
        BlobSlice whole(&call_->service->with.store, blob, 0, {});
        for (;;) {
            const auto piece = co_await whole.next();
            if (!piece) co_return failure(method_fault(*call_, piece.error()));
            if (piece->empty()) co_return size;
            size += piece->size();
            co_await async::give_way();
        }
    }

    Call* const call_;
    const BlobWanted wanted_;
    std::uint64_t read_ = 0;
};

/// The email whose blob, or the blob of a part of which, this is, as far as the user sees it.
async::Awaitable<Result<std::optional<store::EmailState>, Fault>> find_email_of(Call* call, store::AccountViewPtr view,
                                                                                std::string id) {
    const auto name = parse_blob_id(id, call->account().id(), call->service->with.secret);
    const auto* const blob = name ? std::get_if<EmailBlob>(&*name) : nullptr;
    if (blob == nullptr) co_return std::nullopt;
    const auto found = co_await find_blob(call, std::move(id));
    if (!found && found.error().code == store::ErrorCode::not_found) co_return std::nullopt;
    if (!found) co_return failure(method_fault(*call, found.error()));
    co_return view->find(blob->email);
}

json::array ids_in(std::string_view type, const std::optional<store::EmailState>& email) {
    json::array ids;
    if (!email) return ids;
    if (type == "Email") ids.emplace_back(id_of(email->id));
    if (type == "Thread") ids.emplace_back(id_of(email->thread));
    if (type == "Mailbox")
        for (const store::MailboxId mailbox : email->mailboxes)
            ids.emplace_back(id_of(mailbox));
    return ids;
}

} // namespace

async::Awaitable<MethodResult> blob_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    if (!get.ids) arguments.reject("ids"); // nobody knows all blobs
    const auto offset = arguments.optional_unsigned("offset");
    const auto length = arguments.optional_unsigned("length");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, get.account));
    CO_TRY(BlobWanted wanted, take_blob_wanted(get));
    wanted.offset = offset.value_or(0);
    wanted.length = length;
    BlobsGot blobs(call, wanted);
    for (const std::string& id : *get.ids) {
        CO_TRY_VOID(co_await blobs.add(id));
        co_await async::give_way();
    }
    json::array not_found(blobs.not_found.begin(), blobs.not_found.end());
    co_return json::object{
        {"accountId", get.account}, {"list", std::move(blobs.list)}, {"notFound", std::move(not_found)}};
}

async::Awaitable<MethodResult> blob_lookup(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    const auto named = arguments.optional_texts("typeNames");
    const auto ids = arguments.optional_ids("ids");
    if (!named) arguments.reject("typeNames");
    if (!ids) arguments.reject("ids");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, account));
    if (ids->size() > call->limits().objects_in_get)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    const std::set<std::string> types(named->begin(), named->end());
    for (const std::string& type : types)
        if (!call->batch->uses(kMailCapability) ||
            std::ranges::find(kBlobLookupTypes, std::string_view(type)) == kBlobLookupTypes.end())
            co_return failure(Fault{.type = "unknownDataType", .description = type + " is not looked into"});
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    json::array list;
    for (const std::string& id : *ids) {
        if (!call->reserve(kIdBytes * (types.size() + 1))) co_return failure(too_large_to_answer());
        CO_TRY(const std::optional<store::EmailState> email, co_await find_email_of(call, *view, id));
        json::object matched;
        for (const std::string& type : types)
            matched[type] = ids_in(type, email);
        list.emplace_back(json::object{{"id", id}, {"matchedIds", std::move(matched)}});
        co_await async::give_way();
    }
    co_return json::object{{"accountId", account}, {"list", std::move(list)}};
}

} // namespace tegami::jmapd
