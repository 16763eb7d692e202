// COPY and MOVE (RFC 9051 §6.4.7, §6.4.8), by sequence numbers and by UIDs.
#include "async/turns.h"
#include "ingest/intake.h"
#include "message/card.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::imapd {

namespace {

/// Messages that are looked up before others have their turn.
constexpr std::size_t kCopiedAtOnce = 256;
/// What one message takes until it is committed in another account: its card, place and ids.
constexpr std::size_t kCopiedMessageBytes = 2048;

std::string copy_uid(const store::CopyResult& result) {
    return imap::code::copy_uid(result.uid_validity, result.source, result.target);
}

/// What is to be copied, and where to.
struct CopyPlan {
    imap::NumberRanges numbers;
    UidSet uids; ///< of these, and of no other message
    NamedMailbox target;
};

async::Awaitable<Result<CopyPlan, Completion>> plan_copy(Session* session, const imap::SequenceSet* set,
                                                         imap::Numbering numbering, imap::MailboxName mailbox) {
    std::optional<Chosen> chosen = session->selected->choose(*set, numbering);
    if (!chosen) co_return failure(no_such_number());
    // RFC 2180 §4.4.1: all of the numbered messages or none; a UID that does not exist is passed over instead.
    if (chosen->some_gone && numbering == imap::Numbering::sequence) co_return failure(some_are_gone());
    Result<NamedMailbox, Completion> target =
        co_await resolve_for(session, std::move(mailbox), Right::insert, std::string(imap::code::kTryCreate));
    if (!target) co_return failure(target.error());
    co_return CopyPlan{
        .numbers = std::move(chosen->numbers), .uids = std::move(chosen->uids), .target = *std::move(target)};
}

/// A target that went away in between is as good as one that was never there.
Completion copy_failed(Session& session, const store::Error& error) {
    if (error.code == store::ErrorCode::not_found) return no(imap::code::kTryCreate, "No such mailbox");
    return failed(error, session.service->log);
}

/// Whether the store can copy: within one account, with all flags (RFC 4314 §4).
bool is_simple(const Session& session, const NamedMailbox& target) {
    return target.account.get() == &session.selected->account() &&
           target.rights.has({Right::seen, Right::write, Right::mark});
}

/// Messages as they come into another mailbox, with the flags that the user may set there, and their UIDs here.
async::Awaitable<store::StoreResult<>> gather(SelectedMailbox* from, const CopyPlan* plan, UidSet* uids,
                                              std::vector<store::NewMessage>* messages) {
    const NamedMailbox* const target = &plan->target;
    const store::Flags flags = changeable_flags(target->rights);
    const bool keywords = target->rights.has(Right::write);
    NumberBatches batches(&plan->numbers);
    while (true) {
        std::vector<Uid> some;
        for (const NumberedUid& each : batches.next(from->numbers(), kCopiedAtOnce))
            some.push_back(each.uid);
        if (some.empty()) break;
        CO_TRY(const std::vector<store::MessageDetails> details,
               co_await from->account().details(from->id(), std::move(some)));
        std::vector<store::EmailId> emails;
        for (const store::MessageDetails& each : details)
            emails.push_back(each.email.id);
        CO_TRY(const store::Cards cards, co_await from->account().cards(std::move(emails)));
        for (std::size_t one = 0; one < details.size(); ++one) {
            const store::MessageRow& row = details[one].message;
            const store::EmailRow& email = details[one].email;
            store::NewMessage copied{.blob = email.blob, .internal_date = email.internal_date, .zone = email.zone};
            copied.placements = {{.mailbox = target->mailbox->id,
                                  .flags = row.flags - (store::Flags::from_bits(store::Flags::kAll) - flags)}};
            if (keywords) copied.placements.front().keywords = from->numbers().view()->keyword_names(row.keywords);
            if (cards.each[one]) {
                copied.card = std::string(*cards.each[one]);
                const auto card = message::decode_card(copied.card);
                if (card) copied.thread = ingest::thread_hints(*card);
            }
            messages->push_back(std::move(copied));
            uids->add(row.uid);
        }
        co_await async::give_way();
    }
    co_return store::StoreResult<>{};
}

/// Copies into another account, or with fewer flags: all or nothing.
async::Awaitable<Result<store::CopyResult, Completion>> copy_apart(Session* session, const CopyPlan* plan) {
    std::size_t count = 0;
    for (const imap::NumberRange& range : plan->numbers)
        count += range.last - range.first + 1;
    if (count > session->service->limits.append_messages_max)
        co_return failure(no(imap::code::kLimit, "Too many messages for one copy into another account"));
    MemoryBudget::Charge memory(session->service->memory);
    if (!memory.resize(count * kCopiedMessageBytes))
        co_return failure(no(imap::code::kLimit, "The server is too busy for so many messages now; try again later"));
    UidSet uids;
    std::vector<store::NewMessage> messages;
    const store::StoreResult<> gathered = co_await gather(session->selected.get(), plan, &uids, &messages);
    if (!gathered) co_return failure(failed(gathered.error(), session->service->log));
    store::CopyResult copied;
    if (messages.empty()) co_return copied;
    const store::StoreResult<store::AppendResult> appended = co_await plan->target.account->append(std::move(messages));
    if (!appended) co_return failure(copy_failed(*session, appended.error()));
    for (const std::vector<store::Placed>& placed : appended->messages)
        copied.target.add(placed.front().uid);
    copied.uid_validity = appended->messages.front().front().uid_validity;
    copied.source = std::move(uids);
    co_return copied;
}

async::Awaitable<Result<store::CopyResult, Completion>> copy(Session* session, const CopyPlan* plan) {
    SelectedMailbox& from = *session->selected;
    if (!is_simple(*session, plan->target)) co_return co_await copy_apart(session, plan);
    auto copied = co_await from.account().copy(from.id(), plan->uids, plan->target.mailbox->id);
    if (!copied) co_return failure(copy_failed(*session, copied.error()));
    co_return *std::move(copied);
}

async::Awaitable<Result<store::CopyResult, Completion>> move(Session* session, const CopyPlan* plan) {
    SelectedMailbox& from = *session->selected;
    if (is_simple(*session, plan->target)) {
        auto moved = co_await from.account().move(from.id(), plan->uids, plan->target.mailbox->id);
        if (!moved) co_return failure(copy_failed(*session, moved.error()));
        co_return *std::move(moved);
    }
    // Rather twice than not at all.
    auto moved = co_await copy_apart(session, plan);
    if (!moved || moved->source.empty()) co_return moved;
    const auto gone = co_await from.account().expunge(from.id(), moved->source, store::Account::Expunge::forced);
    if (!gone) co_return failure(failed(gone.error(), session->service->log));
    co_return moved;
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Copy command) {
    co_await take_news(session);
    const Result<CopyPlan, Completion> plan =
        co_await plan_copy(session, &command.set, command.numbering, std::move(command.mailbox));
    if (!plan) co_return plan.error();
    if (plan->uids.empty()) co_return Completion{.text = "No such message, nothing copied"};
    const Result<store::CopyResult, Completion> copied = co_await copy(session, &*plan);
    if (!copied) co_return copied.error();
    if (copied->source.empty()) co_return Completion{.text = "No such message, nothing copied"};
    co_return Completion{.code = copy_uid(*copied)};
}

async::Awaitable<Completion> run(Session* session, imap::Move command) {
    if (session->selected->read_only()) co_return read_only();
    // RFC 6851 §3.3, RFC 4314 §4: as STORE and EXPUNGE would need.
    if (!session->selected->rights().has({Right::mark, Right::expunge})) co_return not_permitted();
    co_await take_news(session);
    const Result<CopyPlan, Completion> plan =
        co_await plan_copy(session, &command.set, command.numbering, std::move(command.mailbox));
    if (!plan) co_return plan.error();
    if (plan->uids.empty()) co_return Completion{.text = "No such message, nothing moved"};
    const Result<store::CopyResult, Completion> moved = co_await move(session, &*plan);
    if (!moved) co_return moved.error();
    if (moved->source.empty()) co_return Completion{.text = "No such message, nothing moved"};
    // RFC 9051 §6.4.8: before the EXPUNGE lines, so that the client knows where the messages went.
    imap::append_status(session->out(), "", imap::StatusWord::ok, copy_uid(*moved), "Moved");
    if (!session->enabled.contains(imap::Enabled::qresync)) co_return Completion{};
    co_await announce(session, Moment::safe);
    co_return Completion{.code = imap::code::highest_modseq(told_modseq(*session).value)};
}

} // namespace tegami::imapd
