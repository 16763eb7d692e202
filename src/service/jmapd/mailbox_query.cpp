// Mailbox/query and Mailbox/queryChanges (RFC 8621 §2.3, §2.4)
#include "protocol/jmap/answers.h"
#include "service/jmapd/changes_state.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_search.h"
#include "service/jmapd/methods.h"
#include "store/account_changes.h"

#include <set>

namespace tegami::jmapd {

namespace {

/// So many mailboxes are looked at on the I/O thread: well below a millisecond. Workers have a low priority.
constexpr std::size_t kSearchHereMailboxes = 100;

/// The whole result; of many on a worker: names are folded, and thousands sorted.
async::Awaitable<jmap::QueryResult> run_search(Call* call, const MailboxSearch* search,
                                               std::shared_ptr<const store::MailboxList> list) {
    const jmap::CreatedIds& created = call->batch->created_ids();
    const auto find = [list, search, &created] {
        jmap::QueryResult result{.state = state_of(*list), .can_calculate_changes = true, .ids = {}};
        for (const store::MailboxPtr& mailbox : find_mailboxes(*list, *search, created))
            result.ids.push_back(id_of(mailbox->id));
        return result;
    };
    if (list->all().size() <= kSearchHereMailboxes) co_return find();
    co_return co_await async::run(&call->service->with.workers, find);
}

/// The mailboxes that came, went, or may have another place: by what filter and sort look at, and in a tree what is below
/// those.
std::vector<std::string> touched_by(const store::AccountChanges& changed, const MailboxSearch& search,
                                    const store::MailboxList& list) {
    std::vector<std::string> touched;
    for (const store::MailboxId id : changed.mailboxes.destroyed)
        touched.push_back(id_of(id));
    std::set<store::MailboxId> moved(changed.mailboxes.created.begin(), changed.mailboxes.created.end());
    const bool as_tree = search.sort_as_tree || search.filter_as_tree;
    if (!changed.only_counts && (search.filter || !search.sort.empty() || as_tree))
        moved.insert(changed.mailboxes.updated.begin(), changed.mailboxes.updated.end());
    // Names are in order: a parent is before what is in it.
    for (const store::MailboxPtr& mailbox : list.all())
        if (as_tree && moved.contains(mailbox->parent)) moved.insert(mailbox->id);
    for (const store::MailboxId id : moved)
        touched.push_back(id_of(id));
    return touched;
}

} // namespace

async::Awaitable<MethodResult> mailbox_query(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryArguments query = jmap::take_query(arguments);
    const auto search = take_mailbox_search(arguments, query.filter, query.sort);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, query.account));
    if (!search) co_return failure(search.error());
    const jmap::QueryResult result = co_await run_search(call, &*search, call->mailboxes());
    co_return jmap::query_answer(query, result, store::kMailboxesMax);
}

async::Awaitable<MethodResult> mailbox_query_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryChangesArguments query = jmap::take_query_changes(arguments);
    const auto search = take_mailbox_search(arguments, query.filter, query.sort);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, query.account));
    if (!search) co_return failure(search.error());
    CO_TRY(const QuerySince since, co_await find_query_changes(call, query.since_query_state));
    const std::shared_ptr<const store::MailboxList> list = since.view->mailboxes();
    jmap::QueryResult result = co_await run_search(call, &*search, list);
    result.state = state_of(*since.view->mailboxes());
    co_return jmap::query_changes_answer(query, result, touched_by(since.changes, *search, *list));
}

} // namespace tegami::jmapd
