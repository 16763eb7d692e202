// Storing new messages: keywords, quota, conversations, rows.
#include "store/account_append.h"

#include "store/account_expunge.h"
#include "store/append_queue.h"
#include "store/email_pages.h"
#include "store/engine/scan.h"
#include "store/in_batches.h"
#include "store/keyword_table.h"
#include "store/message_pages.h"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <limits>
#include <span>

namespace tegami::store {

namespace {

/// Limit: message-ids of one message that lead to its thread: its own and its nearest relatives.
constexpr std::size_t kThreadHashesMax = 7;
/// Limit: mailboxes one message is placed in at once.
constexpr std::size_t kPlacementsMax = 1000;

/// FNV-1a, 64 bit. Two ids with one hash would join two conversations; that is rare and harmless.
std::uint64_t hash_of(std::string_view message_id) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : message_id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

/// The hashes of a message, nearest relatives first, its own last.
record::Hashes hashes_of(const ThreadHints& hints, std::size_t count_max) {
    record::Hashes hashes;
    const auto add = [&](std::string_view id, std::size_t max) {
        const std::uint64_t hash = hash_of(id);
        if (hashes.size() < max && std::ranges::find(hashes, hash) == hashes.end()) hashes.push_back(hash);
    };
    const std::size_t own = hints.message_id ? 1 : 0;
    for (const std::string& id : hints.in_reply_to)
        add(id, count_max - own);
    for (auto id = hints.references.rbegin(); id != hints.references.rend(); ++id)
        add(*id, count_max - own);
    if (hints.message_id) add(*hints.message_id, count_max);
    return hashes;
}

/// May these messages be added to the account as `account` is now?
StoreResult<> check_append(const AccountRows& rows, const record::AccountRow& account,
                           std::span<const NewMessage> messages) {
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    for (const NewMessage& message : messages)
        count += message.placements.size();
    for (const NewMessage& message : messages) {
        if (message.placements.empty() || message.placements.size() > kPlacementsMax)
            return failure(Error{ErrorCode::invalid, "a message goes into one mailbox or more"});
        if (message.blob.size > std::numeric_limits<std::uint32_t>::max())
            return failure(Error{ErrorCode::invalid, "message of 4 GiB or more"});
        for (const Placement& placement : message.placements) {
            TRY(const record::MailboxRow* mailbox, rows.find_selectable(placement.mailbox));
            if (mailbox->uid_next.value + count > record::kIdMax)
                return failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
            bytes += message.blob.size;
        }
    }
    if (account.next_email + messages.size() > record::kIdMax)
        return failure(Error{ErrorCode::invalid, "account has no email ids left"});
    return check_quota(account, bytes, count);
}

/// The conversation that one of the hashes leads to; `email` if none does.
async::Awaitable<StoreResult<std::uint32_t>> find_thread(const AccountCore* core, const PendingCommit* part,
                                                         record::Hashes hashes, std::uint32_t email) {
    for (const std::uint64_t hash : hashes) {
        if (const auto thread = part->find_hash(hash)) co_return *thread;
        std::string end = record::behind(record::hash_key(hash, ~0u));
        Scan scan(core->dependencies().engine, core->domain(),
                  {record::hash_key(hash, 0), std::move(end), 1, false, true});
        CO_TRY(const Page found, co_await scan.next());
        if (found.rows.empty()) continue;
        const auto thread = record::decode_number(found.rows.front().value);
        if (!thread) continue; // damaged: mail is taken all the same, into a conversation of its own
        co_return static_cast<std::uint32_t>(*thread);
    }
    co_return email;
}

/// Adds a message to the part; `placed` is where it is then.
async::Awaitable<StoreResult<>> add_message(const AccountCore* core, PendingCommit* part, const NewMessage* message,
                                            std::vector<Placed>* placed) {
    placed->clear();
    const std::uint32_t id = part->account.next_email;
    const std::size_t hashes_max =
        std::clamp<std::size_t>(core->dependencies().limits.batch_operations_max / 8, 1, kThreadHashesMax);
    const record::Hashes hashes = hashes_of(message->thread, hashes_max);
    CO_TRY(const std::uint32_t thread, co_await find_thread(core, part, hashes, id));
    for (const std::uint64_t hash : hashes) {
        part->put(record::hash_key(hash, id), record::encode_number(thread));
        part->hashes.emplace(hash, thread);
    }
    part->put(record::thread_key(ThreadId(thread), id), record::encode_hashes(hashes));
    part->add_reference(message->blob.id, record::reference_tag(core->id(), id));
    std::vector<record::EmailRecord> emails{{id, thread, message->blob, message->internal_date, message->zone}};
    CO_TRY_VOID(co_await emails::add(core, part, std::move(emails)));
    for (const Placement& placement : message->placements) {
        CO_TRY(KeywordSet keywords, intern(*part, core->rows(), placement.keywords));
        const record::MailboxRow& box = part->mailbox(placement.mailbox, core->rows());
        placed->push_back({placement.mailbox, box.uid_validity, box.uid_next, EmailId(id)});
        std::vector<MessageRow> rows{{.uid = box.uid_next,
                                      .flags = placement.flags,
                                      .keywords = std::move(keywords),
                                      .email = EmailId(id),
                                      .modseq = part->modseq,
                                      .size_bytes = static_cast<std::uint32_t>(message->blob.size),
                                      .saved = core->now_seconds()}};
        CO_TRY_VOID(co_await messages::add(core, part, placement.mailbox, std::move(rows)));
    }
    if (message->placements.size() > 1) {
        std::vector<std::uint32_t> counted{id};
        const auto more = static_cast<int>(message->placements.size()) - 1;
        CO_TRY_VOID(co_await emails::adjust_counts(core, part, std::move(counted), more));
    }
    co_return StoreResult<>{};
}

/// The messages of one request: in one commit if they fit one.
class AppendMany {
public:
    AppendMany(AccountCore* core, const std::vector<NewMessage>* messages) : core_(core), messages_(messages) {}

