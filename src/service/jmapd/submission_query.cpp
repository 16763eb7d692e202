// EmailSubmission/query and EmailSubmission/queryChanges (RFC 8621 §7.3, §7.4)
#include "protocol/jmap/answers.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/object_changes.h"
#include "service/jmapd/submission_search.h"

namespace tegami::jmapd {

namespace {

/// The whole result, on a worker: an account has so many submissions that sorting them is more than a moment.
async::Awaitable<jmap::QueryResult> search_submissions(Call* call, const Submissions* submissions,
                                                       const SubmissionSearch* search) {
    const jmap::CreatedIds& created = call->batch->created_ids();
    const auto find = [submissions, search, &created] { return find_submissions(*submissions, *search, created); };
    jmap::QueryResult result{.state = state_of(submissions->objects.version), .can_calculate_changes = true, .ids = {}};
    result.ids = co_await async::run(&call->service->with.workers, find);
    co_return result;
}

} // namespace

async::Awaitable<MethodResult> submission_query(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryArguments query = jmap::take_query(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const SubmissionSearch search, take_submission_search(query.filter, query.sort));
    CO_TRY(const Submissions submissions, co_await current_submissions(call));
    const jmap::QueryResult result = co_await search_submissions(call, &submissions, &search);
    co_return jmap::query_answer(query, result, store::kObjectsMax);
}

async::Awaitable<MethodResult> submission_query_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryChangesArguments query = jmap::take_query_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const SubmissionSearch search, take_submission_search(query.filter, query.sort));
    CO_TRY(const Submissions submissions, co_await current_submissions(call));
    CO_TRY(const std::vector<std::string> touched,
           objects_touched(store::ObjectKind::submission, submissions.objects, query.since_query_state));
    const jmap::QueryResult result = co_await search_submissions(call, &submissions, &search);
    co_return jmap::query_changes_answer(query, result, touched);
}

} // namespace tegami::jmapd
