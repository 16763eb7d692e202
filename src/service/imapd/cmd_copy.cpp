// COPY and MOVE (RFC 9051 §6.4.7, §6.4.8), by sequence numbers and by UIDs.
#include "base/assert.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"

namespace tegami::imapd {

namespace {

std::string copy_uid(const store::CopyResult& result) {
    return imap::code::copy_uid(result.uid_validity, result.source, result.target);
}

/// What is to be copied, and where to.
struct CopyPlan {
    UidSet uids;
    store::MailboxId target;
};

Result<CopyPlan, Completion> plan_copy(const Session& session, const imap::SequenceSet& set, imap::Numbering numbering,
                                       const imap::MailboxName& mailbox) {
    std::optional<Chosen> chosen = session.selected->choose(set, numbering);
    if (!chosen) return failure(no_such_number());
    // RFC 2180 §4.4.1: all of the numbered messages or none; a UID that does not exist is passed over instead.
    if (chosen->some_gone && numbering == imap::Numbering::sequence) return failure(some_are_gone());
    TRY(const NamedMailbox target, resolve_for(session, mailbox, Right::insert, imap::code::kTryCreate));
    // The store copies within one account.
    ASSERT(target.account.get() == &session.selected->account());
    return CopyPlan{.uids = std::move(chosen->uids), .target = target.mailbox->id};
}

/// A target that went away in between is as good as one that was never there.
Completion copy_failed(Session& session, const store::Error& error) {
    if (error.code == store::ErrorCode::not_found) return no(imap::code::kTryCreate, "No such mailbox");
    return failed(error, session.service->log);
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Copy command) {
    co_await take_news(session);
    const Result<CopyPlan, Completion> plan = plan_copy(*session, command.set, command.numbering, command.mailbox);
    if (!plan) co_return plan.error();
    if (plan->uids.empty()) co_return Completion{.text = "No such message, nothing copied"};
    const store::StoreResult<store::CopyResult> copied =
        co_await session->selected->account().copy(session->selected->id(), plan->uids, plan->target);
    if (!copied) co_return copy_failed(*session, copied.error());
    if (copied->source.empty()) co_return Completion{.text = "No such message, nothing copied"};
    co_return Completion{.code = copy_uid(*copied)};
}

async::Awaitable<Completion> run(Session* session, imap::Move command) {
    if (session->selected->read_only()) co_return read_only();
    co_await take_news(session);
    const Result<CopyPlan, Completion> plan = plan_copy(*session, command.set, command.numbering, command.mailbox);
    if (!plan) co_return plan.error();
    if (plan->uids.empty()) co_return Completion{.text = "No such message, nothing moved"};
    const store::StoreResult<store::CopyResult> moved =
        co_await session->selected->account().move(session->selected->id(), plan->uids, plan->target);
    if (!moved) co_return copy_failed(*session, moved.error());
    if (moved->source.empty()) co_return Completion{.text = "No such message, nothing moved"};
    // RFC 9051 §6.4.8: before the EXPUNGE lines, so that the client knows where the messages went.
    imap::append_status(session->out(), "", imap::StatusWord::ok, copy_uid(*moved), "Moved");
    if (!session->enabled.contains(imap::Enabled::qresync)) co_return Completion{};
    co_await announce(session, Moment::safe);
    co_return Completion{.code = imap::code::highest_modseq(told_modseq(*session).value)};
}

} // namespace tegami::imapd
