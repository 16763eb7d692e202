// STORE (RFC 9051 §6.4.6).
#include "async/turns.h"
#include "base/ascii.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"

#include <algorithm>
#include <iterator>

namespace tegami::imapd {

namespace {

/// Messages whose lines are written before others on this thread get their turn.
constexpr std::size_t kStoreBatchMessages = 128;
/// Pages compared before others on this thread get their turn: of the order of 100 microseconds.
constexpr std::size_t kStoreTurnPages = 8;

store::FlagChange change_of(const imap::Store& command) {
    store::FlagChange change{.flags = to_store(command.flags.system), .keywords = command.flags.keywords};
    switch (command.mode) {
    case imap::StoreMode::add: change.mode = store::FlagChange::Mode::add; break;
    case imap::StoreMode::remove: change.mode = store::FlagChange::Mode::remove; break;
    case imap::StoreMode::replace: change.mode = store::FlagChange::Mode::replace; break;
    }
    return change;
}

/// RFC 4314 §4: of the flags that are to be added or taken away those that the user may change; nothing if there is none. What is
/// to take the place of all flags is a change of all.
std::optional<store::FlagChange> permitted_of(store::FlagChange change, Rights rights) {
    if (rights.has({Right::seen, Right::write, Right::mark})) return change;
    if (change.mode == store::FlagChange::Mode::replace) return std::nullopt;
    const bool nothing_asked = change.flags.empty() && change.keywords.empty();
    const store::Flags others = store::Flags::from_bits(store::Flags::kAll) - changeable_flags(rights);
    change.flags = change.flags - others;
    if (!rights.has(Right::write)) change.keywords.clear();
    if (change.flags.empty() && change.keywords.empty() && !nothing_asked) return std::nullopt;
    return change;
}

/// The ids of keywords in the account's table, sorted.
store::KeywordSet ids_of(const std::vector<std::string>& keywords, const store::KeywordNames& table) {
    store::KeywordSet ids;
    for (std::size_t id = 0; id < table.size(); ++id)
        if (std::ranges::any_of(keywords, [&](const std::string& name) { return ascii::iequals(name, table[id]); }))
            ids.push_back(static_cast<std::uint16_t>(id));
    return ids;
}

/// What STORE can change in a message.
struct FlagState {
    store::Flags flags;
    const store::KeywordSet& keywords;
};

/// True if `now` is what the change makes of `before`: nobody else changed the message at the same time.
bool is_only_change(const FlagState& before, const FlagState& now, const store::FlagChange& change,
                    const store::KeywordSet& keywords) {
    const bool without_keywords = before.keywords.empty() && now.keywords.empty() && keywords.empty();
    store::KeywordSet expected;
    switch (change.mode) {
    case store::FlagChange::Mode::replace: return now.flags == change.flags && now.keywords == keywords;
    case store::FlagChange::Mode::add:
        if (without_keywords) return now.flags == (before.flags | change.flags);
        std::ranges::set_union(before.keywords, keywords, std::back_inserter(expected));
        return now.flags == (before.flags | change.flags) && now.keywords == expected;
    case store::FlagChange::Mode::remove: break;
    }
    if (without_keywords) return now.flags == (before.flags - change.flags);
    std::ranges::set_difference(before.keywords, keywords, std::back_inserter(expected));
    return now.flags == (before.flags - change.flags) && now.keywords == expected;
}

/// The messages of both pages for which is_only_change() holds.
void find_only_changed(const store::ViewPage& before, const store::ViewPage& now, const store::FlagChange& change,
                       const store::KeywordSet& keywords, UidSet& found) {
    std::size_t old = 0;
    for (std::size_t at = 0; at < now.size(); ++at) {
        const Uid uid = now.uid(at);
        while (old < before.size() && before.uid(old) < uid)
            ++old;
        if (old == before.size()) return;
        if (before.uid(old) != uid) continue;
        const FlagState was{.flags = before.flags(old), .keywords = before.keywords(old)};
        const FlagState is{.flags = now.flags(at), .keywords = now.keywords(at)};
        if (is_only_change(was, is, change, keywords)) found.add(uid);
    }
}

/// RFC 9051 §6.4.6: silence covers the client's own change. A message that somebody else changed, too, stays news.
async::Awaitable<> keep_silent(SelectedMailbox* selected, UidSet changed, store::ViewPtr before,
                               const store::FlagChange* change) {
    const store::ViewPtr now = selected->numbers().view();
    const store::KeywordSet keywords = ids_of(change->keywords, now->keyword_table());
    UidSet found;
    std::size_t looked_at = 0;
    auto old_page = before->pages().begin();
    const auto end = before->pages().end();
    for (const store::ViewPagePtr& page : now->pages()) {
        while (old_page != end && (*old_page)->first_uid() < page->first_uid())
            ++old_page;
        if (old_page == end) break;
        if (*old_page == page || (*old_page)->first_uid() != page->first_uid()) continue;
        find_only_changed(**old_page, *page, *change, keywords, found);
        if (++looked_at % kStoreTurnPages == 0) {
            co_await async::give_way();
        }
    }
    found.intersect(changed);
    selected->numbers().flags_told(found);
}

async::Awaitable<> tell_flags_stored(Session* session, const Chosen* chosen, imap::Numbering numbering) {
    session->selected->numbers().flags_told(chosen->uids);
    NumberBatches batches(&chosen->numbers);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kStoreBatchMessages);
        if (batch.empty()) co_return;
        co_await write_flags(session, std::move(batch), {.uids = numbering == imap::Numbering::uid});
        co_await async::give_way();
    }
}

