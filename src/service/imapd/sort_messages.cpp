#include "service/imapd/sort_messages.h"

#include "async/turns.h"
#include "message/sort_table.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

namespace {

using imap::SortBy;

/// Messages taken before others on this thread get their turn: of the order of 100 microseconds.
constexpr std::size_t kSortTurnMessages = 1024;

store::Error no_memory() {
    return {store::ErrorCode::unavailable, "no memory to put messages in an order"};
}

/// Notes what cannot be read; such a message is taken without it. Errors: what is not the message's fault.
store::StoreResult<> note_damage(SearchFound& found, const store::Error& error) {
    if (error.code != store::ErrorCode::damaged && error.code != store::ErrorCode::not_found) return failure(error);
    if (error.code == store::ErrorCode::damaged) found.damage = error;
    return {};
}

/// The messages of a batch that are still there, with their emails.
std::vector<FoundMessage> find_rows(const SessionView& numbers, SearchFound& found,
                                    const std::vector<NumberedUid>& batch, std::vector<store::EmailId>& emails) {
    std::vector<FoundMessage> messages;
    messages.reserve(batch.size());
    emails.reserve(batch.size());
    store::ViewCursor cursor(numbers.view().get());
    for (const NumberedUid& message : batch) {
        if (numbers.removed() || !cursor.find(message.uid)) {
            found.some_gone = true;
            continue;
        }
        messages.push_back({.message = message,
                            .size_bytes = cursor.page().size_bytes(cursor.at()),
                            .relevancy = found.relevancies.of(message.number.value),
                            .row = {}});
        emails.push_back(cursor.page().email(cursor.at()));
    }
    return messages;
}

/// Reads the rows of a batch and hands each message to `take`.
async::Awaitable<store::StoreResult<>> read_batch(Session* session, SearchFound* found, store::SortWanted wanted,
                                                  std::vector<NumberedUid> batch, const TakeFound* take) {
    std::vector<store::EmailId> emails;
    std::vector<FoundMessage> messages = find_rows(session->selected->numbers(), *found, batch, emails);
    store::SortRows rows;
    MemoryBudget::Charge charge(session->service->memory);
    if (wanted.any()) {
        CO_TRY(rows, co_await session->selected->account().sort_rows(std::move(emails), wanted));
        if (!charge.resize(rows.octets_bytes)) co_return failure(no_memory());
    }
    for (std::size_t at = 0; at < messages.size(); ++at) {
        if (wanted.any()) {
            if (rows.each[at])
                messages[at].row = *rows.each[at];
            else
                CO_TRY_VOID(note_damage(*found, rows.each[at].error()));
        }
        if (!(*take)(messages[at])) co_return failure(no_memory());
        if (at % kSortTurnMessages == kSortTurnMessages - 1) co_await async::give_way();
    }
    co_return store::StoreResult<>{};
}

void append_criterion(message::SortKey& key, const FoundMessage& found, const imap::SortCriterion& criterion) {
    using message::SortPerson;
    const store::SortRow& row = found.row;
    const auto person = [&](SortPerson who) { key.add(row.person(who), criterion.reverse); };
    switch (criterion.by) {
    case SortBy::arrival: return key.add(row.arrival.time_since_epoch().count(), criterion.reverse);
    case SortBy::date: return key.add(row.sent, criterion.reverse);
    case SortBy::size: return key.add(std::int64_t{found.size_bytes}, criterion.reverse);
    // RFC 6203 §6: the best one first.
    case SortBy::relevancy: return key.add(-std::int64_t{found.relevancy}, criterion.reverse);
    case SortBy::subject: return key.add(row.subject, criterion.reverse);
    case SortBy::from: return person(SortPerson::from);
    case SortBy::to: return person(SortPerson::to);
    case SortBy::cc: return person(SortPerson::cc);
    case SortBy::display_from: return person(SortPerson::display_from);
    case SortBy::display_to: return person(SortPerson::display_to);
    }
}

} // namespace

async::Awaitable<store::StoreResult<>> for_each_found(Session* session, SearchFound* found, store::SortWanted wanted,
                                                      const TakeFound* take) {
    NumberBatches batches(&found->matches);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), store::kSortRowsMax);
        if (batch.empty()) co_return store::StoreResult<>{};
        CO_TRY_VOID(co_await read_batch(session, found, wanted, std::move(batch), take));
        co_await async::give_way();
    }
}

store::SortWanted wanted_by(const std::vector<imap::SortCriterion>& criteria) {
    store::SortWanted wanted;
    for (const auto& [by, reverse] : criteria) {
        const bool dates = by == SortBy::arrival || by == SortBy::date;
        wanted.dates |= dates;
        wanted.subject |= by == SortBy::subject;
        wanted.people |= !dates && by != SortBy::subject && by != SortBy::size && by != SortBy::relevancy;
    }
    return wanted;
}

void append_key(message::SortKey& key, const FoundMessage& found, const std::vector<imap::SortCriterion>& criteria) {
    for (const imap::SortCriterion& criterion : criteria)
        append_criterion(key, found, criterion);
}

async::Awaitable<store::StoreResult<SortedMessages>> sort_found(Session* session, SearchFound* found,
                                                                const std::vector<imap::SortCriterion>* criteria,
                                                                imap::Numbering numbering) {
    SortedMessages sorted{.names = {}, .charge = MemoryBudget::Charge(session->service->memory)};
    message::SortTable table;
    message::SortKey key;
    const TakeFound take = [&](const FoundMessage& one) {
        key.clear();
        append_key(key, one, *criteria);
        const NumberedUid& message = one.message;
        table.add(numbering == imap::Numbering::uid ? message.uid.value : message.number.value, key.octets());
        // Sorting takes as much again.
        return sorted.charge.resize(2 * table.memory_bytes());
    };
    CO_TRY_VOID(co_await for_each_found(session, found, wanted_by(*criteria), &take));
    sorted.names = co_await async::run(session->service->workers, [&] { return std::move(table).order(); });
    // Less than before, which is always there.
    static_cast<void>(sorted.charge.resize(sorted.names.capacity() * sizeof(sorted.names.front())));
    co_return std::move(sorted);
}

} // namespace tegami::imapd
