// SEARCH and UID SEARCH (RFC 9051 §6.4.4): narrows by flags, numbers, sizes and dates first, reads headers of what is
// still open, and streams only the messages whose text alone can tell. What the word index knows is asked first.
#include "async/turns.h"
#include "message/card.h"
#include "protocol/imap/search.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"
#include "service/imapd/part_reader.h"
#include "service/imapd/search_index.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <variant>

namespace tegami::imapd {

namespace {

/// Messages whose rows are looked up in one go.
constexpr std::size_t kSearchBatchMessages = 512;
/// Work before others on this thread get their turn, in search keys looked at: well below a millisecond.
constexpr std::size_t kTurnWork = 4000;
/// What reading a message costs beside its keys, and how much dearer a key is that looks into text.
constexpr std::size_t kReadWork = 1000;
constexpr std::size_t kTextFactor = 10;
/// Chunks of a message's text searched before others get their turn.
constexpr std::size_t kTurnChunks = 2;
/// Octets of a message read first for its header; most headers are shorter.
constexpr std::uint64_t kHeaderGuessBytes = 16 * 1024;

/// True if some key looks at the internal date, which is not in the mailbox's rows.
bool needs_internal_date(const imap::SearchKey& key) {
    const auto any = [](const std::vector<imap::SearchKey>& keys) {
        return std::ranges::any_of(keys, needs_internal_date);
    };
    if (const auto* const date = std::get_if<imap::SearchDate>(&key.value))
        return date->which == imap::SearchDate::Which::internal;
    if (const auto* const all = std::get_if<imap::SearchAnd>(&key.value)) return any(all->keys);
    if (const auto* const either = std::get_if<imap::SearchOr>(&key.value)) return any(either->keys);
    if (const auto* const negated = std::get_if<imap::SearchNot>(&key.value)) return any(negated->keys);
    return false;
}

std::size_t count_keys(const imap::SearchKey& key) {
    const auto all_of = [](const std::vector<imap::SearchKey>& keys) {
        return std::transform_reduce(keys.begin(), keys.end(), std::size_t{1}, std::plus<>(), count_keys);
    };
    if (const auto* const all = std::get_if<imap::SearchAnd>(&key.value)) return all_of(all->keys);
    if (const auto* const either = std::get_if<imap::SearchOr>(&key.value)) return all_of(either->keys);
    if (const auto* const negated = std::get_if<imap::SearchNot>(&key.value)) return all_of(negated->keys);
    return 1;
}

/// One SEARCH while it runs.
struct SearchJob {
    Session* session;
    const imap::SearchProgram* program;
    bool needs_date = false;
    std::size_t keys = 1;
    const IndexedTexts* texts = nullptr; ///< outlives the job
    std::size_t work = 0;                ///< since others had their turn
    imap::NumberRanges matches;          ///< sequence numbers
    MemoryBudget::Charge charge;         ///< for them
    bool some_gone = false;
    std::optional<store::Error> damage; ///< of a message whose text cannot be read: it does not match
};

async::Awaitable<> give_way(SearchJob* job) {
    job->work = 0;
    co_await async::give_way();
}

/// A message that is being decided.
struct SearchCandidate {
    imap::MessageFacts facts;
    std::vector<std::string> keywords;
    std::vector<imap::Verdict> texts;
    store::EmailId email;
};

SearchCandidate candidate(const SelectedMailbox& selected, const NumberedUid& message, const store::MessageRow& row) {
    imap::FlagList flags = selected.flags(row, {});
    return {
        .facts = {.number = message.number, .flags = flags.system, .size = row.size_bytes},
        .keywords = std::move(flags.keywords),
        .email = row.email,
    };
}

/// The first octets of the message, up to the end of its header.
async::Awaitable<store::StoreResult<std::string>> read_header(store::Store* store, store::BlobRef blob) {
    CO_TRY(std::string octets, co_await store->read_blob(blob.id, 0, std::min(blob.size, kHeaderGuessBytes)));
    if (octets.size() < blob.size && !message::Header(octets).has_end()) {
        const std::uint64_t more = std::min<std::uint64_t>(blob.size, message::kHeaderBytesMax);
        CO_TRY(octets, co_await store->read_blob(blob.id, 0, more));
    }
    co_return octets;
}

/// Streams the message through the matcher, no further than it has to.
async::Awaitable<store::StoreResult<>> read_body(SearchJob* job, store::BlobRef blob, imap::BodyMatcher* matcher) {
    PartReader reader(job->session->service->store, blob.id, {.offset = 0, .length = blob.size});
    for (std::size_t chunk = 1; !matcher->done(); ++chunk) {
        CO_TRY(const std::string octets, co_await reader.next());
        if (octets.empty()) break;
        matcher->feed(octets);
        if (chunk % kTurnChunks == 0) {
            co_await give_way(job);
        }
    }
    matcher->finish();
    co_return store::StoreResult<>{};
}

/// Decides from the message's own text.
async::Awaitable<store::StoreResult<bool>> decide_by_text(SearchJob* job, imap::MessageFacts facts,
                                                          store::BlobRef blob) {
    store::Store* const store = job->session->service->store;
    CO_TRY(const std::string header_octets, co_await read_header(store, blob));
    const imap::HeaderText header(header_octets);
    const imap::Verdict verdict = job->program->decide(facts, &header);
    if (verdict != imap::Verdict::open) co_return verdict == imap::Verdict::yes;
    CO_TRY(const std::string card_octets, co_await store->read_card(blob.id));
    const Result<message::Card, message::CardError> card = message::decode_card(card_octets);
    if (!card) co_return failure(store::Error{store::ErrorCode::damaged, "a card does not decode"});
    imap::BodyMatcher body = job->program->match_body(card->root);
    CO_TRY_VOID(co_await read_body(job, blob, &body));
    co_return job->program->decide(facts, &header, &body) == imap::Verdict::yes;
}

/// Notes the matches of a batch, whose numbers are above all others.
store::StoreResult<> add_matches(SearchJob& job, std::vector<std::uint32_t> numbers) {
    std::ranges::sort(numbers);
    for (const imap::NumberRange& range : imap::ranges_of(numbers)) {
        const bool follows = !job.matches.empty() && job.matches.back().last + 1 == range.first;
        if (follows)
            job.matches.back().last = range.last;
        else
            job.matches.push_back(range);
    }
    if (job.charge.resize(job.matches.capacity() * sizeof(imap::NumberRange))) return {};
    return failure(store::Error{store::ErrorCode::unavailable, "no memory for the result of a search"});
}

async::Awaitable<store::StoreResult<>> search_batch(SearchJob* job, std::vector<NumberedUid> batch) {
    SelectedMailbox& selected = *job->session->selected;
    std::vector<std::uint32_t> matches;
    std::vector<SearchCandidate> candidates;
    std::vector<store::EmailId> ids;
    for (const NumberedUid& message : batch) {
        const std::optional<store::MessageRow> row = selected.numbers().row(message.uid);
        if (!row) {
            job->some_gone = true;
            continue;
        }
        if (job->texts->rule_out(row->email)) {
            job->work += job->keys;
            if (job->work >= kTurnWork) {
                co_await give_way(job);
            }
            continue;
        }
        SearchCandidate found = candidate(selected, message, *row);
        found.facts.keywords = found.keywords;
        found.texts = job->texts->of(row->email);
        found.facts.texts = found.texts;
        const imap::Verdict verdict = job->needs_date ? imap::Verdict::open : job->program->decide(found.facts);
        if (verdict == imap::Verdict::yes) matches.push_back(message.number.value);
        job->work += job->keys;
        if (job->work >= kTurnWork) {
            co_await give_way(job);
        }
        if (verdict != imap::Verdict::open) continue;
        ids.push_back(found.email);
        candidates.push_back(std::move(found));
    }
    if (candidates.empty()) co_return add_matches(*job, std::move(matches));
    CO_TRY(const std::vector<store::StoreResult<store::EmailRow>> emails,
           co_await job->session->selected->account().emails(std::move(ids)));
    for (std::size_t at = 0; at < candidates.size(); ++at) {
        if (!emails[at]) {
            job->some_gone = true;
            continue;
        }
        imap::MessageFacts& facts = candidates[at].facts;
        facts.keywords = candidates[at].keywords;
        facts.texts = candidates[at].texts;
        facts.internal_day = std::chrono::floor<std::chrono::days>(emails[at]->internal_date + emails[at]->zone);
        const imap::Verdict verdict = job->program->decide(facts);
        bool match = verdict == imap::Verdict::yes;
        if (verdict == imap::Verdict::open) {
            const store::StoreResult<bool> decided = co_await decide_by_text(job, facts, emails[at]->blob);
            if (!decided && decided.error().code != store::ErrorCode::damaged) co_return failure(decided.error());
            if (!decided) job->damage = decided.error();
            match = decided && *decided;
            job->work += kReadWork + job->keys * kTextFactor;
            if (job->work >= kTurnWork) {
                co_await give_way(job);
            }
        }
        if (match) matches.push_back(facts.number.value);
    }
    co_return add_matches(*job, std::move(matches));
}

/// RFC 9051 §6.4.4.1, table 4: what "$" is to hold.
imap::NumberRanges to_save(imap::SearchReturns returns, const imap::NumberRanges& matches) {
    using imap::SearchReturn;
    const bool ends_only = (returns.contains(SearchReturn::min) || returns.contains(SearchReturn::max)) &&
                           !returns.contains(SearchReturn::all) && !returns.contains(SearchReturn::count);
    if (!ends_only || matches.empty()) return matches;
    const std::uint32_t min = matches.front().first;
    const std::uint32_t max = matches.back().last;
    imap::NumberRanges ends;
    if (returns.contains(SearchReturn::min)) ends.push_back({.first = min, .last = min});
    if (returns.contains(SearchReturn::max)) ends.push_back({.first = max, .last = max});
    return imap::normalised(std::move(ends));
}

/// " 1 2 5" (RFC 3501 §7.2.5), in pieces.
async::Awaitable<> write_list(Session* session, imap::Numbering numbering, const imap::NumberRanges* matches) {
    NumberBatches batches(matches);
    while (true) {
        const std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kSearchBatchMessages);
        if (batch.empty()) co_return;
        for (const NumberedUid& message : batch)
            imap::append_search_number(session->out(),
                                       numbering == imap::Numbering::uid ? message.uid.value : message.number.value);
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
}

/// " ALL 1:2,5" (RFC 4731 §3.1), in pieces.
async::Awaitable<> write_set(Session* session, imap::Numbering numbering, const imap::NumberRanges* matches) {
    imap::EsearchSet set(&session->out());
    NumberBatches batches(matches);
    while (true) {
        const std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kSearchBatchMessages);
        if (batch.empty()) break;
        for (const NumberedUid& message : batch)
            set.add(numbering == imap::Numbering::uid ? message.uid.value : message.number.value);
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    set.finish();
}

async::Awaitable<> write_result(Session* session, const imap::Search* command, const imap::NumberRanges* matches) {
    using imap::SearchReturn;
    // RFC 9051 Appendix E: SEARCH is the old form, for sessions that have not enabled the new one.
    if (!command->returns && !session->enabled.contains(imap::Enabled::imap4rev2)) {
        imap::append_search_begin(session->out());
        co_await write_list(session, command->numbering, matches);
        session->out() += "\r\n";
        co_return;
    }
    const imap::SearchReturns returns = command->returns.value_or(imap::SearchReturns{SearchReturn::all});
    // RFC 9051 §6.4.4: SAVE alone answers nothing.
    if (returns == imap::SearchReturns{SearchReturn::save}) co_return;
    const auto name_of = [&](std::uint32_t number) {
        if (command->numbering == imap::Numbering::sequence) return number;
        return session->selected->numbers().uid_of(imap::SequenceNumber(number)).value;
    };
    imap::EsearchCounts counts;
    if (returns.contains(SearchReturn::count)) counts.count = static_cast<std::uint32_t>(imap::count_of(*matches));
    if (!matches->empty()) {
        if (returns.contains(SearchReturn::min)) counts.min = name_of(matches->front().first);
        if (returns.contains(SearchReturn::max)) counts.max = name_of(matches->back().last);
    }
    imap::append_esearch_begin(session->out(), session->tag, command->numbering, counts);
    if (returns.contains(SearchReturn::all)) {
        co_await write_set(session, command->numbering, matches);
    }
    session->out() += "\r\n";
}

async::Awaitable<store::StoreResult<>> search(SearchJob* job, imap::NumberRanges ranges) {
    NumberBatches batches(&ranges);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(job->session->selected->numbers(), kSearchBatchMessages);
        if (batch.empty()) co_return store::StoreResult<>{};
        CO_TRY_VOID(co_await search_batch(job, std::move(batch)));
    }
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Search command) {
    SelectedMailbox& selected = *session->selected;
    const bool saves = command.returns && command.returns->contains(imap::SearchReturn::save);
    const auto resolve = [&](const imap::SequenceSet& set, imap::Numbering numbering) {
        const Result<imap::NumberRanges, ResolveError> ranges = selected.numbers().resolve(set, numbering);
        return ranges ? std::optional(*ranges) : std::nullopt;
    };
    const Result<imap::SearchProgram, imap::SearchProgram::Error> program =
        imap::SearchProgram::compile(command.key, command.charset, resolve);
    if (!program && program.error() == imap::SearchProgram::Error::no_such_number) co_return no_such_number();
    if (!program) {
        if (saves) selected.numbers().save_result({});
        co_return no(imap::code::bad_charset(), "The charset is not known here");
    }

    co_await take_news(session);
    imap::NumberRanges ranges;
    if (selected.numbers().exists() > 0) ranges.push_back({.first = 1, .last = selected.numbers().exists()});
    if (std::optional<imap::NumberRanges> candidates = program->candidates()) ranges = *std::move(candidates);
    const IndexedTexts texts = co_await ask_index(session, &*program, imap::count_of(ranges));
    SearchJob job{.session = session,
                  .program = &*program,
                  .needs_date = needs_internal_date(command.key),
                  .keys = count_keys(command.key),
                  .texts = &texts,
                  .charge = MemoryBudget::Charge(session->service->memory)};
    const store::StoreResult<> searched = co_await search(&job, std::move(ranges));
    if (!searched) {
        if (saves) selected.numbers().save_result({});
        co_return failed(searched.error(), session->service->log);
    }
    if (saves) selected.numbers().save_result(to_save(*command.returns, job.matches));
    co_await write_result(session, &command, &job.matches);
    if (job.damage) {
        failed(*job.damage, session->service->log);
        co_return Completion{.text = "Some messages are damaged and were not searched; the operator has been told"};
    }
    // RFC 9051 §7.1, EXPUNGEISSUED: what is found is right, though some messages could not be looked at.
    if (job.some_gone) co_return Completion{.code = std::string(imap::code::kExpungeIssued)};
    co_return Completion{};
}

} // namespace tegami::imapd
