// Storing new messages: keywords, quota, conversations, rows.
#include "store/account_append.h"

#include "store/account_expunge.h"
#include "store/append_queue.h"
#include "store/email_pages.h"
#include "store/in_batches.h"
#include "store/keyword_table.h"
#include "store/message_pages.h"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <unordered_map>

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
record::Hashes hashes_of(const AccountCore& core, const ThreadHints& hints) {
    const std::size_t count_max =
        std::clamp<std::size_t>(core.dependencies().limits.batch_operations_max / 8, 1, kThreadHashesMax);
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

/// Where ids of messages lead to, as far as that is committed.
class Conversations {
public:
    explicit Conversations(const AccountCore* core) : core_(core) {}

    /// Looks for those of these messages, all in one go; forgets those of others.
    async::Awaitable<StoreResult<>> look_for(std::vector<record::Hashes> messages) {
        threads_.clear();
        std::vector<std::uint64_t> hashes;
        for (const record::Hashes& each : messages)
            hashes.insert(hashes.end(), each.begin(), each.end());
        std::ranges::sort(hashes);
        hashes.erase(std::ranges::unique(hashes).begin(), hashes.end());
        for (std::size_t next = 0; next < hashes.size(); next += kGetManyMax) {
            const std::span some = std::span(hashes).subspan(next, std::min(kGetManyMax, hashes.size() - next));
            std::vector<std::string> prefixes;
            for (const std::uint64_t hash : some)
                prefixes.push_back(record::hash_prefix(hash));
            CO_TRY(const auto values,
                   co_await core_->dependencies().engine->get_first(core_->domain(), std::move(prefixes)));
            for (std::size_t at = 0; at < some.size(); ++at) {
                // Damaged: mail is taken all the same, into a conversation of its own.
                const auto thread = values[at] ? record::decode_number(*values[at]) : std::nullopt;
                if (thread) threads_.emplace(some[at], static_cast<std::uint32_t>(*thread));
            }
        }
        co_return StoreResult<>{};
    }

    /// The conversation that one of the hashes leads to, with what the part will add; `email` if none does.
    std::uint32_t find(const PendingCommit& part, const record::Hashes& hashes, std::uint32_t email) const {
        for (const std::uint64_t hash : hashes) {
            if (const auto thread = part.find_hash(hash)) return *thread;
            if (const auto found = threads_.find(hash); found != threads_.end()) return found->second;
        }
        return email;
    }

    /// They have been committed.
    void add(const record::Hashes& hashes, std::uint32_t thread) {
        for (const std::uint64_t hash : hashes)
            threads_.emplace(hash, thread);
    }

private:
    const AccountCore* const core_;
    std::unordered_map<std::uint64_t, std::uint32_t> threads_;
};

/// Adds messages to the part; `placed` is where they are then.
async::Awaitable<StoreResult<>> add_messages(const AccountCore* core, PendingCommit* part,
                                             std::vector<const NewMessage*> messages, Conversations* conversations,
                                             std::vector<std::vector<Placed>>* placed) {
    placed->assign(messages.size(), {});
    std::vector<record::EmailRecord> emails;
    std::map<MailboxId, std::vector<MessageRow>> rows;
    std::vector<std::uint32_t> in_several; // once for each mailbox but one
    for (std::size_t at = 0; at < messages.size(); ++at) {
        const NewMessage& message = *messages[at];
        const std::uint32_t id = part->account.next_email + static_cast<std::uint32_t>(at);
        record::Hashes hashes = hashes_of(*core, message.thread);
        const std::uint32_t thread = conversations->find(*part, hashes, id);
        for (const std::uint64_t hash : hashes) {
            part->put(record::hash_key(hash, id), record::encode_number(thread));
            part->hashes.emplace(hash, thread);
        }
        part->put(record::thread_key(ThreadId(thread), id), record::encode_hashes(hashes));
        part->then([conversations, hashes = std::move(hashes), thread] { conversations->add(hashes, thread); });
        part->add_reference(message.blob.id, record::reference_tag(core->id(), id));
        emails.push_back({id, thread, message.blob, message.internal_date, message.zone});
        if (!message.card.empty()) part->cards.emplace(id, &message.card);
        for (const Placement& placement : message.placements) {
            CO_TRY(KeywordSet keywords, intern(*part, core->rows(), placement.keywords));
            const record::MailboxRow& box = part->mailbox(placement.mailbox, core->rows());
            std::vector<MessageRow>& here = rows[placement.mailbox];
            const Uid uid(box.uid_next.value + static_cast<std::uint32_t>(here.size()));
            (*placed)[at].push_back({placement.mailbox, box.uid_validity, uid, EmailId(id)});
            here.push_back({.uid = uid,
                            .flags = placement.flags,
                            .keywords = std::move(keywords),
                            .email = EmailId(id),
                            .modseq = part->modseq,
                            .size_bytes = static_cast<std::uint32_t>(message.blob.size),
                            .saved = core->now_seconds()});
        }
        in_several.insert(in_several.end(), message.placements.size() - 1, id);
    }
    CO_TRY_VOID(co_await emails::add(core, part, std::move(emails)));
    for (auto& [mailbox, here] : rows)
        CO_TRY_VOID(co_await messages::add(core, part, mailbox, std::move(here)));
    if (!in_several.empty()) {
        CO_TRY_VOID(co_await emails::adjust_counts(core, part, std::move(in_several), 1));
    }
    co_return StoreResult<>{};
}

/// The messages of one request: in one commit if they fit one.
class AppendMany {
public:
    AppendMany(AccountCore* core, const std::vector<NewMessage>* messages, Commits commits)
        : core_(core), messages_(messages), commits_(commits) {}

