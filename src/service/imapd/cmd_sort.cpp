// SORT and THREAD (RFC 5256, RFC 5957, RFC 5267 ESORT): a search, then the rows and cards of what was found, in batches,
// then an order or a forest, made where it delays nobody.
#include "async/turns.h"
#include "message/threads.h"
#include "protocol/imap/thread_writer.h"
#include "protocol/imap/writer.h"
#include "service/imapd/commands.h"
#include "service/imapd/search_context.h"
#include "service/imapd/search_messages.h"
#include "service/imapd/sort_messages.h"

#include <chrono>
#include <utility>

namespace tegami::imapd {

namespace {

using imap::SearchReturn;

/// Numbers, or nodes of threads, written before others get their turn.
constexpr std::size_t kSortTurnNumbers = 2000;

/// " 5 3 2 1" (RFC 5256 §4), in pieces.
async::Awaitable<> write_sorted(Session* session, const std::vector<std::uint32_t>* sorted) {
    for (std::size_t at = 0; at < sorted->size(); ++at) {
        imap::append_search_number(session->out(), (*sorted)[at]);
        if ((at + 1) % kSortTurnNumbers == 0) {
            co_await session->output.flush_if_full();
            co_await async::give_way();
        }
    }
}

/// " ALL 5,3,1:2" (RFC 5267 §3.2): a set whose order counts.
async::Awaitable<> write_sorted_set(Session* session, const std::vector<std::uint32_t>* sorted,
                                    imap::NumberRanges places, std::string label) {
    imap::EsearchSet set(&session->out(), label);
    std::size_t written = 0;
    for (const imap::NumberRange& range : places) {
        for (std::uint32_t place = range.first; place <= range.last; ++place) {
            set.add((*sorted)[place - 1]);
            if (++written % kSortTurnNumbers == 0) {
                co_await session->output.flush_if_full();
                co_await async::give_way();
            }
        }
    }
    set.finish();
}

/// " RELEVANCY (99 42)" (RFC 6203 §6) of those at these places, in order.
async::Awaitable<> write_sorted_relevancies(Session* session, const imap::Search* search, const SearchFound* found,
                                            const std::vector<std::uint32_t>* sorted, imap::NumberRanges places) {
    const SessionView& numbers = session->selected->numbers();
    const auto number_of = [&](std::uint32_t name) {
        if (search->numbering == imap::Numbering::sequence) return name;
        return numbers.numbers_of(UidSet::range(Uid(name), Uid(name))).front().first;
    };
    std::string_view before = " RELEVANCY (";
    std::size_t written = 0;
    for (const imap::NumberRange& range : places) {
        for (std::uint32_t place = range.first; place <= range.last; ++place) {
            const unsigned relevancy = found->relevancies.of(number_of((*sorted)[place - 1]));
            session->out().append(before).append(std::to_string(relevancy));
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
                               const std::vector<std::uint32_t>* sorted) {
    const imap::Search& search = command->search;
    const imap::SearchReturns returns = *search.returns;
    const auto count = static_cast<std::uint32_t>(sorted->size());
    imap::EsearchCounts counts;
    if (returns.contains(SearchReturn::count)) counts.count = count;
    if (count > 0) {
        if (returns.contains(SearchReturn::min)) counts.min = sorted->front();
        if (returns.contains(SearchReturn::max)) counts.max = sorted->back();
    }
    imap::append_esearch_begin(session->out(), session->tag, search.numbering, counts);
    imap::NumberRanges all;
    if (count > 0) all.push_back({.first = 1, .last = count});
    if (returns.contains(SearchReturn::partial)) {
        imap::NumberRanges part = imap::part_of(all, *search.partial);
        session->out() += " PARTIAL (" + imap::to_string(*search.partial) + (part.empty() ? " NIL" : "");
        co_await write_sorted_set(session, sorted, std::move(part), " ");
        session->out() += ")";
    }
    if (returns.contains(SearchReturn::all)) {
        co_await write_sorted_set(session, sorted, all, " ALL ");
    }
    if (returns.contains(SearchReturn::relevancy) && count > 0) {
        const bool some = returns.contains(SearchReturn::partial);
        co_await write_sorted_relevancies(session, &search, found, sorted,
                                          some ? imap::part_of(all, *search.partial) : all);
    }
    if (found->highest_modseq != 0 && count > 0) session->out() += " MODSEQ " + std::to_string(found->highest_modseq);
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Sort command) {
    const bool updates = command.search.returns && command.search.returns->contains(SearchReturn::update);
    // RFC 5267 §4.3.
    if (updates && is_context(*session, session->tag)) co_return bad("The result of a search with this tag is kept");
    Result<SearchFound, Completion> found =
        co_await find_messages(session, &command.search.key, &command.search.charset);
    if (!found) co_return found.error();
    const store::StoreResult<SortedMessages> sorted =
        co_await sort_found(session, &*found, &command.criteria, command.search.numbering);
    if (!sorted) co_return failed(sorted.error(), session->service->log);
    if (command.search.returns) {
        co_await write_esort(session, &command, &*found, &sorted->names);
    } else {
        session->out() += "* SORT";
        co_await write_sorted(session, &sorted->names);
        if (found->highest_modseq != 0 && !sorted->names.empty())
            session->out() += " (MODSEQ " + std::to_string(found->highest_modseq) + ")";
    }
    session->out() += "\r\n";
    if (updates) {
        SortContext list = co_await make_sort_context(session, &command, &sorted->names);
        begin_context(session, command.search, *found, std::move(list));
    }
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
        const auto came = std::chrono::floor<std::chrono::seconds>(one.row.arrival);
        threads.add({.number = one.message.number.value,
                     .date = by_arrival ? came.time_since_epoch().count() : one.row.sent,
                     .subject = one.row.subject,
                     .is_reply = one.row.is_reply,
                     .id = one.row.id,
                     .references = one.row.references});
        return charge.resize(threads.memory_bytes());
    };
    const store::SortWanted wanted{.dates = true, .subject = !by_arrival, .threads = true};
    const store::StoreResult<> read = co_await for_each_found(session, &*found, wanted, &take);
    if (!read) co_return failed(read.error(), session->service->log);
    const message::ThreadForest forest =
        co_await async::run(session->service->workers, [&] { return std::move(threads).build(); });
    const auto name = [&](std::uint32_t number) {
        if (command.search.numbering == imap::Numbering::sequence) return number;
        return session->selected->numbers().uid_of(imap::SequenceNumber(number)).value;
    };
    imap::ThreadWriter writer(&forest);
    while (writer.write(session->out(), kSortTurnNumbers, name)) {
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    co_return search_ended(*session, *found);
}

} // namespace tegami::imapd
