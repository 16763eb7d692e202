// APPEND (RFC 9051 §6.3.12), of several messages too (RFC 3502): each streams from the client into a blob, and they are
// committed together at the end, in one commit. What is held of a message until then is little, and bounded for all of them.
#include "ingest/gathered.h"
#include "protocol/imap/parser.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"
#include "service/imapd/mailbox_access.h"

#include <deque>
#include <variant>

namespace tegami::imapd {

namespace {

/// Limit: what is held of the messages of one APPEND until all of them are there to be committed together: for each its
/// place in the store, flags, date, ids and card, about a KiB. It is charged to the memory budget as well.
constexpr std::size_t kAppendHeldBytesMax = 32 << 20;

/// One APPEND under way, of several messages too (RFC 3502).
struct AppendJob {
    Session* session;
    NamedMailbox target;
    std::optional<imap::AppendMessage> next; ///< announced, and neither taken nor refused yet
    bool next_waits = false;                 ///< its octets come when they are asked for
    ingest::Gathered gathered;
    std::deque<imap::AppendMessage> said;        ///< by the client of those that are gathered
    std::optional<store::AppendFeed::Bulk> bulk; ///< once there is more than one
    std::vector<store::NewMessage> messages;     ///< stored, and to be committed
    std::size_t count = 0;                       ///< of all messages that have come
    std::uint64_t octets = 0;                    ///< of these
    std::size_t held_bytes = 0;
    MemoryBudget::Charge charge;
    std::optional<Completion> refused; ///< why none of them is taken
};

Completion too_many() {
    return no(imap::code::kLimit, "Too many messages in one APPEND; send fewer");
}

/// Why the message cannot be taken, as far as that is known before it is sent.
std::optional<Completion> refusal(const AppendJob& job, const imap::AppendMessage& message) {
    if (job.count == job.session->service->limits.append_messages_max) return too_many();
    if (job.session->service->memory->pressed())
        return no(imap::code::kLimit, "The server is too busy for another message now; try again later");
    if (message.size == 0) return no(imap::code::kCannot, "There is no message without octets");
    const store::QuotaUse quota = job.target.account->quota();
    if (quota.limit.bytes_max != 0 && quota.bytes + job.octets + message.size > quota.limit.bytes_max)
        return no(imap::code::kOverQuota, "The account has no room for this");
    return std::nullopt;
}

/// RFC 9051 §9: a literal has no NUL; a literal8 may, but no message that is not BINARY (RFC 4466 §2.2, RFC 3516 §4.4),
/// which APPEND does not take here.
Completion nul_refused(const imap::AppendMessage& message) {
    if (message.binary) return no(imap::code::kCannot, "A message cannot hold NUL octets");
    return bad("Literals cannot hold NUL");
}

/// What follows a message.
struct Received {
    std::optional<Completion> broken; ///< the message is not whole, or none
    std::optional<imap::NextMessageStarted> next;
};

/// Reads the message. A store that fails is remembered in `trouble` and the rest is read all the
/// same: the client must be followed to the end of the message.
async::Awaitable<Received> receive(Session* session, const imap::AppendMessage* message, ingest::Gathered* gathered,
                                   store::StoreResult<>* trouble) {
    bool has_nul = false;
    Received received;
    while (true) {
        imap::ReaderEvent event = co_await session->input.next();
        if (const auto* const chunk = std::get_if<imap::AppendChunk>(&event)) {
            has_nul = has_nul || chunk->octets.contains('\0');
            if (!*trouble || has_nul) continue;
            std::string octets(chunk->octets);
            *trouble = co_await gathered->append(std::move(octets));
            continue;
        }
        if (auto* const next = std::get_if<imap::NextMessageStarted>(&event)) received.next = std::move(*next);
        if (has_nul) received.broken = nul_refused(*message);
        if (const auto* const refused = std::get_if<imap::Refused>(&event))
            received.broken = refused->code.empty() ? bad(refused->text) : no(refused->code, refused->text);
        if (const auto* const abandoned = std::get_if<imap::Abandoned>(&event)) {
            session->ended = true;
            received.broken = bad(abandoned->text);
        }
        co_return received;
    }
}

/// What the message takes in memory until it is committed, and its answer after that.
std::size_t held_bytes_of(const store::NewMessage& message) {
    std::size_t bytes = sizeof(store::NewMessage) + sizeof(store::Placement) + 2 * sizeof(store::Placed);
    for (const std::vector<std::string>* const texts :
         {&message.placements.front().keywords, &message.thread.in_reply_to, &message.thread.references})
        for (const std::string& text : *texts)
            bytes += sizeof(std::string) + text.capacity();
    return bytes + message.card.capacity() + (message.thread.message_id ? message.thread.message_id->capacity() : 0);
}

/// Adds a message that has come whole; an answer if there is no room for it.
std::optional<Completion> hold(AppendJob& job, ingest::Arrival arrival, const imap::AppendMessage& message) {
    const Clock& clock = *job.session->service->timers;
    const Timestamp date = message.date ? Timestamp(message.date->moment) : clock.now();
    // RFC 4314 §4: flags that the user may not set are left out.
    const store::Flags all = store::Flags::from_bits(store::Flags::kAll);
    const bool may_mark = job.target.rights.has(Right::write);
    job.messages.push_back({
        .blob = arrival.blob,
        .placements = {{.mailbox = job.target.mailbox->id,
                        .flags = to_store(message.flags.system) - (all - changeable_flags(job.target.rights)),
                        .keywords = may_mark ? message.flags.keywords : std::vector<std::string>()}},
        .internal_date = date,
        .zone = message.date ? message.date->zone : clock.zone(date),
        .thread = ingest::thread_hints(arrival.card),
        .card = std::move(arrival.card_octets),
    });
    job.held_bytes += held_bytes_of(job.messages.back());
    if (job.held_bytes <= kAppendHeldBytesMax && job.charge.resize(job.held_bytes)) return std::nullopt;
    return too_many();
}

/// Takes the octets of the next message, and looks whether another one follows.
async::Awaitable<> take_message(AppendJob* job) {
    Dependencies& service = *job->session->service;
    const imap::AppendMessage message = *std::exchange(job->next, std::nullopt);
    job->session->input.reader().append_accepted();
    if (job->next_waits) imap::append_continuation(job->session->out(), "OK");
    job->gathered.begin(message.size);
    store::StoreResult<> trouble;
    Received received = co_await receive(job->session, &message, &job->gathered, &trouble);
    if (received.next) {
        job->next_waits = received.next->waiting;
        Result<imap::AppendMessage, imap::ParseError> next =
            imap::parse_next_message(received.next->text, job->session->enabled);
        // What cannot be understood is to be refused like what is not wanted.
        if (!next) job->refused = bad(next.error().text);
        job->next = next ? *std::move(next) : imap::AppendMessage{};
    }
    if (received.broken) job->refused = received.broken;
    if (!received.broken && !trouble) job->refused = failed(trouble.error(), service.log);
    if (job->refused) co_return;
    const store::StoreResult<> complete = co_await job->gathered.complete();
    if (!complete) {
        job->refused = failed(complete.error(), service.log);
        co_return;
    }
    if (++job->count == 2) job->bulk.emplace(service.store->appends());
    job->octets += message.size;
    job->said.push_back(message);
}

/// Takes messages until enough of them wait to be stored, or no other one follows.
async::Awaitable<> take_some(AppendJob* job) {
    while (job->next && !job->refused && !job->gathered.is_full()) {
        job->refused = refusal(*job, *job->next);
        if (!job->refused) {
            co_await take_message(job);
        }
    }
}

/// Takes all messages; while some come, those before them are made into records and stored.
async::Awaitable<> take_all(AppendJob* job) {
    do {
        async::Awaitable<> more = take_some(job);
        store::StoreResult<std::vector<ingest::Arrival>> arrivals = co_await job->gathered.advance(std::move(more));
        if (!arrivals) {
            job->refused = failed(arrivals.error(), job->session->service->log);
            break;
        }
        for (ingest::Arrival& arrival : *arrivals) {
            if (!job->refused) job->refused = hold(*job, std::move(arrival), job->said.front());
            job->said.pop_front();
        }
    } while (!job->refused && (job->next || !job->gathered.empty()));
    if (job->next) job->session->input.reader().append_refused();
}

/// All messages at once, or none.
async::Awaitable<Completion> commit(AppendJob* job) {
    const store::StoreResult<store::AppendResult> appended =
        co_await job->target.account->append(std::move(job->messages), {}, store::Commits::one);
    if (!appended && appended.error().code == store::ErrorCode::not_found)
        co_return no(imap::code::kTryCreate, "No such mailbox");
    if (!appended && appended.error().code == store::ErrorCode::invalid)
        co_return no(imap::code::kLimit, "Too many keywords, one that is too long, or too many messages");
    if (!appended) co_return failed(appended.error(), job->session->service->log);
    UidSet uids;
    for (const std::vector<store::Placed>& placed : appended->messages)
        uids.add(placed.front().uid);
    co_return Completion{.code = imap::code::append_uid(appended->messages.front().front().uid_validity, uids)};
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Append command) {
    imap::CommandReader& reader = session->input.reader();
    Result<NamedMailbox, Completion> target =
        co_await resolve_for(session, std::move(command.mailbox), Right::insert, std::string(imap::code::kTryCreate));
    if (!target) {
        reader.append_refused();
        co_return target.error();
    }
    AppendJob job{.session = session,
                  .target = *std::move(target),
                  .next = std::move(command.message),
                  .next_waits = session->append_waits,
                  .gathered = ingest::Gathered({.engine = &session->service->store->engine(),
                                                .memory = session->service->memory,
                                                .workers = session->service->workers}),
                  .said = {},
                  .bulk = {},
                  .messages = {},
                  .charge = MemoryBudget::Charge(session->service->memory),
                  .refused = {}};
    co_await take_all(&job);
    if (job.refused) co_return *job.refused;
    co_return co_await commit(&job);
}

} // namespace tegami::imapd