    async::Awaitable<StoreResult<>> run() {
        const std::size_t first = result.messages.size();
        CO_TRY_VOID(check_append(core_->rows(), core_->rows().account, std::span(*messages_).subspan(first)));
        InBatches batches(core_, 1, commits_);
        const std::size_t at_once = std::clamp<std::size_t>(
            core_->dependencies().limits.batch_operations_max / kOperationsOfMessage, 1, kMessagesPerStep);
        for (std::size_t at = first; at < messages_->size(); at += at_once) {
            std::vector<const NewMessage*> some;
            std::vector<record::Hashes> hashes;
            for (std::size_t next = at; next < std::min(at + at_once, messages_->size()); ++next) {
                some.push_back(&(*messages_)[next]);
                hashes.push_back(hashes_of(*core_, some.back()->thread));
            }
            CO_TRY_VOID(co_await conversations_.look_for(std::move(hashes)));
            const auto step = [&](PendingCommit* part) { return add(part, some); };
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
    /// Messages that are made into records without letting others have their turn, all in one step.
    static constexpr std::size_t kMessagesPerStep = 16;
    /// More than a message's records are.
    static constexpr std::size_t kOperationsOfMessage = 32;

    async::Awaitable<StoreResult<>> add(PendingCommit* part, std::vector<const NewMessage*> messages) {
        std::vector<std::vector<Placed>> placed;
        CO_TRY_VOID(co_await add_messages(core_, part, std::move(messages), &conversations_, &placed));
        part->then([this, placed = std::move(placed)]() mutable {
            std::ranges::move(placed, std::back_inserter(result.messages));
        });
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const std::vector<NewMessage>* const messages_;
    const Commits commits_;
    Conversations conversations_{core_};
};

/// Requests of one message each: one commit for all, or a few where they do not fit one. A request that cannot be
/// carried out is left out of it.
class AppendGroup {
public:
    AppendGroup(AccountCore* core, const AppendQueue::Group* group) : core_(core), group_(group) {}

    async::Awaitable<StoreResult<>> run() {
        std::vector<record::Hashes> hashes;
        for (const AppendRequestPtr& each : group_->requests())
            if (!each->result) hashes.push_back(hashes_of(*core_, each->messages.front().thread));
        CO_TRY_VOID(co_await conversations_.look_for(std::move(hashes)));
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
        std::vector<const NewMessage*> message{&request->messages.front()};
        std::vector<std::vector<Placed>> placed;
        CO_TRY_VOID(co_await add_messages(core_, part, std::move(message), &conversations_, &placed));
        if (request->delivery_tag)
            part->put(record::delivery_key(*request->delivery_tag),
                      record::encode(
                          record::DeliveryRow{.time = core_->dependencies().clock->now(), .placed = placed.front()}));
        part->then([this, request, placed = std::move(placed)]() mutable {
            AppendResult result{.version = core_->rows().version};
            result.messages = std::move(placed);
            request->result = std::move(result);
        });
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const AppendQueue::Group* const group_;
    Conversations conversations_{core_};
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
        if (!many_) many_.emplace(core_, &first.messages, first.commits);
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
                                                            std::optional<std::string> delivery_tag, Commits commits) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto request =
        std::make_shared<AppendRequest>(executor, std::move(messages), std::move(delivery_tag), commits);
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
