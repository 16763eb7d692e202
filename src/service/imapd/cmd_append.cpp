// APPEND (RFC 9051 §6.3.12): the message streams from the client into a blob; nothing of it waits in memory.
#include "ingest/intake.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"
#include "service/imapd/mailbox_access.h"

#include <variant>

namespace tegami::imapd {

namespace {

/// Why the message cannot be taken, as far as that is known before it is sent.
std::optional<Completion> refusal(const Session& session, const imap::Append& command, const store::Account& account) {
    if (session.service->memory->pressed())
        return no(imap::code::kLimit, "The server is too busy for another message now; try again later");
    if (command.size == 0) return no(imap::code::kCannot, "There is no message without octets");
    const store::QuotaUse quota = account.quota();
    if (quota.limit.bytes_max != 0 && quota.bytes + command.size > quota.limit.bytes_max)
        return no(imap::code::kOverQuota, "The account has no room for this");
    return std::nullopt;
}

/// RFC 9051 §9: a literal has no NUL; a literal8 may, but no message that is not BINARY (RFC 4466 §2.2, RFC 3516 §4.4),
/// which APPEND does not take here.
Completion nul_refused(const imap::Append& command) {
    if (command.binary) return no(imap::code::kCannot, "A message cannot hold NUL octets");
    return bad("Literals cannot hold NUL");
}

/// Reads the message into the intake. A store that fails is remembered in `trouble` and the rest is read all the
/// same: the client must be followed to the end of its command. An answer if the message is not whole, or none.
async::Awaitable<std::optional<Completion>> receive(Session* session, const imap::Append* command,
                                                    ingest::Intake* intake, store::StoreResult<>* trouble) {
    bool has_nul = false;
    while (true) {
        const imap::ReaderEvent event = co_await session->input.next();
        if (const auto* const chunk = std::get_if<imap::AppendChunk>(&event)) {
            has_nul = has_nul || chunk->octets.contains('\0');
            if (!*trouble || has_nul) continue;
            std::string octets(chunk->octets);
            *trouble = co_await intake->append(std::move(octets));
        } else if (const auto* const refused = std::get_if<imap::Refused>(&event)) {
            if (refused->code.empty()) co_return bad(refused->text);
            co_return no(refused->code, refused->text);
        } else if (const auto* const abandoned = std::get_if<imap::Abandoned>(&event)) {
            session->ended = true;
            co_return bad(abandoned->text);
        } else {
            if (has_nul) co_return nul_refused(*command);
            co_return std::nullopt;
        }
    }
}

store::NewMessage new_message(ingest::Arrival arrival, const imap::Append& command, store::MailboxId mailbox,
                              const Clock& clock) {
    const Timestamp date = command.date ? Timestamp(command.date->moment) : clock.now();
    return {
        .blob = arrival.blob,
        .placements = {{.mailbox = mailbox,
                        .flags = to_store(command.flags.system),
                        .keywords = command.flags.keywords}},
        .internal_date = date,
        .zone = command.date ? command.date->zone : clock.zone(date),
        .thread = {.message_id = std::move(arrival.card.message_id),
                   .in_reply_to = std::move(arrival.card.in_reply_to),
                   .references = std::move(arrival.card.references)},
    };
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Append command) {
    imap::CommandReader& reader = session->input.reader();
    const Result<NamedMailbox, Completion> target =
        resolve_for(*session, command.mailbox, Right::insert, imap::code::kTryCreate);
    const std::optional<Completion> refused = target ? refusal(*session, command, *target->account) : target.error();
    if (refused) {
        reader.append_refused();
        co_return *refused;
    }
    reader.append_accepted();
    if (session->append_waits) imap::append_continuation(session->out(), "OK");

    ingest::Intake intake(session->service->store->engine(),
                          {.memory = *session->service->memory, .workers = *session->service->workers});
    store::StoreResult<> trouble;
    const std::optional<Completion> broken = co_await receive(session, &command, &intake, &trouble);
    if (broken) co_return *broken;
    if (!trouble) co_return failed(trouble.error(), session->service->log);
    const store::StoreResult<const ingest::Letter*> letter = co_await intake.complete();
    if (!letter) co_return failed(letter.error(), session->service->log);
    store::StoreResult<ingest::Arrival> arrival = co_await intake.store({}, {});
    if (!arrival) co_return failed(arrival.error(), session->service->log);
    std::vector<store::NewMessage> messages;
    messages.push_back(new_message(*std::move(arrival), command, target->mailbox->id, *session->service->timers));
    const store::StoreResult<store::AppendResult> appended = co_await target->account->append(std::move(messages));
    if (!appended && appended.error().code == store::ErrorCode::not_found)
        co_return no(imap::code::kTryCreate, "No such mailbox");
    if (!appended && appended.error().code == store::ErrorCode::invalid)
        co_return no(imap::code::kLimit, "Too many keywords, or one that is too long");
    if (!appended) co_return failed(appended.error(), session->service->log);
    const store::Placed& placed = appended->messages.front().front();
    co_return Completion{.code = imap::code::append_uid(placed.uid_validity, placed.uid)};
}

} // namespace tegami::imapd
