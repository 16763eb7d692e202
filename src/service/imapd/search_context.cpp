#include "service/imapd/search_context.h"

#include "protocol/imap/writer.h"
#include "service/imapd/commands.h"
#include "service/imapd/resync.h"
#include "service/imapd/search_messages.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

namespace {

imap::NumberRanges ranges_of(const UidSet& uids) {
    imap::NumberRanges ranges;
    for (const UidRange& range : uids.ranges())
        ranges.push_back({.first = range.first.value, .last = range.last.value});
    return ranges;
}

/// A set that names these UIDs; nothing for none or too many ranges.
std::optional<imap::SequenceSet> set_of(const UidSet& uids) {
    return imap::SequenceSet::parse(imap::to_string(ranges_of(uids)));
}

/// Puts UIDs in the place of sequence numbers and "$"; false if the key cannot be kept so.
bool freeze(const SessionView& numbers, imap::SearchKey& key) {
    const auto all = [&](std::vector<imap::SearchKey>& keys) {
        return std::ranges::all_of(keys, [&](imap::SearchKey& inner) { return freeze(numbers, inner); });
    };
    if (auto* const every = std::get_if<imap::SearchAnd>(&key.value)) return all(every->keys);
    if (auto* const either = std::get_if<imap::SearchOr>(&key.value)) return all(either->keys);
    if (auto* const negated = std::get_if<imap::SearchNot>(&key.value)) return all(negated->keys);
    if (auto* const fuzzy = std::get_if<imap::SearchFuzzy>(&key.value)) return all(fuzzy->keys);
    auto* const set = std::get_if<imap::SearchSet>(&key.value);
    if (set == nullptr || (set->numbering == imap::Numbering::uid && !set->set.is_saved_result())) return true;
    const imap::NumberRanges messages = numbers.existing(set->set, set->numbering);
    if (messages.empty()) {
        imap::SearchNot nothing;
        nothing.keys.push_back({imap::SearchAll{}});
        key.value = std::move(nothing);
        return true;
    }
    std::optional<imap::SequenceSet> uids = set_of(numbers.uids_of(messages));
    if (!uids) return false;
    *set = {.numbering = imap::Numbering::uid, .set = *std::move(uids)};
    return true;
}

bool charge(SearchContext& context) {
    return context.charge.resize(sizeof(SearchContext) + context.matches.memory_bytes() +
                                 (context.list ? context.list->memory_bytes() : 0));
}

/// The lines about what the client's result gains and loses.
void tell(Session* session, const SearchContext& context, const UidSet& uids, bool added) {
    const imap::NumberRanges messages =
        context.numbering == imap::Numbering::uid ? ranges_of(uids) : session->selected->numbers().numbers_of(uids);
    imap::append_result_change(session->out(), context.tag, context.numbering, added, messages);
}

/// How lines about a sorted result call it and its messages.
SortLines lines_of(const Session* session, const SearchContext& context) {
    const auto number_of = [session](Uid uid) {
        const imap::NumberRanges numbers = session->selected->numbers().numbers_of(UidSet::range(uid, uid));
        return numbers.empty() ? 0 : numbers.front().first;
    };
    return {.tag = context.tag, .numbering = context.numbering, .number_of = number_of};
}

/// Changes the client's result, and tells it.
async::Awaitable<store::StoreResult<>> change(Session* session, SearchContext* context, UidSet removed, UidSet added) {
    if (context->list) {
        SortLines lines = lines_of(session, *context);
        if (!removed.empty()) {
            co_await remove_from_list(session, &*context->list, lines, removed);
        }
        context->matches.subtract(removed);
        UidSet left = added;
        const store::StoreResult<> done = co_await add_to_list(session, &*context->list, std::move(lines), &left);
        added.subtract(left);
        context->matches.merge(added);
        co_return done;
    }
    tell(session, *context, removed, false);
    tell(session, *context, added, true);
    context->matches.subtract(removed);
    context->matches.merge(added);
    co_return store::StoreResult<>{};
}

/// The key for those of the messages that match.
imap::SearchKey among(const imap::SearchKey& key, const UidSet& uids) {
    std::optional<imap::SequenceSet> set = set_of(uids);
    if (!set) return key;
    imap::SearchAnd both;
    both.keys.push_back({imap::SearchSet{.numbering = imap::Numbering::uid, .set = *std::move(set)}});
    both.keys.push_back(key);
    return {std::move(both)};
}

/// Looks at what changed; false if that cannot be done now.
async::Awaitable<bool> update_context(Session* session, std::size_t index) {
    const store::ViewPtr view = session->selected->numbers().view();
    const store::Version since = session->contexts[index].seen;
    if (view->version() <= since) co_return true;
    UidSet changed = co_await changed_since(view, since);
    const Uid end = session->selected->numbers().known_end();
    changed.subtract(UidSet::range(end, Uid(~0U)));
    UidSet found;
    if (!changed.empty()) {
        const imap::SearchKey key = among(session->contexts[index].key, changed);
        const std::optional<std::string> charset = session->contexts[index].charset;
        const Result<SearchFound, Completion> searched = co_await find_messages(session, &key, &charset);
        if (!searched || session->ended) co_return false;
        found = session->selected->numbers().uids_of(searched->matches);
        found.intersect(changed);
    }
    SearchContext& context = session->contexts[index];
    UidSet removed = context.matches;
    removed.intersect(changed);
    removed.subtract(found);
    UidSet added = std::move(found);
    added.subtract(context.matches);
    const store::StoreResult<> changed_result =
        co_await change(session, &context, std::move(removed), std::move(added));
    if (!changed_result || session->ended) co_return false;
    context.seen = view->version();
    co_return charge(context);
}

} // namespace

