#include "service/jmapd/email_body.h"

#include "async/turns.h"
#include "protocol/jmap/mail/body_lists.h"
#include "protocol/jmap/mail/body_value.h"
#include "service/jmapd/blob.h"

#include <algorithm>
#include <map>

namespace tegami::jmapd {

namespace {

using message::Part;
using message::PartKind;

/// Octets of a part as text in JSON, with what making it takes.
constexpr std::uint64_t kMemoryPerTextOctet = 6;
/// What a part takes as JSON.
constexpr std::uint64_t kPartBytes = 2 * 1024;
/// Texts up to here are decoded on the I/O thread: well below a millisecond.
constexpr std::uint64_t kDecodeHereBytesMax = 16 * 1024;

/// All parts but those of enclosed messages.
void list_parts(const Part& part, std::vector<const Part*>& all) {
    all.push_back(&part);
    if (part.kind != PartKind::multipart) return;
    for (const Part& child : part.children)
        list_parts(child, all);
}

class AddBody {
public:
    using Outcome = Result<store::StoreResult<>, jmap::Fault>;

    AddBody(Call* call, const EmailOctets* email, const EmailProperties* wanted, json::object* object)
        : call_(call), email_(email), wanted_(wanted), object_(object), root_(email->card->root),
          lists_(jmap::list_body(root_)) {
        list_parts(root_, all_);
    }

    async::Awaitable<Outcome> run() {
        json::object& object = *object_;
        if (wanted_->asks("preview")) object["preview"] = email_->card->preview;
        if (wanted_->asks("hasAttachment")) object["hasAttachment"] = jmap::has_attachment(lists_);
        if (wanted_->need_header()) {
            CO_TRY_VOID(co_await add_header());
        }
        if (wanted_->need_parts()) {
            CO_TRY_VOID(co_await add_parts());
        }
        if (wanted_->need_values()) {
            CO_TRY_VOID(co_await add_values());
        }
        if (wanted_->asks("bodyValues")) object["bodyValues"] = std::move(values_);
        co_return failed_ ? Outcome(failure_of()) : Outcome(store::StoreResult<>());
    }

private:
    using Step = Result<void, jmap::Fault>;

    Outcome failure_of() { return Outcome(store::StoreResult<>(failure(*failed_))); }

    /// Octets of the message; empty after an error of the store, which is kept.
    async::Awaitable<std::string> read(std::uint64_t offset, std::uint64_t length) {
        if (length == 0 || failed_) co_return std::string();
        auto octets = co_await call_->service->with.store.read_blob(email_->blob.id, offset, length);
        if (!octets) failed_ = octets.error();
        co_return octets ? *std::move(octets) : std::string();
    }

    async::Awaitable<Step> add_header() {
        const std::uint64_t size = std::min<std::uint64_t>(email_->card->header_size, message::kHeaderBytesMax);
        if (!call_->reserve(size * kMemoryPerTextOctet)) co_return failure(too_large_to_answer());
        std::string octets(email_->start.substr(0, size));
        if (octets.size() < size) octets = co_await read(0, size);
        const message::Header header(octets);
        if (wanted_->asks("headers")) (*object_)["headers"] = jmap::header_fields(header);
        for (const jmap::HeaderProperty& property : wanted_->headers)
            (*object_)[property.name] = jmap::header_value(header, property);
        co_return Step();
    }

