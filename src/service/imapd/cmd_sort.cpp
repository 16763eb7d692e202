// SORT and THREAD (RFC 5256, RFC 5957, RFC 5267 ESORT): a search, then the rows and cards of what was found, in batches,
// then an order or a forest, made where it delays nobody.
#include "async/turns.h"
#include "message/base_subject.h"
#include "message/card.h"
#include "message/sort_key.h"
#include "message/threads.h"
#include "protocol/imap/thread_writer.h"
#include "protocol/imap/writer.h"
#include "service/imapd/commands.h"
#include "service/imapd/search_messages.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace tegami::imapd {

namespace {

using imap::SearchReturn;
using imap::SortBy;

/// Messages whose rows are looked up in one go.
constexpr std::size_t kSortBatchMessages = 256;
/// Cards, and octets of them, looked at before others on this thread get their turn: of the order of 100 microseconds.
constexpr std::size_t kSortTurnCards = 64;
constexpr std::size_t kSortTurnBytes = 128 * 1024;
/// Numbers, or nodes of threads, written before others get their turn.
constexpr std::size_t kSortTurnNumbers = 2000;

/// A message that was found, with what an order may look at.
struct FoundMessage {
    std::uint32_t number = 0;
    store::MessageRow row;
    store::EmailRow email;
    message::Card card; ///< empty if nobody wants it, or if it cannot be read
    unsigned relevancy = 0;
};

/// When it was sent (RFC 5256 §2.2); if that is not known, when it came.
std::int64_t sent_seconds(const FoundMessage& found) {
    using namespace std::chrono;
    const sys_seconds came = floor<seconds>(found.email.internal_date);
    return (found.card.date ? found.card.date->utc : came).time_since_epoch().count();
}

/// Takes what was found, one message after the other; false ends it: there is no memory left.
using TakeFound = std::function<bool(const FoundMessage&)>;

/// What of its card an order looks at.
enum class CardPart : std::uint8_t { nothing, date, head };

/// What of the messages is looked at.
struct Wanted {
    bool email = false; ///< when it came
    CardPart card = CardPart::nothing;
};

/// Notes what cannot be read; such a message is taken without it. Errors: what is not the message's fault.
store::StoreResult<> note_damage(SearchFound& found, const store::Error& error) {
    if (error.code != store::ErrorCode::damaged && error.code != store::ErrorCode::not_found) return failure(error);
    if (error.code == store::ErrorCode::damaged) found.damage = error;
    return {};
}

/// Decodes what is wanted of a card. False: it does not decode.
bool take_card(FoundMessage& found, CardPart wanted, std::string_view octets) {
    if (wanted == CardPart::date) {
        const Result<std::optional<message::DateTime>, message::CardError> date = message::decode_card_date(octets);
        if (date) found.card.date = *date;
        return date.has_value();
    }
    Result<message::Card, message::CardError> card = message::decode_card_head(octets);
    if (!card) return false;
    found.card = *std::move(card);
    return true;
}

store::Error no_memory() {
    return {store::ErrorCode::unavailable, "no memory to put messages in an order"};
}

/// What the cards of a batch hold: whole pages, even if little of them is wanted.
std::uint64_t memory_of(const store::Cards& cards) {
    std::uint64_t bytes = cards.each.size() * sizeof(cards.each.front());
    for (const std::shared_ptr<const std::string>& octets : cards.octets)
        bytes += octets->capacity();
    return bytes;
}

/// Reads the rows and cards of a batch and hands each message to `take`.
async::Awaitable<store::StoreResult<>> read_batch(Session* session, SearchFound* found, Wanted wanted,
                                                  std::vector<NumberedUid> batch, const TakeFound* take) {
    std::vector<FoundMessage> messages;
    std::vector<store::EmailId> ids;
    for (const NumberedUid& message : batch) {
        const std::optional<store::MessageRow> row = session->selected->numbers().row(message.uid);
        found->some_gone = found->some_gone || !row;
        if (!row) continue;
        messages.push_back(
            {.number = message.number.value, .row = *row, .relevancy = found->relevancies.of(message.number.value)});
        ids.push_back(row->email);
    }
    if (wanted.email) {
        CO_TRY(const std::vector<store::StoreResult<store::EmailRow>> emails,
               co_await session->selected->account().emails(ids));
        for (std::size_t at = 0; at < messages.size(); ++at) {
            if (emails[at])
                messages[at].email = *emails[at];
            else
                CO_TRY_VOID(note_damage(*found, emails[at].error()));
        }
    }
    store::Cards cards;
    MemoryBudget::Charge charge(session->service->memory);
    const bool reads_cards = wanted.card != CardPart::nothing;
    if (reads_cards) {
        CO_TRY(cards, co_await session->selected->account().cards(std::move(ids)));
        if (!charge.resize(memory_of(cards))) co_return failure(no_memory());
    }
    std::size_t turn_cards = 0;
    std::size_t turn_bytes = 0;
    for (std::size_t at = 0; at < messages.size(); ++at) {
        FoundMessage& one = messages[at];
        if (reads_cards && !cards.each[at]) CO_TRY_VOID(note_damage(*found, cards.each[at].error()));
        if (reads_cards && cards.each[at] && !take_card(one, wanted.card, *cards.each[at]))
            found->damage = store::Error{store::ErrorCode::damaged, "a card does not decode"};
        if (!(*take)(one)) co_return failure(no_memory());
        one = {}; // a card may be large
        if (!reads_cards) continue;
        turn_bytes += cards.each[at] ? cards.each[at]->size() : 0;
        if (++turn_cards == kSortTurnCards || turn_bytes >= kSortTurnBytes) {
            turn_cards = turn_bytes = 0;
            co_await async::give_way();
        }
    }
    co_return store::StoreResult<>{};
}

/// Reads the messages of a search.
async::Awaitable<store::StoreResult<>> for_each_found(Session* session, SearchFound* found, Wanted wanted,
                                                      const TakeFound* take) {
    NumberBatches batches(&found->matches);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kSortBatchMessages);
        if (batch.empty()) co_return store::StoreResult<>{};
        CO_TRY_VOID(co_await read_batch(session, found, wanted, std::move(batch), take));
        co_await async::give_way();
    }
}