    async::Awaitable<StoreResult<>> run() {
        const std::size_t first = result.messages.size();
        CO_TRY_VOID(check_append(core_->rows(), core_->rows().account, std::span(*messages_).subspan(first)));
        InBatches batches(core_, kMessagesPerTurn);
        for (std::size_t at = first; at < messages_->size(); ++at) {
            const auto step = [&](PendingCommit* part) { return add(part, &(*messages_)[at]); };
            CO_TRY_VOID(co_await batches.add(step));
        }
        CO_TRY_VOID(co_await batches.commit());
        result.version = core_->rows().version;
        co_return StoreResult<>{};
    }

    /// A failed APPEND leaves the mailbox as it was (RFC 9051 §6.3.12).
    async::Awaitable<> take_back() {
        std::map<MailboxId, UidSet> added;
        for (const std::vector<Placed>& message : result.messages)
            for (const Placed& placed : message)
                added[placed.mailbox].add(placed.uid);
        co_await take_back_copies(core_, std::move(added));
    }

    AppendResult result; ///< of what is committed

private:
    static constexpr std::size_t kMessagesPerTurn = 16;

    async::Awaitable<StoreResult<>> add(PendingCommit* part, const NewMessage* message) {
        std::vector<Placed> placed;
        CO_TRY_VOID(co_await add_message(core_, part, message, &placed));
        part->then([this, placed = std::move(placed)]() mutable { result.messages.push_back(std::move(placed)); });
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const std::vector<NewMessage>* const messages_;
};

/// Requests of one message each: one commit for all, or a few where they do not fit one. A request that cannot be
/// carried out is left out of it.
class AppendGroup {
public:
    AppendGroup(AccountCore* core, const AppendQueue::Group* group) : core_(core), group_(group) {}

    async::Awaitable<StoreResult<>> run() {
        InBatches batches(core_, kRequestsPerTurn);
        for (const AppendRequestPtr& each : group_->requests()) {
            AppendRequest* const request = each.get();
            if (request->result) continue; // by an earlier commit, or refused
            CO_TRY(const bool before, co_await was_delivered(request));
            if (before) continue;
            const auto step = [this, request](PendingCommit* part) { return add(part, request); };
            const StoreResult<> outcome = co_await batches.add(step);
            if (outcome) continue;
            if (batches.broken() || outcome.error().code == ErrorCode::conflict) co_return outcome;
            request->result = failure(outcome.error());
        }
        co_return co_await batches.commit();
    }

private:
    /// A group is small, and is made without letting other work of the executor run.
    static constexpr std::size_t kRequestsPerTurn = 1000;

