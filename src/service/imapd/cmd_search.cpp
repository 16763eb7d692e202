// SEARCH and UID SEARCH (RFC 9051 §6.4.4): narrows by flags, numbers, sizes and dates first, reads headers of what is
// still open, and streams only the messages whose text alone can tell. What the word index knows is asked first.
#include "async/turns.h"
#include "index/attachment_texts.h"
#include "message/card.h"
#include "protocol/imap/search.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/part_reader.h"
#include "service/imapd/resync.h"
#include "service/imapd/search_context.h"
#include "service/imapd/search_index.h"
#include "service/imapd/search_messages.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <utility>
#include <variant>

namespace tegami::imapd {

namespace {

/// Messages whose rows are looked up in one go.
constexpr std::size_t kSearchBatchMessages = 512;
/// Work before others on this thread get their turn, in search keys looked at: well below a millisecond.
constexpr std::size_t kTurnWork = 4000;
/// What finding a message's row costs, beside its keys.
constexpr std::size_t kRowWork = 10;
/// What reading a message costs beside its keys, and how much dearer a key is that looks into text.
constexpr std::size_t kReadWork = 1000;
constexpr std::size_t kTextFactor = 10;
/// Chunks of a message's text searched before others get their turn.
constexpr std::size_t kTurnChunks = 2;
/// Octets of a message read first for its header; most headers are shorter.
constexpr std::uint64_t kHeaderGuessBytes = 16 * 1024;

/// True if the key looks at the internal date or the conversation, which are not in the mailbox's rows.
bool looks_at_email(const imap::SearchKey& key) {
    if (const auto* const date = std::get_if<imap::SearchDate>(&key.value))
        return date->which == imap::SearchDate::Which::internal;
    if (const auto* const id = std::get_if<imap::SearchObjectId>(&key.value))
        return id->which == imap::SearchObjectId::Which::thread;
    return std::holds_alternative<imap::SearchWithin>(key.value);
}

bool looks_at_saved(const imap::SearchKey& key) {
    const auto* const date = std::get_if<imap::SearchDate>(&key.value);
    return date && date->which == imap::SearchDate::Which::saved;
}

std::size_t count_keys(const imap::SearchKey& key) {
    const auto all_of = [](const std::vector<imap::SearchKey>& keys) {
        return std::transform_reduce(keys.begin(), keys.end(), std::size_t{1}, std::plus<>(), count_keys);
    };
    if (const auto* const all = std::get_if<imap::SearchAnd>(&key.value)) return all_of(all->keys);
    if (const auto* const either = std::get_if<imap::SearchOr>(&key.value)) return all_of(either->keys);
    if (const auto* const negated = std::get_if<imap::SearchNot>(&key.value)) return all_of(negated->keys);
    if (const auto* const fuzzy = std::get_if<imap::SearchFuzzy>(&key.value)) return all_of(fuzzy->keys);
    return 1;
}

/// One SEARCH while it runs.
struct SearchJob {
    Session* session;
    SearchPlace place;
    const imap::SearchProgram* program;
    std::uint64_t object_base = 0; ///< of the place (mailbox_access.h)
    bool needs_email = false;
    bool needs_saved = false;
    bool fuzzy = false;
    std::size_t keys = 1;
    const IndexedTexts* texts = nullptr; ///< outlives the job
    index::AttachmentTexts attachments;
    std::size_t work = 0; ///< since others had their turn
    SearchFound found;