/// A message in an order.
struct SortedMessage {
    std::string key;
    std::uint32_t number = 0;
};

bool is_without_card(SortBy by) {
    return by == SortBy::arrival || by == SortBy::size || by == SortBy::relevancy;
}

Wanted wanted_by(const std::vector<imap::SortCriterion>& criteria) {
    Wanted wanted;
    for (const auto& [by, reverse] : criteria) {
        wanted.email |= by == SortBy::arrival || by == SortBy::date;
        const CardPart part = is_without_card(by)  ? CardPart::nothing
                              : by == SortBy::date ? CardPart::date
                                                   : CardPart::head;
        wanted.card = std::max(wanted.card, part);
    }
    return wanted;
}

std::string key_of(const FoundMessage& found, const std::vector<imap::SortCriterion>& criteria) {
    message::SortKey key;
    const message::Envelope& envelope = found.card.envelope;
    for (const auto& [by, reverse] : criteria) {
        switch (by) {
        case SortBy::arrival: key.add(found.email.internal_date.time_since_epoch().count(), reverse); break;
        case SortBy::date: key.add(sent_seconds(found), reverse); break;
        case SortBy::size: key.add(std::int64_t{found.row.size_bytes}, reverse); break;
        // RFC 6203 §6: the best one first.
        case SortBy::relevancy: key.add(-std::int64_t{found.relevancy}, reverse); break;
        case SortBy::subject: key.add(message::base_subject(envelope.subject.value_or("")).text, reverse); break;
        case SortBy::from: key.add(message::first_mailbox(envelope.from), reverse); break;
        case SortBy::to: key.add(message::first_mailbox(envelope.to), reverse); break;
        case SortBy::cc: key.add(message::first_mailbox(envelope.cc), reverse); break;
        case SortBy::display_from: key.add(message::first_display(envelope.from), reverse); break;
        case SortBy::display_to: key.add(message::first_display(envelope.to), reverse); break;
        }
    }
    return std::move(key).take();
}

