// FETCH and UID FETCH (RFC 9051 §6.4.5), in batches: rows and \Seen for a batch at once, then its lines, which wait
// for the client as it reads.
#include "async/turns.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/fetch_message.h"
#include "service/imapd/part_reader.h"
#include "service/imapd/resync.h"

#include <algorithm>

namespace tegami::imapd {

namespace {

/// Limit: messages whose rows are looked up, and marked \Seen, in one go, before others on this thread get their turn.
constexpr std::size_t kFetchBatchMessages = 128;
/// The same where the memory budget has no room for what a batch holds while its client reads: its cards, or the first
/// octets of some messages.
constexpr std::size_t kFetchFewMessages = 4;
constexpr std::size_t kFetchBatchBytes = 512 * 1024;
/// Octets of messages that are read in one go.
constexpr std::size_t kStartsBytes = 256 * 1024;
/// Lines written before others get their turn, of the order of 100 microseconds.
constexpr std::size_t kFetchTurnLines = 32;

/// Marks the messages of a batch \Seen in one commit; returns those that had not been. A store that cannot do it
/// now does not keep the client from reading.
async::Awaitable<UidSet> mark_seen(Session* session, std::vector<NumberedUid> batch) {
    UidSet marked;
    for (const NumberedUid& message : batch) {
        const std::optional<store::MessageRow> row = session->selected->numbers().row(message.uid);
        if (!row || row->flags.has(store::Flag::seen)) continue;
        marked.add(message.uid);
    }
    if (marked.empty()) co_return marked;
    const store::FlagChange change{.mode = store::FlagChange::Mode::add, .flags = {store::Flag::seen}};
    const store::StoreResult<store::FlagResult> changed =
        co_await session->selected->account().change_flags(session->selected->id(), marked, change);
    if (!changed) {
        failed(changed.error(), session->service->log);
        co_return UidSet{};
    }
    co_await take_news(session);
    co_return marked;
}

/// A message that cannot be read gives no line; one that is gone is no trouble.
void note_trouble(FetchJob& job, const store::Error& error) {
    if (error.code != store::ErrorCode::not_found) job.trouble = error;
}

/// What the batch's lines are made of, but for octets of the messages.
struct Loaded {
    std::vector<FetchSource> sources;
    store::Cards cards; ///< the sources look into them
};

/// Leaves out messages that are gone, and damaged ones.
async::Awaitable<store::StoreResult<Loaded>> load(FetchJob* job, std::vector<NumberedUid> batch) {
    Session* const session = job->session;
    Loaded loaded;
    std::vector<store::EmailId> ids;
    for (const NumberedUid& message : batch) {
        std::optional<store::MessageRow> row = session->selected->numbers().row(message.uid);
        if (!row) continue;
        ids.push_back(row->email);
        loaded.sources.push_back({.number = message.number, .row = *std::move(row)});
    }
    std::vector<bool> left_out(ids.size());
    const auto leave_out = [&](std::size_t at, const store::Error& error) {
        note_trouble(*job, error);
        left_out[at] = true;
    };
    if (job->needs.email && !ids.empty()) {
        CO_TRY(const std::vector<store::StoreResult<store::EmailRow>> emails,
               co_await session->selected->account().emails(ids));
        for (std::size_t at = 0; at < ids.size(); ++at) {
            if (emails[at])
                loaded.sources[at].email = *emails[at];
            else
                leave_out(at, emails[at].error());
        }
    }
    if (job->needs.card && !job->needs.start && !ids.empty()) {
        CO_TRY(loaded.cards, co_await session->selected->account().cards(std::move(ids)));
        for (std::size_t at = 0; at < loaded.cards.each.size(); ++at) {
            if (loaded.cards.each[at])
                loaded.sources[at].card = *loaded.cards.each[at];
            else if (!left_out[at])
                leave_out(at, loaded.cards.each[at].error());
        }
    }
    std::size_t kept = 0;
    for (std::size_t at = 0; at < loaded.sources.size(); ++at)
        if (!left_out[at]) std::swap(loaded.sources[kept++], loaded.sources[at]);
    loaded.sources.resize(kept);
    co_return loaded;
}

async::Awaitable<> write_line(FetchJob* job, FetchSource* source, const UidSet* marked) {
    source->tell_flags = marked->contains(source->row.uid);
    co_await fetch_message(job, source);
    co_await job->session->output.flush_if_full();
}

/// Writes lines of messages that are wanted from their first octet on, read some at a time.
async::Awaitable<store::StoreResult<>> write_from_starts(FetchJob* job, std::vector<FetchSource>* sources,
                                                         const UidSet* marked) {
    for (std::size_t next = 0; next < sources->size();) {
        std::vector<store::BlobId> blobs;
        for (std::size_t at = next; at < sources->size(); ++at)
            blobs.push_back((*sources)[at].email->blob.id);
        CO_TRY(store::BlobStarts starts,
               co_await job->session->service->store->read_starts(
                   std::move(blobs), {.length = kReadChunkBytes, .octets_max = job->starts_bytes}));
        for (store::StoreResult<store::BlobStart>& start : starts) {
            FetchSource& source = (*sources)[next++];
            if (!start) {
                job->trouble = start.error();
                continue;
            }
            source.card = start->card;
            source.start = std::move(start->octets);
            co_await write_line(job, &source, marked);
            source.start = {};
        }
    }
    co_return store::StoreResult<>{};
}

/// CHANGEDSINCE, VANISHED (RFC 7162 §3.1.4.1, §3.2.6) and PARTIAL (RFC 9394 §3.3): which of the messages are meant, and
/// before their lines which UIDs of the set are messages no more.
async::Awaitable<store::StoreResult<>> narrow(Session* session, const imap::Fetch* command, Chosen* chosen) {
    if (command->partial) {
        chosen->numbers = imap::part_of(chosen->numbers, *command->partial);
        chosen->uids = session->selected->numbers().uids_of(chosen->numbers);
    }
    if (!command->changed_since) co_return store::StoreResult<>{};
    const store::Modseq since(*command->changed_since);
    UidSet changed = co_await changed_since(session->selected->numbers().view(), since);
    if (command->vanished && !command->set.is_saved_result()) {
        UidSet among;
        for (const imap::NumberRange& range : command->set.resolve(session->selected->numbers().known_end().value - 1))
            among.add({Uid(range.first), Uid(range.last)});
        CO_TRY_VOID(co_await write_vanished(session, std::move(among), since));
    }
    changed.intersect(chosen->uids);
    chosen->numbers = session->selected->numbers().numbers_of(changed);
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> fetch_batch(FetchJob* job, std::vector<NumberedUid> batch, bool* some_gone) {
    Session* const session = job->session;
    co_await take_news(session);
    UidSet marked;
    if (job->needs.seen && !session->selected->read_only() && session->selected->rights().has(store::Right::seen)) {
        marked = co_await mark_seen(session, batch);
    }
    const std::size_t wanted = batch.size();
    UidSet told = marked;
    if (job->needs.flags)
        for (const NumberedUid& message : batch)
            told.add(message.uid);
    CO_TRY(Loaded loaded, co_await load(job, std::move(batch)));
    *some_gone = *some_gone || loaded.sources.size() < wanted;
    if (job->needs.start) {
        CO_TRY_VOID(co_await write_from_starts(job, &loaded.sources, &marked));
    } else {
        std::size_t lines = 0;
        for (FetchSource& source : loaded.sources) {
            co_await write_line(job, &source, &marked);
            if (++lines % kFetchTurnLines == 0) co_await async::give_way();
        }
    }
    session->selected->numbers().flags_told(told);
    co_return store::StoreResult<>{};
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Fetch command) {
    if (std::ranges::find(command.items, imap::FetchItem(imap::FetchAttribute::modseq)) != command.items.end())
        begin_condstore(session);
    co_await take_news(session);
    std::optional<Chosen> chosen = session->selected->choose(command.set, command.numbering);
    if (!chosen) co_return no_such_number();
    const store::StoreResult<> narrowed = co_await narrow(session, &command, &*chosen);
    if (!narrowed) co_return failed(narrowed.error(), session->service->log);
    FetchJob job{.session = session, .items = &command.items, .needs = needs_of(command.items)};
    bool some_gone = chosen->some_gone;
    MemoryBudget::Charge charge(session->service->memory);
    const bool has_room = (!job.needs.card && !job.needs.start) || charge.resize(kFetchBatchBytes);
    job.starts_bytes = has_room ? kStartsBytes : 1;
    NumberBatches batches(&chosen->numbers);
    while (true) {
        std::vector<NumberedUid> batch =
            batches.next(session->selected->numbers(), has_room ? kFetchBatchMessages : kFetchFewMessages);
        if (batch.empty()) break;
        const store::StoreResult<> fetched = co_await fetch_batch(&job, std::move(batch), &some_gone);
        if (!fetched) co_return failed(fetched.error(), session->service->log);
        co_await async::give_way();
    }
    if (job.trouble) co_return failed(*job.trouble, session->service->log);
    if (job.unknown_encoding) co_return no(imap::code::kUnknownCte, "The part has an encoding that nobody knows");
    if (some_gone && command.numbering == imap::Numbering::sequence) co_return some_are_gone();
    co_return Completion{};
}

} // namespace tegami::imapd