/// RFC 7162 §3.1.3: the new mod-sequences of what was changed in silence.
async::Awaitable<> tell_modseqs(Session* session, const UidSet* changed) {
    const imap::NumberRanges numbers = session->selected->numbers().numbers_of(*changed);
    NumberBatches batches(&numbers);
    while (true) {
        std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kStoreBatchMessages);
        if (batch.empty()) co_return;
        co_await write_flags(session, std::move(batch), {.flags = false});
        co_await async::give_way();
    }
}

/// RFC 7162 §3.1.3: which messages were changed by others since the client looked, and with sequence numbers also which are
/// gone.
Completion some_modified(const Session& session, const imap::Store& command, const UidSet& failed,
                         const Chosen& chosen) {
    UidSet uids = failed;
    const bool gone = chosen.some_gone && command.numbering == imap::Numbering::sequence;
    const SessionView& numbers = session.selected->numbers();
    if (gone) uids.merge(numbers.gone_of(numbers.uids_of(chosen.numbers)));
    imap::NumberRanges named = numbers.numbers_of(uids);
    if (command.numbering == imap::Numbering::uid) {
        named.clear();
        for (const UidRange& range : uids.ranges())
            named.push_back({.first = range.first.value, .last = range.last.value});
    }
    return {.word = gone ? imap::StatusWord::no : imap::StatusWord::ok,
            .code = imap::code::modified(named),
            .text = gone ? "Some of the messages are gone" : "Some of the messages have changed since"};
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Store command) {
    if (session->selected->read_only()) co_return read_only();
    if (command.unchanged_since) begin_condstore(session);
    // What others did is told first: silence must not hide it.
    co_await announce(session, Moment::numbers_in_use);
    const std::optional<Chosen> chosen = session->selected->choose(command.set, command.numbering);
    if (!chosen) co_return no_such_number();
    std::optional<store::FlagChange> permitted = permitted_of(change_of(command), session->selected->rights());
    if (!permitted) co_return not_permitted();
    const store::FlagChange change = *std::move(permitted);
    const store::ViewPtr before = session->selected->numbers().view();
    std::optional<store::Modseq> since;
    if (command.unchanged_since) since = store::Modseq(*command.unchanged_since);
    const store::StoreResult<store::FlagResult> changed =
        co_await session->selected->account().change_flags(session->selected->id(), chosen->uids, change, since);
    if (!changed && changed.error().code == store::ErrorCode::invalid)
        co_return no(imap::code::kLimit, "Too many keywords, or one that is too long");
    if (!changed) co_return failed(changed.error(), session->service->log);
    co_await take_news(session);
    // What others changed is told with its flags, by tell_flags_stored() or as news.
    if (command.silent)
        co_await keep_silent(session->selected.get(), since ? changed->changed : chosen->uids, before, &change);
    else
        co_await tell_flags_stored(session, &*chosen, command.numbering);
    if (command.silent && session->enabled.contains(imap::Enabled::condstore)) {
        co_await tell_modseqs(session, &changed->changed);
    }
    if (!changed->failed.empty()) co_return some_modified(*session, command, changed->failed, *chosen);
    if (chosen->some_gone && command.numbering == imap::Numbering::sequence) co_return some_are_gone();
    co_return Completion{};
}

} // namespace tegami::imapd