/// The numbers of what was found, in order.
async::Awaitable<store::StoreResult<std::vector<SortedMessage>>> sort_found(Session* session, SearchFound* found,
                                                                            const imap::Sort* command) {
    std::vector<SortedMessage> sorted;
    MemoryBudget::Charge charge(session->service->memory);
    std::size_t key_bytes = 0;
    const TakeFound take = [&](const FoundMessage& one) {
        sorted.push_back({.key = key_of(one, command->criteria), .number = one.number});
        key_bytes += sorted.back().key.capacity();
        return charge.resize(sorted.capacity() * sizeof(SortedMessage) + key_bytes);
    };
    CO_TRY_VOID(co_await for_each_found(session, found, wanted_by(command->criteria), &take));
    co_await async::run(session->service->workers, [&] {
        std::ranges::sort(sorted, [](const SortedMessage& a, const SortedMessage& b) {
            // RFC 5256 §3: what is the same stands as it does in the mailbox.
            const int order = a.key.compare(b.key);
            return order != 0 ? order < 0 : a.number < b.number;
        });
    });
    co_return sorted;
}

/// What stands for a message in the answer.
std::uint32_t name_of(const Session& session, imap::Numbering numbering, std::uint32_t number) {
    if (numbering == imap::Numbering::sequence) return number;
    return session.selected->numbers().uid_of(imap::SequenceNumber(number)).value;
}

/// " 5 3 2 1" (RFC 5256 §4), in pieces.
async::Awaitable<> write_sorted(Session* session, const imap::Sort* command, const std::vector<SortedMessage>* sorted) {
    for (std::size_t at = 0; at < sorted->size(); ++at) {
        imap::append_search_number(session->out(), name_of(*session, command->search.numbering, (*sorted)[at].number));
        if ((at + 1) % kSortTurnNumbers == 0) {
            co_await session->output.flush_if_full();
            co_await async::give_way();
        }
    }
}

/// " ALL 5,3,1:2" (RFC 5267 §3.2): a set whose order counts.
async::Awaitable<> write_sorted_set(Session* session, const imap::Sort* command,
                                    const std::vector<SortedMessage>* sorted, imap::NumberRanges places,
                                    std::string label) {
    imap::EsearchSet set(&session->out(), label);
    std::size_t written = 0;
    for (const imap::NumberRange& range : places) {
        for (std::uint32_t place = range.first; place <= range.last; ++place) {
            set.add(name_of(*session, command->search.numbering, (*sorted)[place - 1].number));
            if (++written % kSortTurnNumbers == 0) {
                co_await session->output.flush_if_full();
                co_await async::give_way();
            }
        }
    }
    set.finish();
}

/// " RELEVANCY (99 42)" (RFC 6203 §6) of those at these places, in order.
async::Awaitable<> write_sorted_relevancies(Session* session, const SearchFound* found,
                                            const std::vector<SortedMessage>* sorted, imap::NumberRanges places) {
    std::string_view before = " RELEVANCY (";
    std::size_t written = 0;
    for (const imap::NumberRange& range : places) {
        for (std::uint32_t place = range.first; place <= range.last; ++place) {
            session->out().append(before).append(std::to_string(found->relevancies.of((*sorted)[place - 1].number)));
            before = " ";
            if (++written % kSortTurnNumbers == 0) {
                co_await session->output.flush_if_full();
                co_await async::give_way();
            }
        }
    }
    if (written > 0) session->out() += ")";
}