    async::Awaitable<Step> add_parts() {
        if (!call_->reserve(all_.size() * kPartBytes)) co_return failure(too_large_to_answer());
        const bool sizes = std::ranges::find(wanted_->parts.names, "size") != wanted_->parts.names.end();
        for (const Part* const part : all_) {
            if (sizes) co_await measure(part);
            if (!wanted_->parts.need_header()) continue;
            const std::uint64_t length = std::min<std::uint64_t>(part->header_length, message::kHeaderBytesMax);
            if (!call_->reserve(length * kMemoryPerTextOctet)) co_return failure(too_large_to_answer());
            std::string octets = co_await read(part->header_offset, length);
            headers_.emplace(part, std::move(octets));
        }
        const jmap::PartSource source{
            .blob_of = [this](const Part& part) { return blob_of(part); },
            .header_of = [this](const Part& part) { return std::string_view(headers_.at(&part)); }};
        if (wanted_->asks("bodyStructure"))
            (*object_)["bodyStructure"] = jmap::body_part(root_, root_, wanted_->parts, source, true);
        add_list("textBody", lists_.text, source);
        add_list("htmlBody", lists_.html, source);
        add_list("attachments", lists_.attachments, source);
        co_return Step();
    }

    void add_list(std::string_view name, const std::vector<const Part*>& parts, const jmap::PartSource& source) {
        if (!wanted_->asks(name)) return;
        json::array list;
        for (const Part* const part : parts)
            list.push_back(jmap::body_part(root_, *part, wanted_->parts, source, false));
        (*object_)[name] = std::move(list);
    }

    /// How many octets a part has, decoded.
    async::Awaitable<> measure(const Part* part) {
        const store::PartPlace encoded{.blob = email_->blob.id,
                                       .offset = part->body_offset,
                                       .length = part->body_length,
                                       .encoding = part->encoding};
        std::uint64_t size = part->body_length;
        if (part->kind != PartKind::multipart && !encoded.is_plain() && !failed_) {
            store::PartReader reader(&call_->service->with.store, encoded);
            size = 0;
            for (;;) {
                const auto piece = co_await reader.next();
                if (!piece) failed_ = piece.error();
                if (!piece || piece->empty()) break;
                size += piece->size();
                co_await async::give_way();
            }
        }
        sizes_.emplace(part, size);
    }

    jmap::PartBlob blob_of(const Part& part) const {
        const auto size = sizes_.find(&part);
        return {.id = email_->part_blob_id(jmap::part_id(root_, part).value_or("")),
                .size = size == sizes_.end() ? 0 : size->second};
    }

    async::Awaitable<Step> add_values() {
        std::vector<const Part*> parts;
        const auto add = [&](const std::vector<const Part*>& from) {
            parts.insert(parts.end(), from.begin(), from.end());
        };
        if (wanted_->all_values) add(all_);
        if (wanted_->text_values) add(lists_.text);
        if (wanted_->html_values) add(lists_.html);
        for (const Part* const part : parts) {
            const auto id = jmap::part_id(root_, *part);
            if (part->content_type.type != "text" || !id || values_.contains(*id)) continue;
            if (!call_->reserve(part->body_length * kMemoryPerTextOctet)) co_return failure(too_large_to_answer());
            const std::string octets = co_await read(part->body_offset, part->body_length);
            const auto decode = [part, &octets, most = wanted_->value_bytes_max] {
                return jmap::body_value(*part, octets, most);
            };
            if (part->body_length <= kDecodeHereBytesMax) {
                values_[*id] = decode();
            } else {
                json::object value = co_await async::run(&call_->service->with.workers, decode);
                values_[*id] = std::move(value);
            }
        }
        co_return Step();
    }

    Call* const call_;
    const EmailOctets* const email_;
    const EmailProperties* const wanted_;
    json::object* const object_;
    const Part& root_;
    const jmap::BodyLists lists_;
    std::vector<const Part*> all_;
    std::map<const Part*, std::uint64_t> sizes_;
    std::map<const Part*, std::string> headers_;
    json::object values_;
    std::optional<store::Error> failed_;
};

} // namespace

async::Awaitable<Result<store::StoreResult<>, jmap::Fault>>
add_body(Call* call, const EmailOctets* email, const EmailProperties* wanted, json::object* object) {
    AddBody body(call, email, wanted, object);
    co_return co_await body.run();
}

} // namespace tegami::jmapd
