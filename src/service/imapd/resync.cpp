#include "service/imapd/resync.h"

#include "async/turns.h"
#include "protocol/imap/writer.h"
#include "service/imapd/announce.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tegami::imapd {

namespace {

/// Pages looked at before others on this thread get their turn: of the order of 100 microseconds.
constexpr std::size_t kResyncTurnPages = 16;
/// Messages whose lines are written before others on this thread get their turn.
constexpr std::size_t kResyncBatchMessages = 128;
/// Ranges of UIDs in one VANISHED line.
constexpr std::size_t kVanishedRangesMax = 1000;

/// The UIDs up to that of the last message that are no message of the view.
async::Awaitable<UidSet> missing_from(store::ViewPtr view) {
    UidSet missing;
    Uid next(1);
    const auto pass = [&](Uid uid) {
        if (next < uid) missing.add({next, Uid(uid.value - 1)});
        next = uid.next();
    };
    for (std::size_t number = 0; number < view->pages().size(); ++number) {
        const store::ViewPage& page = *view->pages()[number];
        for (std::size_t at = 0; at < page.size(); ++at)
            pass(page.uid(at));
        if ((number + 1) % kResyncTurnPages == 0) {
            co_await async::give_way();
        }
    }
    pass(view->uid_next());
    co_return missing;
}

/// The UID up to which the client is known to have the same messages as the view (RFC 7162 §3.2.5.2); 0 for none.
Uid agreed_until(const store::MailboxView& view, const imap::QuickResync::Match& match) {
    const imap::NumberRanges numbers = match.numbers.resolve(0);
    const imap::NumberRanges uids = match.uids.resolve(0);
    Uid agreed(0);
    // Both sets, cut where either has a gap: in such a run UID and number rise together, and the UID of a message is above
    // its number by what never falls. So the last message of a run that agrees is found by halving it.
    std::size_t number_range = 0;
    std::size_t uid_range = 0;
    std::uint32_t number_at = 0;
    std::uint32_t uid_at = 0;
    while (number_range < numbers.size() && uid_range < uids.size()) {
        const std::uint32_t number = numbers[number_range].first + number_at;
        const std::uint32_t uid = uids[uid_range].first + uid_at;
        const std::uint32_t length = std::min(numbers[number_range].last - number, uids[uid_range].last - uid) + 1;
        if (number > view.size()) break;
        std::uint32_t low = 0; // below: not behind the client's UID
        std::uint32_t high = std::min(length, view.size() - number + 1);
        while (low < high) {
            const std::uint32_t middle = low + (high - low) / 2;
            if (view.uid_at(number - 1 + middle).value <= uid + middle)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0 && view.uid_at(number - 1 + (low - 1)).value == uid + (low - 1)) agreed = Uid(uid + (low - 1));
        number_at += length;
        uid_at += length;
        if (number_at > numbers[number_range].last - numbers[number_range].first) {
            ++number_range;
            number_at = 0;
        }
        if (uid_at > uids[uid_range].last - uids[uid_range].first) {
            ++uid_range;
            uid_at = 0;
        }
    }
    return agreed;
}

async::Awaitable<> write_changed(Session* session, imap::NumberRanges numbers) {
    NumberBatches batches(&numbers);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kResyncBatchMessages);
        if (batch.empty()) co_return;
        co_await write_flags(session, std::move(batch), {.uids = true});
        co_await async::give_way();
    }
}

} // namespace

void begin_condstore(Session* session) {
    if (session->enabled.contains(imap::Enabled::condstore)) return;
    session->enabled.insert(imap::Enabled::condstore);
    if (!session->selected) return;
    imap::append_status(session->out(), "", imap::StatusWord::ok,
                        imap::code::highest_modseq(told_modseq(*session).value), "The mailbox keeps mod-sequences");
}

store::Modseq told_modseq(const Session& session) {
    const SelectedMailbox& selected = *session.selected;
    const store::Version told = selected.numbers().told();
    const store::MailboxPtr mailbox = selected.account().mailboxes()->find(selected.id());
    // The account's version rises with other mailboxes, too, but says as truly up to where the client knows everything.
    if (!mailbox || mailbox->damaged) return told;
    return std::min(told, mailbox->highest_modseq);
}

async::Awaitable<UidSet> changed_since(store::ViewPtr view, store::Modseq since) {
    UidSet changed;
    for (std::size_t number = 0; number < view->pages().size(); ++number) {
        const store::ViewPage& page = *view->pages()[number];
        for (std::size_t at = 0; at < page.size(); ++at)
            if (page.modseq(at) > since) changed.add(page.uid(at));
        if ((number + 1) % kResyncTurnPages == 0) {
            co_await async::give_way();
        }
    }
    co_return changed;
}

async::Awaitable<store::StoreResult<>> write_vanished(Session* session, UidSet among, store::Modseq since) {
    const store::ViewPtr view = session->selected->numbers().view();
    CO_TRY(std::optional<UidSet> logged,
           co_await session->selected->account().vanished_since(session->selected->id(), since));
    if (!logged) {
        logged = co_await missing_from(view);
    }
    // RFC 7162 §3.2.10: of a message that the client counts it is told otherwise.
    const SessionView& numbers = session->selected->numbers();
    logged->subtract(numbers.gone_of(*logged));
    if (numbers.known_end().value <= 1) co_return store::StoreResult<>{};
    logged->intersect(UidSet::range(Uid(1), Uid(numbers.known_end().value - 1)));
    logged->intersect(among);
    std::span<const UidRange> ranges = logged->ranges();
    while (!ranges.empty()) {
        const std::size_t count = std::min(ranges.size(), kVanishedRangesMax);
        imap::append_vanished(session->out(), ranges.first(count), true);
        ranges = ranges.subspan(count);
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> resynchronize(Session* session, imap::QuickResync known) {
    SelectedMailbox& selected = *session->selected;
    const store::ViewPtr view = selected.numbers().view();
    // RFC 7162 §3.2.5: the client sees that everything is new to it.
    if (view->uid_validity().value != known.uid_validity || view->uid_next().value <= 1)
        co_return store::StoreResult<>{};
    const store::Modseq since(known.modseq);
    UidSet uids = UidSet::range(Uid(1), Uid(view->uid_next().value - 1));
    if (known.known_uids) {
        UidSet told;
        for (const imap::NumberRange& range : known.known_uids->resolve(0))
            told.add({Uid(range.first), Uid(range.last)});
        uids.intersect(told);
    }
    UidSet unsure = uids;
    const Uid agreed = known.match ? agreed_until(*view, *known.match) : Uid(0);
    if (agreed.value > 0) unsure.subtract(UidSet::range(Uid(1), agreed));
    CO_TRY_VOID(co_await write_vanished(session, std::move(unsure), since));
    UidSet changed = co_await changed_since(view, since);
    changed.intersect(uids);
    co_await write_changed(session, selected.numbers().numbers_of(changed));
    co_return store::StoreResult<>{};
}

} // namespace tegami::imapd