bool is_context(const Session& session, std::string_view tag) {
    return std::ranges::find(session.contexts, tag, &SearchContext::tag) != session.contexts.end();
}

void begin_context(Session* session, const imap::Search& search, const SearchFound& found,
                   std::optional<SortContext> list) {
    const SessionView& numbers = session->selected->numbers();
    SearchContext context{.tag = session->tag,
                          .numbering = search.numbering,
                          .key = search.key,
                          .charset = search.charset,
                          .matches = numbers.uids_of(found.matches),
                          .list = std::move(list),
                          .seen = found.version,
                          .charge = MemoryBudget::Charge(session->service->memory)};
    if (session->contexts.size() < kContextsMax && freeze(numbers, context.key) && charge(context)) {
        session->contexts.push_back(std::move(context));
        return;
    }
    refuse_context(session);
}

void refuse_context(Session* session) {
    imap::append_status(session->out(), "", imap::StatusWord::no, imap::code::no_update(session->tag),
                        "The result is not kept up to date");
}

async::Awaitable<> tell_contexts_of_expunged(Session* session, const Announcement* news) {
    if (session->contexts.empty() || news->vanished.empty()) co_return;
    // Each number is the one that the client has now.
    const std::vector<Uid> uids = news->vanished.uids();
    const auto number_of = [&](Uid uid) {
        const auto place = std::ranges::lower_bound(uids, uid) - uids.begin();
        return news->expunged[uids.size() - 1 - static_cast<std::size_t>(place)].value;
    };
    for (SearchContext& context : session->contexts) {
        UidSet gone = context.matches;
        gone.intersect(news->vanished);
        if (gone.empty()) continue;
        context.matches.subtract(gone);
        if (context.list) {
            SortLines lines{.tag = context.tag, .numbering = context.numbering, .number_of = number_of};
            co_await remove_from_list(session, &*context.list, std::move(lines), std::move(gone));
            continue;
        }
        imap::NumberRanges messages = ranges_of(gone);
        if (context.numbering == imap::Numbering::sequence) {
            std::vector<std::uint32_t> numbers;
            for (const Uid uid : uids)
                if (gone.contains(uid)) numbers.push_back(number_of(uid));
            messages = imap::ranges_of(numbers);
        }
        imap::append_result_change(session->out(), context.tag, context.numbering, false, messages);
    }
}

async::Awaitable<> update_contexts(Session* session) {
    for (std::size_t index = 0; index < session->contexts.size(); ++index) {
        const bool kept = co_await update_context(session, index);
        if (session->ended) co_return;
        if (!kept) continue; // next time
        co_await session->output.flush_if_full();
    }
}

async::Awaitable<Completion> run(Session* session, imap::CancelUpdate command) {
    std::erase_if(session->contexts, [&](const SearchContext& context) {
        return std::ranges::find(command.tags, context.tag) != command.tags.end();
    });
    co_return Completion{};
}

} // namespace tegami::imapd