/// ESEARCH as ESORT has it: MIN and MAX are the first and the last in the order.
async::Awaitable<> write_esort(Session* session, const imap::Sort* command, const SearchFound* found,
                               const std::vector<SortedMessage>* sorted) {
    const imap::Search& search = command->search;
    const imap::SearchReturns returns = *search.returns;
    const auto count = static_cast<std::uint32_t>(sorted->size());
    imap::EsearchCounts counts;
    if (returns.contains(SearchReturn::count)) counts.count = count;
    if (count > 0) {
        if (returns.contains(SearchReturn::min))
            counts.min = name_of(*session, search.numbering, sorted->front().number);
        if (returns.contains(SearchReturn::max))
            counts.max = name_of(*session, search.numbering, sorted->back().number);
    }
    imap::append_esearch_begin(session->out(), session->tag, search.numbering, counts);
    imap::NumberRanges all;
    if (count > 0) all.push_back({.first = 1, .last = count});
    if (returns.contains(SearchReturn::partial)) {
        imap::NumberRanges part = imap::part_of(all, *search.partial);
        session->out() += " PARTIAL (" + imap::to_string(*search.partial) + (part.empty() ? " NIL" : "");
        co_await write_sorted_set(session, command, sorted, std::move(part), " ");
        session->out() += ")";
    }
    if (returns.contains(SearchReturn::all)) {
        co_await write_sorted_set(session, command, sorted, all, " ALL ");
    }
    if (returns.contains(SearchReturn::relevancy) && count > 0) {
        const bool some = returns.contains(SearchReturn::partial);
        co_await write_sorted_relevancies(session, found, sorted, some ? imap::part_of(all, *search.partial) : all);
    }
    if (found->highest_modseq != 0 && count > 0) session->out() += " MODSEQ " + std::to_string(found->highest_modseq);
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Sort command) {
    Result<SearchFound, Completion> found =
        co_await find_messages(session, &command.search.key, &command.search.charset);
    if (!found) co_return found.error();
    const store::StoreResult<std::vector<SortedMessage>> sorted = co_await sort_found(session, &*found, &command);
    if (!sorted) co_return failed(sorted.error(), session->service->log);
    if (command.search.returns) {
        co_await write_esort(session, &command, &*found, &*sorted);
    } else {
        session->out() += "* SORT";
        co_await write_sorted(session, &command, &*sorted);
        if (found->highest_modseq != 0 && !sorted->empty())
            session->out() += " (MODSEQ " + std::to_string(found->highest_modseq) + ")";
    }
    session->out() += "\r\n";
    co_return search_ended(*session, *found);
}

async::Awaitable<Completion> run(Session* session, imap::Thread command) {
    Result<SearchFound, Completion> found =
        co_await find_messages(session, &command.search.key, &command.search.charset);
    if (!found) co_return found.error();
    message::Threads threads(command.algorithm, session->service->random->number());
    MemoryBudget::Charge charge(session->service->memory);
    const bool by_arrival = command.algorithm == message::ThreadAlgorithm::refs;
    const TakeFound take = [&](const FoundMessage& one) {
        const auto came = std::chrono::floor<std::chrono::seconds>(one.email.internal_date);
        message::Threads::Message each{.number = one.number,
                                       .date = by_arrival ? came.time_since_epoch().count() : sent_seconds(one),
                                       .references = one.card.references,
                                       .in_reply_to = one.card.in_reply_to};
        if (one.card.envelope.subject) each.subject = *one.card.envelope.subject;
        if (one.card.message_id) each.message_id = *one.card.message_id;
        threads.add(each);
        return charge.resize(threads.memory_bytes());
    };
    const store::StoreResult<> read =
        co_await for_each_found(session, &*found, {.email = true, .card = CardPart::head}, &take);
    if (!read) co_return failed(read.error(), session->service->log);
    const message::ThreadForest forest =
        co_await async::run(session->service->workers, [&] { return std::move(threads).build(); });
    const auto name = [&](std::uint32_t number) { return name_of(*session, command.search.numbering, number); };
    imap::ThreadWriter writer(&forest);
    while (writer.write(session->out(), kSortTurnNumbers, name)) {
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    co_return search_ended(*session, *found);
}

} // namespace tegami::imapd
