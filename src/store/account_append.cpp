// Storing new messages: keywords, quota, conversations, rows.
#include "base/ascii.h"
#include "store/account_state.h"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <limits>

namespace tegami::store {

namespace {

/// Limit: message-ids of one message that lead to its thread: its own and its nearest relatives.
constexpr std::size_t kThreadHashesMax = 7;
/// Limit: mailboxes one message is placed in at once.
constexpr std::size_t kPlacementsMax = 1000;
/// Limit: UIDs and emails; a mailbox or account near it is full for ever.
constexpr std::uint32_t kIdMax = std::numeric_limits<std::uint32_t>::max() - 2'000'000;

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

/// An atom that is not a system flag (RFC 9051 §9, flag-keyword).
bool is_keyword(std::string_view text) {
    static constexpr std::string_view kNotInAtoms = "(){%*\"\\]";
    return !text.empty() && text.size() <= kKeywordBytesMax && std::ranges::all_of(text, [](char c) {
        return ascii::is_vchar(c) && kNotInAtoms.find(c) == std::string_view::npos;
    });
}

} // namespace

StoreResult<KeywordSet> AccountState::intern(Transaction& transaction, const std::vector<std::string>& keywords) const {
    KeywordSet set;
    for (const std::string& keyword : keywords) {
        const KeywordNames& names = transaction.keywords ? *transaction.keywords : *keywords_;
        const auto found = std::ranges::find_if(names, [&](const auto& name) { return ascii::iequals(name, keyword); });
        const auto id = static_cast<std::uint16_t>(found - names.begin());
        if (found == names.end()) {
            if (!is_keyword(keyword)) return failure(Error{ErrorCode::invalid, "not a keyword"});
            if (names.size() >= kKeywordsPerAccountMax)
                return failure(Error{ErrorCode::invalid, "the account has too many different keywords"});
            auto grown = std::make_shared<KeywordNames>(names);
            grown->push_back(keyword);
            transaction.put(record::keyword_key(id), record::encode_text(keyword));
            transaction.keywords = std::move(grown);
        }
        const auto place = std::ranges::lower_bound(set, id);
        if (place == set.end() || *place != id) set.insert(place, id);
    }
    if (set.size() > kKeywordsPerMessageMax) return failure(Error{ErrorCode::invalid, "too many keywords"});
    return set;
}

StoreResult<> AccountState::check_quota(const record::AccountRow& account, std::uint64_t bytes,
                                        std::uint64_t messages) {
    const Quota& limit = account.quota;
    const bool fits = (limit.bytes_max == 0 || account.bytes + bytes <= limit.bytes_max) &&
                      (limit.messages_max == 0 || account.messages + messages <= limit.messages_max);
    if (!fits) return failure(Error{ErrorCode::over_quota, "the account is full"});
    return {};
}

StoreResult<> AccountState::check_append(const record::AccountRow& account,
                                         const std::vector<NewMessage>& messages) const {
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    for (const NewMessage& message : messages) {
        if (message.placements.empty() || message.placements.size() > kPlacementsMax)
            return failure(Error{ErrorCode::invalid, "a message goes into one mailbox or more"});
        if (message.blob.size > std::numeric_limits<std::uint32_t>::max())
            return failure(Error{ErrorCode::invalid, "message of 4 GiB or more"});
        for (const Placement& placement : message.placements) {
            TRY(const record::MailboxRow* mailbox, find_mailbox(placement.mailbox));
            if (!mailbox->selectable) return failure(Error{ErrorCode::invalid, "mailbox only holds inferiors"});
            if (mailbox->uid_next.value > kIdMax) return failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
            bytes += message.blob.size;
            ++count;
        }
    }
    if (account.next_email > kIdMax || messages.size() > 1'000'000)
        return failure(Error{ErrorCode::invalid, "account has no email ids left"});
    return check_quota(account, bytes, count);
}

async::Awaitable<StoreResult<std::uint32_t>> AccountState::find_thread(const Transaction* part, record::Hashes hashes,
                                                                       std::uint32_t email) {
    for (const std::uint64_t hash : hashes) {
        if (const auto thread = part->find_hash(hash)) co_return *thread;
        CO_TRY(const Page found,
               co_await engine_->scan(
                   domain_, {record::hash_key(hash, 0), record::behind(record::hash_key(hash, ~0u)), 1, false, true}));
        if (found.rows.empty()) continue;
        const auto thread = record::decode_number(found.rows.front().value);
        if (!thread) continue; // damaged: mail is taken all the same, into a conversation of its own
        co_return static_cast<std::uint32_t>(*thread);
    }
    co_return email;
}

async::Awaitable<StoreResult<>> AccountState::append_part(Transaction* part, const NewMessage* message,
                                                          std::vector<Placed>* placed) {
    placed->clear();
    const std::uint32_t id = part->account.next_email;
    const std::size_t hashes_max = std::clamp<std::size_t>(limits_.batch_operations_max / 8, 1, kThreadHashesMax);
    const record::Hashes hashes = hashes_of(message->thread, hashes_max);
    CO_TRY(const std::uint32_t thread, co_await find_thread(part, hashes, id));
    for (const std::uint64_t hash : hashes) {
        part->put(record::hash_key(hash, id), record::encode_number(thread));
        part->hashes.emplace(hash, thread);
    }
    part->put(record::thread_key(ThreadId(thread), id), record::encode_hashes(hashes));
    part->add_reference(message->blob.id, record::reference_tag(id_, id));
    std::vector<record::EmailRecord> emails{{id, thread, message->blob, message->internal_date}};
    CO_TRY_VOID(co_await add_emails(part, std::move(emails)));
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    for (const Placement& placement : message->placements) {
        CO_TRY(KeywordSet keywords, intern(*part, placement.keywords));
        const record::MailboxRow& box = mailbox_in(*part, placement.mailbox);
        placed->push_back({placement.mailbox, box.uid_validity, box.uid_next, EmailId(id)});
        std::vector<MessageRow> rows{{.uid = box.uid_next,
                                      .flags = placement.flags,
                                      .keywords = std::move(keywords),
                                      .email = EmailId(id),
                                      .modseq = part->modseq,
                                      .size_bytes = static_cast<std::uint32_t>(message->blob.size),
                                      .saved = static_cast<std::uint32_t>(std::max<std::int64_t>(0, now))}};
        CO_TRY_VOID(co_await add_rows(part, placement.mailbox, std::move(rows)));
    }
    if (message->placements.size() > 1) {
        std::vector<std::uint32_t> counted{id};
        CO_TRY_VOID(co_await adjust_counts(part, std::move(counted), static_cast<int>(message->placements.size()) - 1));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<AppendResult>> AccountState::append(std::vector<NewMessage> messages,
                                                                 std::optional<std::string> delivery_tag) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto request = std::make_shared<AppendRequest>(executor, std::move(messages), std::move(delivery_tag));
    const AppendQueue::Place place(&appends_, request);
    co_await place.wait();
    if (!request->result && !request->taken) co_await append_waiting();
    // Who led it was cancelled, and whether the message is there is not known: this ends as if it were cancelled too.
    if (!request->result) throw boost::system::system_error(boost::asio::error::operation_aborted);
    co_return *std::move(request->result);
}

/// Carries out what waits in the queue, the caller's request first.
async::Awaitable<> AccountState::append_waiting() {
    const Lock lock = co_await writer_.lock();
    const AppendQueue::Group group = appends_.take();
    const StoreResult<> ready = co_await fresh();
    if (!ready) {
        group.fail(ready.error());
    } else if (group.requests().front()->messages.size() == 1) {
        co_await append_group(&group);
    } else {
        AppendRequest& request = *group.requests().front();
        if (request.delivery_tag)
            request.result = failure(Error{ErrorCode::invalid, "delivery tag"});
        else
            request.result = co_await append_many(std::move(request.messages));
    }
}

/// Where a delivery with this tag went before, if there was one.
async::Awaitable<StoreResult<std::optional<AppendResult>>> AccountState::find_delivery(std::string tag) {
    if (tag.empty() || tag.size() > kDeliveryTagBytesMax) co_return failure(Error{ErrorCode::invalid, "delivery tag"});
    const std::string key = record::delivery_key(tag);
    CO_TRY(const auto value, co_await engine_->get(domain_, key));
    if (!value) co_return std::optional<AppendResult>();
    auto delivery = record::decode_delivery(*value);
    if (!delivery) co_return failure(damaged_record(domain_, key));
    AppendResult result{.already_there = true, .version = version_};
    result.messages.push_back(std::move(delivery->placed));
    co_return result;
}

/// Adds the one message of a request to the part.
async::Awaitable<StoreResult<>> AccountState::append_request(Transaction* part, AppendRequest* request,
                                                             std::vector<Placed>* placed) {
    CO_TRY_VOID(check_append(part->account, request->messages));
    CO_TRY_VOID(co_await append_part(part, &request->messages.front(), placed));
    if (request->delivery_tag)
        part->put(record::delivery_key(*request->delivery_tag),
                  record::encode(record::DeliveryRow{.time = clock_->now(), .placed = *placed}));
    co_return StoreResult<>{};
}

/// One commit for all, or a few where they do not fit one; a request that cannot be carried out is left out of it.
async::Awaitable<> AccountState::append_group(const AppendQueue::Group* group) {
    Transaction whole = begin_transaction();
    std::map<AppendRequest*, std::vector<Placed>> added; // by `whole`
    for (const AppendRequestPtr& each : group->requests()) {
        AppendRequest* const request = each.get();
        if (request->delivery_tag) {
            auto before = co_await find_delivery(*request->delivery_tag);
            if (!before)
                request->result = failure(before.error());
            else if (*before)
                request->result = **std::move(before);
            if (request->result) continue;
        }
        Transaction part = Transaction::part_of(whole);
        std::vector<Placed> placed;
        StoreResult<> outcome = co_await append_request(&part, request, &placed);
        if (outcome && !fits(whole, part)) {
            const StoreResult<> committed = co_await commit_appends(&whole, &added);
            if (!committed) co_return group->fail(committed.error());
            whole = begin_transaction();
            part = Transaction::part_of(whole);
            outcome = co_await append_request(&part, request, &placed);
        }
        if (!outcome) {
            request->result = failure(outcome.error());
            continue;
        }
        whole.merge(std::move(part));
        added.emplace(request, std::move(placed));
    }
    const StoreResult<> committed = co_await commit_appends(&whole, &added);
    if (!committed) group->fail(committed.error());
}

/// Commits, and answers the requests whose messages are durable then.
async::Awaitable<StoreResult<>> AccountState::commit_appends(Transaction* whole,
                                                             std::map<AppendRequest*, std::vector<Placed>>* added) {
    CO_TRY_VOID(co_await commit(whole));
    for (auto& [request, placed] : *added) {
        AppendResult& result = request->result.emplace(AppendResult{.version = version_}).value();
        result.messages.push_back(std::move(placed));
    }
    added->clear();
    co_return StoreResult<>{};
}

/// All of them in one commit if they fit one.
async::Awaitable<StoreResult<AppendResult>> AccountState::append_many(std::vector<NewMessage> messages) {
    CO_TRY_VOID(check_append(row_, messages));
    AppendResult result;
    std::map<MailboxId, UidSet> added; // what earlier commits of this call have stored
    std::size_t committed = 0;
    StoreResult<> outcome;
    Transaction whole = begin_transaction();
    for (std::size_t at = 0; at < messages.size() && outcome; ++at) {
        std::vector<Placed>& placed = result.messages.emplace_back();
        Transaction part = Transaction::part_of(whole);
        outcome = co_await append_part(&part, &messages[at], &placed);
        if (outcome && !fits(whole, part)) {
            outcome = co_await commit(&whole);
            if (!outcome) break;
            for (; committed < at; ++committed)
                for (const Placed& each : result.messages[committed])
                    added[each.mailbox].add(each.uid);
            whole = begin_transaction();
            part = Transaction::part_of(whole);
            outcome = co_await append_part(&part, &messages[at], &placed);
        }
        if (outcome) whole.merge(std::move(part));
    }
    if (outcome) outcome = co_await commit(&whole);
    if (!outcome) {
        co_await undo(std::move(added));
        co_return failure(outcome.error());
    }
    result.version = version_;
    co_return result;
}

/// Takes back what a request that failed in a later commit has added: a failed APPEND or COPY leaves the mailbox as
/// it was (RFC 9051 §6.3.12, §6.4.7). If that fails too, the caller's error stands and the copies remain.
async::Awaitable<void> AccountState::undo(std::map<MailboxId, UidSet> added) {
    for (auto& [mailbox, uids] : added) {
        const StoreResult<ExpungeResult> undone =
            co_await expunge_locked(mailbox, std::move(uids), Account::Expunge::forced, record::Gone::taken_back);
        if (!undone) co_return;
    }
}

} // namespace tegami::store
