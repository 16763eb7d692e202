// COPY and MOVE (RFC 9051 §6.4.7, §6.4.8), by sequence numbers and by UIDs.
#include "service/imapd/commands.h"

namespace tegami::imapd {

namespace {

imap::NumberRanges ranges(const store::UidSet& uids) {
    imap::NumberRanges ranges;
    for (const store::UidRange& range : uids.ranges())
        ranges.push_back({.first = range.first.value, .last = range.last.value});
    return ranges;
}

std::string copy_uid(const store::CopyResult& result) {
    return imap::code::copy_uid(imap::UidValidity(result.uid_validity.value), ranges(result.source),
                                ranges(result.target));
}

/// What is to be copied, and where to.
struct Errand {
    store::UidSet uids;
    store::MailboxId target;
};

Result<Errand, Completion> prepare(Session& session, const imap::SequenceSet& set, imap::Numbering numbering,
                                   const imap::MailboxName& mailbox) {
    const std::optional<Chosen> chosen = session.selected->choose(set, numbering);
    if (!chosen) return failure(no_such_number());
    // RFC 2180 §4.4.1: all of the numbered messages or none; a UID that does not exist is passed over instead.
    if (chosen->some_gone && numbering == imap::Numbering::sequence) return failure(some_are_gone());
    const store::MailboxPtr target = session.account->mailboxes()->find(mailbox.utf8());
    if (!target || !target->selectable) return failure(no_mailbox(target, imap::code::kTryCreate));
    return Errand{.uids = chosen->uids(), .target = target->id};
}

/// A target that went away in between is as good as one that was never there.
Completion copy_failed(Session& session, const store::Error& error) {
    if (error.code == store::ErrorCode::not_found) return no(imap::code::kTryCreate, "No such mailbox");
    return failed(error, session.service->log);
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Copy command) {
    const Result<Errand, Completion> errand = prepare(*session, command.set, command.numbering, command.mailbox);
    if (!errand) co_return errand.error();
    if (errand->uids.empty()) co_return Completion{.text = "No such message, nothing copied"};
    const store::StoreResult<store::CopyResult> copied =
        co_await session->account->copy(session->selected->id(), errand->uids, errand->target);
    if (!copied) co_return copy_failed(*session, copied.error());
    if (copied->source.empty()) co_return Completion{.text = "No such message, nothing copied"};
    co_return Completion{.code = copy_uid(*copied)};
}

async::Awaitable<Completion> run(Session* session, imap::Move command) {
    if (session->selected->read_only()) co_return read_only();
    const Result<Errand, Completion> errand = prepare(*session, command.set, command.numbering, command.mailbox);
    if (!errand) co_return errand.error();
    if (errand->uids.empty()) co_return Completion{.text = "No such message, nothing moved"};
    const store::StoreResult<store::CopyResult> moved =
        co_await session->account->move(session->selected->id(), errand->uids, errand->target);
    if (!moved) co_return copy_failed(*session, moved.error());
    if (moved->source.empty()) co_return Completion{.text = "No such message, nothing moved"};
    // RFC 9051 §6.4.8: before the EXPUNGE lines, so that the client knows where the messages went.
    imap::append_status(session->out(), "", imap::StatusWord::ok, copy_uid(*moved), "Moved");
    co_return Completion{};
}

} // namespace tegami::imapd