    /// Notes that the message matches; the numbers of a batch are gathered.
    void match(const imap::MessageFacts& facts, std::vector<std::uint32_t>& numbers) {
        numbers.push_back(facts.number.value);
        if (fuzzy) found.relevancies.add(facts.number.value, texts->score(store::EmailId(facts.email - object_base)));
        found.highest_modseq = std::max(found.highest_modseq, facts.modseq);
    }
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

SearchCandidate candidate(const SearchJob& job, const NumberedUid& message, const store::MessageRow& row) {
    imap::FlagList flags = flags_of(*job.place.numbers, row, {});
    SearchCandidate found{
        .facts = {.number = message.number,
                  .flags = flags.system,
                  .size = row.size_bytes,
                  .modseq = row.modseq.value,
                  .email = job.object_base + row.email.value},
        .keywords = std::move(flags.keywords),
        .email = row.email,
    };
    if (job.needs_saved) {
        const std::chrono::sys_seconds saved{std::chrono::seconds(row.saved)};
        const std::chrono::minutes zone = job.session->service->timers->zone(Timestamp(saved));
        found.facts.saved_day = std::chrono::floor<std::chrono::days>(saved + zone);
    }
    return found;
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
    CO_TRY_VOID(co_await job->attachments.read(store::EmailId(facts.email), body.attached()));
    co_return job->program->decide(facts, &header, &body) == imap::Verdict::yes;
}

/// Notes the matches of a batch, whose numbers are above all others.
store::StoreResult<> add_matches(SearchJob& job, std::vector<std::uint32_t> numbers) {
    std::ranges::sort(numbers);
    for (const imap::NumberRange& range : imap::ranges_of(numbers)) {
        const bool follows = !job.found.matches.empty() && job.found.matches.back().last + 1 == range.first;
        if (follows)
            job.found.matches.back().last = range.last;
        else
            job.found.matches.push_back(range);
    }
    job.found.relevancies.end_batch();
    const std::size_t bytes =
        job.found.matches.capacity() * sizeof(imap::NumberRange) + job.found.relevancies.memory_bytes();
    if (job.found.charge.resize(bytes)) return {};
    return failure(store::Error{store::ErrorCode::unavailable, "no memory for the result of a search"});
}

async::Awaitable<store::StoreResult<>> search_batch(SearchJob* job, std::vector<NumberedUid> batch) {
    const SessionView& numbers = *job->place.numbers;
    std::vector<std::uint32_t> matches;
    std::vector<SearchCandidate> candidates;
    std::vector<store::EmailId> ids;
    const store::ViewPtr view = numbers.view();
    store::ViewCursor cursor(view.get());
    for (const NumberedUid& message : batch) {
        if (numbers.removed() || !cursor.find(message.uid)) {
            job->found.some_gone = true;
            continue;
        }
        const store::EmailId email = cursor.page().email(cursor.at());
        if (job->texts->rule_out(email)) {
            job->work += kRowWork;
            if (job->work >= kTurnWork) {
                co_await give_way(job);
            }
            continue;
        }
        SearchCandidate found = candidate(*job, message, cursor.page().row(cursor.at()));
        found.facts.keywords = found.keywords;
        found.texts = job->texts->of(email);
        found.facts.texts = found.texts;
        const imap::Verdict verdict = job->needs_email ? imap::Verdict::open : job->program->decide(found.facts);
        if (verdict == imap::Verdict::yes) job->match(found.facts, matches);
        job->work += kRowWork + job->keys;
        if (job->work >= kTurnWork) {
            co_await give_way(job);
        }
        if (verdict != imap::Verdict::open) continue;
        ids.push_back(found.email);
        candidates.push_back(std::move(found));
    }
    if (candidates.empty()) co_return add_matches(*job, std::move(matches));
    CO_TRY(const std::vector<store::StoreResult<store::EmailRow>> emails,
           co_await job->place.account->emails(std::move(ids)));
    for (std::size_t at = 0; at < candidates.size(); ++at) {
        if (!emails[at]) {
            job->found.some_gone = true;
            continue;
        }
        imap::MessageFacts& facts = candidates[at].facts;
        facts.keywords = candidates[at].keywords;
        facts.texts = candidates[at].texts;
        facts.internal_date = std::chrono::floor<std::chrono::seconds>(emails[at]->internal_date);
        facts.thread = job->object_base + emails[at]->thread.value;
        facts.internal_day = std::chrono::floor<std::chrono::days>(emails[at]->internal_date + emails[at]->zone);
        const imap::Verdict verdict = job->program->decide(facts);
        bool match = verdict == imap::Verdict::yes;
        if (verdict == imap::Verdict::open) {
            const store::StoreResult<bool> decided = co_await decide_by_text(job, facts, emails[at]->blob);
            if (!decided && decided.error().code != store::ErrorCode::damaged) co_return failure(decided.error());
            if (!decided) job->found.damage = decided.error();
            match = decided && *decided;
            job->work += kReadWork + job->keys * kTextFactor;
            if (job->work >= kTurnWork) {
                co_await give_way(job);
            }
        }
        if (match) job->match(facts, matches);
    }
    co_return add_matches(*job, std::move(matches));
}

async::Awaitable<store::StoreResult<>> search(SearchJob* job, imap::NumberRanges ranges) {
    NumberBatches batches(&ranges);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(*job->place.numbers, kSearchBatchMessages);
        if (batch.empty()) co_return store::StoreResult<>{};
        CO_TRY_VOID(co_await search_batch(job, std::move(batch)));
    }
}

} // namespace

bool asks_modseq(const imap::SearchKey& key) {
    return imap::any_key(
        key, [](const imap::SearchKey& inner) { return std::holds_alternative<imap::SearchModseq>(inner.value); });
}

SearchPlace selected_place(const Session& session) {
    return {.account = &session.selected->account(), .numbers = &session.selected->numbers()};
}

Result<imap::SearchProgram, Completion> compile_search(const Session& session, const SessionView* numbers,
                                                       const imap::SearchKey& key,
                                                       const std::optional<std::string>& charset) {
    const auto resolve = [&](const imap::SequenceSet& set, imap::Numbering numbering) {
        return numbers != nullptr ? numbers->existing(set, numbering) : imap::NumberRanges();
    };
    const Timestamp now = session.service->timers->now();
    Result<imap::SearchProgram, imap::SearchProgram::Error> program =
        imap::SearchProgram::compile(key, charset, resolve, std::chrono::floor<std::chrono::seconds>(now));
    if (!program) return failure(no(imap::code::bad_charset(), "The charset is not known here"));
    return *std::move(program);
}

imap::NumberRanges numbers_to_search(const SessionView& numbers, const imap::SearchProgram& program) {
    if (std::optional<imap::NumberRanges> candidates = program.candidates()) return *std::move(candidates);
    if (numbers.exists() == 0) return {};
    return {{.first = 1, .last = numbers.exists()}};
}

async::Awaitable<Result<SearchFound, Completion>> find_messages_in(Session* session, SearchPlace place,
                                                                   const imap::SearchKey* key,
                                                                   const imap::SearchProgram* program,
                                                                   const IndexAnswers* known) {
    const IndexedTexts texts(program, known);
    SearchJob job{.session = session,
                  .place = place,
                  .program = program,
                  .object_base = object_base(*session, *place.account),
                  .needs_email = imap::any_key(*key, looks_at_email),
                  .needs_saved = imap::any_key(*key, looks_at_saved),
                  .fuzzy = imap::is_fuzzy(*key),
                  .keys = count_keys(*key),
                  .texts = &texts,
                  .attachments = {session->service->store, session->service->log, place.account->id()},
                  .found = {.charge = MemoryBudget::Charge(session->service->memory),
                            .version = place.numbers->view()->version()}};
    imap::NumberRanges ranges = numbers_to_search(*place.numbers, *program);
    store::StoreResult<> searched;
    if (std::holds_alternative<imap::SearchAll>(key->value) && !place.numbers->owes_expunges())
        job.found.matches = std::move(ranges); // every number is a message that is there
    else
        searched = co_await search(&job, std::move(ranges));
    if (!searched) co_return failure(failed(searched.error(), session->service->log));
    if (!asks_modseq(*key)) job.found.highest_modseq = 0;
    co_return std::move(job.found);
}

async::Awaitable<Result<SearchFound, Completion>> find_messages(Session* session, const imap::SearchKey* key,
                                                                const std::optional<std::string>* charset) {
    if (asks_modseq(*key)) begin_condstore(session);
    const SearchPlace place = selected_place(*session);
    const Result<imap::SearchProgram, Completion> program = compile_search(*session, place.numbers, *key, *charset);
    if (!program) co_return failure(program.error());
    co_await take_news(session);
    const std::uint64_t messages = imap::count_of(numbers_to_search(*place.numbers, *program));
    const IndexAnswers known = co_await ask_index(session, place.account->id(), &*program, messages);
    co_return co_await find_messages_in(session, place, key, &*program, &known);
}

Completion search_ended(const Session& session, const SearchFound& found) {
    if (found.damage) {
        failed(*found.damage, session.service->log);
        return {.text = "Some messages are damaged and were not searched; the operator has been told"};
    }
    // RFC 9051 §7.1, EXPUNGEISSUED: what is found is right, though some messages could not be looked at.
    if (found.some_gone) return {.code = std::string(imap::code::kExpungeIssued)};
    return {};
}

async::Awaitable<Completion> run(Session* session, imap::Search command) {
    const bool updates = command.returns && command.returns->contains(imap::SearchReturn::update);
    // RFC 5267 §4.3.
    if (updates && is_context(*session, session->tag)) co_return bad("The result of a search with this tag is kept");
    const bool saves = command.returns && command.returns->contains(imap::SearchReturn::save);
    const Result<SearchFound, Completion> found = co_await find_messages(session, &command.key, &command.charset);
    SessionView& numbers = session->selected->numbers();
    if (!found) {
        // RFC 9051 §6.4.4.1: a search that is refused empties "$"; one that makes no sense leaves it.
        if (saves && found.error().word == imap::StatusWord::no) numbers.save_result({});
        co_return found.error();
    }
    if (saves) numbers.save_result(to_save(command, found->matches));
    co_await write_search_result(session, &command, &*found);
    if (updates) begin_context(session, command, *found);
    co_return search_ended(*session, *found);
}

} // namespace tegami::imapd
