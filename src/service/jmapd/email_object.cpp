#include "service/jmapd/email_object.h"

#include "async/turns.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/email_body.h"
#include "service/jmapd/email_marks.h"
#include "service/jmapd/ids.h"

#include <algorithm>
#include <utility>

namespace tegami::jmapd {

namespace {

/// What an email takes as JSON without what its octets say.
constexpr std::uint64_t kObjectBytes = 4 * 1024;
/// Limit: emails of which records and cards are read at once.
constexpr std::size_t kEmailsAtOnce = 64;
/// Emails without their parts that are shown before others may go on: well below a millisecond.
constexpr std::size_t kEmailsPerPause = 8;
/// Octets of each message that are read together with those of the others: most headers are shorter.
constexpr std::uint64_t kHeaderStartBytes = 8 * 1024;

class ReadEmails {
public:
    ReadEmails(Call* call, store::AccountViewPtr view, EmailProperties wanted)
        : call_(call), view_(std::move(view)), wanted_(std::move(wanted)) {}

    async::Awaitable<Result<void, jmap::Fault>> run(const std::vector<std::string>* ids) {
        std::vector<store::EmailId> some;
        for (const std::string& text : *ids) {
            const auto id = parse_email_id(text);
            if (id && view_->find(*id))
                some.push_back(*id);
            else
                found.not_found.push_back(text);
            if (some.size() < kEmailsAtOnce) continue;
            CO_TRY_VOID(co_await add(std::exchange(some, {})));
        }
        co_return co_await add(std::move(some));
    }

    FoundEmails found;

private:
    async::Awaitable<Result<void, jmap::Fault>> add(std::vector<store::EmailId> ids) {
        const auto rows = co_await call_->account().emails(ids);
        if (!rows) co_return failure(method_fault(*call_, rows.error()));
        store::StoreResult<store::Cards> cards;
        if (wanted_.need_card()) cards = co_await call_->account().cards(ids);
        if (!cards) co_return failure(method_fault(*call_, cards.error()));
        MemoryBudget::Charge memory(&call_->service->with.memory);
        std::vector<std::string> starts(ids.size());
        if (wanted_.need_header() && memory.resize(ids.size() * kHeaderStartBytes))
            co_await read_starts(&*rows, &starts);
        const bool light = !wanted_.need_parts() && !wanted_.need_values();
        for (std::size_t at = 0; at < ids.size(); ++at) {
            const store::StoreResult<std::string_view> card =
                wanted_.need_card() ? cards->each[at] : store::StoreResult<std::string_view>();
            CO_TRY_VOID(co_await add_one(ids[at], (*rows)[at], card, std::move(starts[at])));
            if (light && at % kEmailsPerPause != kEmailsPerPause - 1) continue;
            co_await async::give_way();
        }
        co_return Result<void, jmap::Fault>();
    }

    /// What the messages begin with, in few reads: each alone would cost a way to another thread and back. What is not got here
    /// is read alone.
    async::Awaitable<> read_starts(const std::vector<store::StoreResult<store::EmailRow>>* rows,
                                   std::vector<std::string>* starts) {
        std::vector<std::size_t> places;
        for (std::size_t at = 0; at < rows->size(); ++at)
            if ((*rows)[at]) places.push_back(at);
        for (std::size_t done = 0; done < places.size();) {
            std::vector<store::BlobId> blobs;
            for (std::size_t at = done; at < places.size(); ++at)
                blobs.push_back((*rows)[places[at]]->blob.id);
            const auto got =
                co_await call_->service->with.store.read_starts(std::move(blobs), {.length = kHeaderStartBytes});
            if (!got) co_return;
            for (const store::StoreResult<store::BlobStart>& start : *got)
                if (const std::size_t place = places[done++]; start)
                    (*starts)[place] = start->octets.substr(0, kHeaderStartBytes);
        }
    }

    /// What cannot be read is not there; the store has logged it.
    async::Awaitable<Result<void, jmap::Fault>> add_one(store::EmailId id, store::StoreResult<store::EmailRow> row,
                                                        store::StoreResult<std::string_view> card_octets,
                                                        std::string start) {
        const auto state = view_->find(id);
        message::Card card;
        bool readable = state && row && card_octets;
        if (readable && wanted_.need_card()) {
            auto decoded = message::decode_card(*card_octets);
            readable = decoded.has_value();
            if (decoded) card = *std::move(decoded);
        }
        if (!readable) {
            found.not_found.push_back(id_of(id));
            co_return Result<void, jmap::Fault>();
        }
        if (!call_->reserve(kObjectBytes)) co_return failure(too_large_to_answer());
        json::object object = own_properties(*state, *row);
        if (wanted_.need_card()) {
            const EmailOctets octets{
                .blob = row->blob,
                .card = &card,
                .part_blob_id = [this, id](std::string_view part) { return blob_id(id, std::string(part)); },
                .start = start};
            CO_TRY(const store::StoreResult<> added, co_await add_body(call_, &octets, &wanted_, &object));
            readable = added.has_value();
        }
        if (readable)
            found.list.emplace_back(std::move(object));
        else
            found.not_found.push_back(id_of(id));
        co_return Result<void, jmap::Fault>();
    }

    std::string blob_id(store::EmailId email, std::string part) const {
        return blob_id_of(EmailBlob{email, std::move(part)}, call_->account().id(), call_->service->with.secret);
    }

    json::object own_properties(const store::EmailState& state, const store::EmailRow& row) const {
        json::object object{{"id", id_of(state.id)}};
        if (wanted_.asks("blobId")) object["blobId"] = blob_id(state.id, "");
        if (wanted_.asks("threadId")) object["threadId"] = id_of(state.thread);
        for (const auto& [name, value] : marks_object(state, view_->keyword_names()))
            if (wanted_.asks(name)) object[name] = value;
        if (wanted_.asks("size")) object["size"] = row.blob.size;
        if (wanted_.asks("receivedAt"))
            object["receivedAt"] = jmap::print_utc_date(std::chrono::floor<std::chrono::seconds>(row.internal_date));
        if (wanted_.asks("bodyValues")) object["bodyValues"] = json::object();
        return object;
    }

    Call* const call_;
    const store::AccountViewPtr view_;
    const EmailProperties wanted_;
};

} // namespace

json::object marks_object(const store::EmailState& email, const store::KeywordNames& names) {
    json::object mailboxes;
    for (const store::MailboxId mailbox : email.mailboxes)
        mailboxes[id_of(mailbox)] = true;
    json::object keywords;
    for (const std::string& keyword : keywords_of(email, names))
        keywords[keyword] = true;
    return {{"mailboxIds", std::move(mailboxes)}, {"keywords", std::move(keywords)}};
}

async::Awaitable<Result<FoundEmails, jmap::Fault>> read_emails(Call* call, store::AccountViewPtr view,
                                                               EmailProperties wanted, std::vector<std::string> ids) {
    ReadEmails emails(call, std::move(view), std::move(wanted));
    CO_TRY_VOID(co_await emails.run(&ids));
    co_return std::move(emails.found);
}

} // namespace tegami::jmapd
