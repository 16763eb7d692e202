// APPEND (RFC 9051 §6.3.12): the message streams from the client into a blob; nothing of it waits in memory.
#include "ingest/intake.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"

#include <variant>

namespace tegami::imapd {

namespace {

/// Why the message cannot be taken, as far as that is known before it is sent.
std::optional<Completion> refusal(Session& session, const imap::Append& command, const store::MailboxPtr& mailbox) {
    if (!mailbox || !mailbox->selectable) return no_mailbox(mailbox, imap::code::kTryCreate);
    if (session.service->memory->pressed())
        return no(imap::code::kLimit, "The server is too busy for another message now; try again later");
    if (command.size == 0) return no(imap::code::kCannot, "There is no message without octets");
    const store::QuotaUse quota = session.account->quota();
    if (quota.limit.bytes_max != 0 && quota.bytes + command.size > quota.limit.bytes_max)
        return no(imap::code::kOverQuota, "The account has no room for this");
    return std::nullopt;
}

/// Reads the message into the intake. A store that fails is remembered in `trouble` and the rest is read all the
/// same: the client must be followed to the end of its command. Nothing if the message is not whole.
async::Awaitable<std::optional<Completion>> receive(Session* session, ingest::Intake* intake,
                                                    store::StoreResult<>* trouble) {
    while (true) {
        const imap::ReaderEvent event = co_await session->input.next();
        if (const auto* const chunk = std::get_if<imap::AppendChunk>(&event)) {
            if (!*trouble) continue;
            std::string octets(chunk->octets);
            *trouble = co_await intake->append(std::move(octets));
        } else if (const auto* const refused = std::get_if<imap::Refused>(&event)) {
            if (refused->code.empty()) co_return bad(refused->text);
            co_return no(refused->code, refused->text);
        } else if (const auto* const abandoned = std::get_if<imap::Abandoned>(&event)) {
            session->ended = true;
            co_return bad(abandoned->text);
        } else {
            co_return std::nullopt;
        }
    }
}

store::NewMessage new_message(ingest::Arrival arrival, const imap::Append& command, store::MailboxId mailbox,
                              const Clock& clock) {
    return {
        .blob = arrival.blob,
        .placements = {{.mailbox = mailbox,
                        .flags = to_store(command.flags.system),
                        .keywords = command.flags.keywords}},
        .internal_date = command.date ? Timestamp(command.date->moment) : clock.now(),
        .thread = {.message_id = std::move(arrival.card.message_id),
                   .in_reply_to = std::move(arrival.card.in_reply_to),
                   .references = std::move(arrival.card.references)},
    };
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Append command) {
    imap::CommandReader& reader = session->input.reader();
    const store::MailboxPtr mailbox = session->account->mailboxes()->find(command.mailbox.utf8());
    const std::optional<Completion> refused = refusal(*session, command, mailbox);
    if (refused) {
        reader.append_refused();
        co_return *refused;
    }
    reader.append_accepted();
    if (session->append_waits) imap::append_continuation(session->out(), "OK");

    ingest::Intake intake(session->service->store->engine(),
                          {.memory = *session->service->memory, .workers = *session->service->workers});
    store::StoreResult<> trouble;
    const std::optional<Completion> broken = co_await receive(session, &intake, &trouble);
    if (broken) co_return *broken;
    if (!trouble) co_return failed(trouble.error(), session->service->log);
    const store::StoreResult<const ingest::Letter*> letter = co_await intake.complete();
    if (!letter) co_return failed(letter.error(), session->service->log);
    store::StoreResult<ingest::Arrival> arrival = co_await intake.store({}, {});
    if (!arrival) co_return failed(arrival.error(), session->service->log);
    std::vector<store::NewMessage> messages;
    messages.push_back(new_message(*std::move(arrival), command, mailbox->id, *session->service->timers));
    const store::StoreResult<store::AppendResult> appended = co_await session->account->append(std::move(messages));
    if (!appended && appended.error().code == store::ErrorCode::not_found)
        co_return no(imap::code::kTryCreate, "No such mailbox");
    if (!appended && appended.error().code == store::ErrorCode::invalid)
        co_return no(imap::code::kLimit, "Too many keywords, or one that is too long");
    if (!appended) co_return failed(appended.error(), session->service->log);
    const store::Placed& placed = appended->messages.front().front();
    const imap::NumberRange uid{.first = placed.uid.value, .last = placed.uid.value};
    co_return Completion{.code =
                             imap::code::append_uid(imap::UidValidity(placed.uid_validity.value), std::span(&uid, 1))};
}

} // namespace tegami::imapd
