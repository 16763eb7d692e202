// STORE (RFC 9051 §6.4.6).
#include "base/ascii.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"

#include <algorithm>
#include <iterator>

namespace tegami::imapd {

namespace {

store::FlagChange change_of(const imap::Store& command) {
    store::FlagChange change{.flags = to_store(command.flags.system), .keywords = command.flags.keywords};
    switch (command.mode) {
    case imap::StoreMode::add: change.mode = store::FlagChange::Mode::add; break;
    case imap::StoreMode::remove: change.mode = store::FlagChange::Mode::remove; break;
    case imap::StoreMode::replace: change.mode = store::FlagChange::Mode::replace; break;
    }
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

/// True if `now` is what the change makes of `before`: nobody else changed the message at the same time.
bool is_only_change(const store::MessageRow& before, const store::MessageRow& now, const store::FlagChange& change,
                    const store::KeywordSet& keywords) {
    store::KeywordSet expected;
    switch (change.mode) {
    case store::FlagChange::Mode::replace: return now.flags == change.flags && now.keywords == keywords;
    case store::FlagChange::Mode::add:
        std::ranges::set_union(before.keywords, keywords, std::back_inserter(expected));
        return now.flags == (before.flags | change.flags) && now.keywords == expected;
    case store::FlagChange::Mode::remove: break;
    }
    std::ranges::set_difference(before.keywords, keywords, std::back_inserter(expected));
    return now.flags == (before.flags - change.flags) && now.keywords == expected;
}

/// RFC 9051 §6.4.6: silence covers the client's own change. A message that somebody else changed, too, stays news.
void keep_silent(SelectedMailbox& selected, const Chosen& chosen, const store::MailboxView& before,
                 const store::FlagChange& change) {
    const store::KeywordSet keywords = ids_of(change.keywords, selected.view()->keyword_table());
    std::vector<imap::Uid> told;
    for (const SelectedMessage& message : chosen.messages) {
        const std::optional<store::MessageRow> old_row = before.find(store::Uid(message.uid.value));
        const std::optional<store::MessageRow> new_row = selected.row(message.uid);
        if (old_row && new_row && is_only_change(*old_row, *new_row, change, keywords)) told.push_back(message.uid);
    }
    selected.numbers().flags_told(told);
}

async::Awaitable<> tell_flags(Session* session, const Chosen* chosen, imap::Numbering numbering) {
    std::vector<imap::Uid> told;
    told.reserve(chosen->messages.size());
    for (const SelectedMessage& message : chosen->messages)
        told.push_back(message.uid);
    session->selected->numbers().flags_told(told);
    for (const SelectedMessage& message : chosen->messages) {
        const std::optional<store::MessageRow> row = session->selected->row(message.uid);
        if (!row) continue;
        const imap::FlagList flags = session->selected->flags(*row, session->enabled);
        introduce_keywords(session, flags);
        imap::FetchResponse response(session->out(), message.number, session->enabled);
        if (numbering == imap::Numbering::uid) response.uid(message.uid);
        response.flags(flags);
        response.finish();
        co_await session->output.flush_if_full();
    }
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Store command) {
    if (session->selected->read_only()) co_return read_only();
    // What others did is told first: silence must not hide it.
    co_await announce(session, imap::Moment::numbers_in_use);
    const std::optional<Chosen> chosen = session->selected->choose(command.set, command.numbering);
    if (!chosen) co_return no_such_number();
    const store::FlagChange change = change_of(command);
    const store::ViewPtr before = session->selected->view();
    const store::StoreResult<store::FlagResult> changed =
        co_await session->account->change_flags(session->selected->id(), chosen->uids(), change);
    if (!changed && changed.error().code == store::ErrorCode::invalid)
        co_return no(imap::code::kLimit, "Too many keywords, or one that is too long");
    if (!changed) co_return failed(changed.error(), session->service->log);
    session->selected->take_news();
    if (command.silent)
        keep_silent(*session->selected, *chosen, *before, change);
    else
        co_await tell_flags(session, &*chosen, command.numbering);
    if (chosen->some_gone && command.numbering == imap::Numbering::sequence) co_return some_are_gone();
    co_return Completion{};
}

} // namespace tegami::imapd