    /// Answers the request if its delivery tag was stored before, or cannot be.
    async::Awaitable<StoreResult<bool>> was_delivered(AppendRequest* request) {
        if (!request->delivery_tag) co_return false;
        const std::string& tag = *request->delivery_tag;
        if (tag.empty() || tag.size() > kDeliveryTagBytesMax) {
            request->result = failure(Error{ErrorCode::invalid, "delivery tag"});
            co_return true;
        }
        const std::string key = record::delivery_key(tag);
        const auto value = co_await core_->reader().get(key);
        if (value && !*value) co_return false;
        auto delivery = value ? record::decode_delivery(**value) : std::nullopt;
        if (delivery) {
            AppendResult result{.already_there = true, .version = core_->rows().version};
            result.messages.push_back(std::move(delivery->placed));
            request->result = std::move(result);
        } else {
            request->result = failure(value ? damaged_record(core_->domain(), key) : value.error());
        }
        co_return true;
    }

    async::Awaitable<StoreResult<>> add(PendingCommit* part, AppendRequest* request) {
        CO_TRY_VOID(check_append(core_->rows(), part->account, request->messages));
        std::vector<Placed> placed;
        CO_TRY_VOID(co_await add_message(core_, part, &request->messages.front(), &placed));
        if (request->delivery_tag)
            part->put(
                record::delivery_key(*request->delivery_tag),
                record::encode(record::DeliveryRow{.time = core_->dependencies().clock->now(), .placed = placed}));
        part->then([this, request, placed = std::move(placed)]() mutable {
            AppendResult result{.version = core_->rows().version};
            result.messages.push_back(std::move(placed));
            request->result = std::move(result);
        });
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const AppendQueue::Group* const group_;
};

/// What the first who waits carries out: what is waiting then, its own request first.
class AppendWaiting {
public:
    AppendWaiting(AccountCore* core, AppendQueue* queue) : core_(core), queue_(queue) {}

    async::Awaitable<StoreResult<>> run() {
        if (!group_) group_.emplace(queue_->take());
        AppendRequest& first = *group_->requests().front();
        if (first.messages.size() == 1) {
            AppendGroup appends(core_, &*group_);
            co_return co_await appends.run();
        }
        if (first.delivery_tag) co_return failure(Error{ErrorCode::invalid, "delivery tag"});
        if (!many_) many_.emplace(core_, &first.messages);
        CO_TRY_VOID(co_await many_->run());
        first.result = std::move(many_->result);
        co_return StoreResult<>{};
    }

    async::Awaitable<> take_back() {
        if (many_) co_await many_->take_back();
    }

    /// The answer of all that have none.
    void fail(const Error& error) {
        if (!group_) group_.emplace(queue_->take());
        group_->fail(error);
    }

private:
    AccountCore* const core_;
    AppendQueue* const queue_;
    std::optional<AppendQueue::Group> group_;
    std::optional<AppendMany> many_;
};

} // namespace

StoreResult<> check_quota(const record::AccountRow& account, std::uint64_t bytes, std::uint64_t messages) {
    const Quota& limit = account.quota;
    const bool fits = (limit.bytes_max == 0 || account.bytes + bytes <= limit.bytes_max) &&
                      (limit.messages_max == 0 || account.messages + messages <= limit.messages_max);
    if (!fits) return failure(Error{ErrorCode::over_quota, "the account is full"});
    return {};
}

async::Awaitable<StoreResult<AppendResult>> Account::append(std::vector<NewMessage> messages,
                                                            std::optional<std::string> delivery_tag) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto request = std::make_shared<AppendRequest>(executor, std::move(messages), std::move(delivery_tag));
    const AppendQueue::Place place(appends_.get(), request);
    co_await place.wait();
    if (!request->result && !request->taken) {
        AppendWaiting waiting(core_.get(), appends_.get());
        const StoreResult<> outcome = co_await core_->write(&waiting);
        if (!outcome) waiting.fail(outcome.error());
    }
    // Who led it was cancelled, and whether the message is there is not known: this ends as if it were cancelled too.
    if (!request->result) throw boost::system::system_error(boost::asio::error::operation_aborted);
    co_return *std::move(request->result);
}

} // namespace tegami::store
