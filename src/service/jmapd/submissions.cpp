#include "service/jmapd/submissions.h"

#include "async/turns.h"
#include "service/jmapd/ids.h"

namespace tegami::jmapd {

namespace {

constexpr auto kSubmissions = store::ObjectKind::submission;

async::Awaitable<Result<Submissions, jmap::Fault>> read_submissions(Call* call) {
    const store::AccountObjects kept(call->user->account, kSubmissions);
    auto objects = co_await kept.read();
    if (!objects) co_return failure(method_fault(*call, objects.error()));
    Submissions submissions{.objects = *std::move(objects), .all = {}};
    for (const store::Object& object : submissions.objects.all) {
        auto submission = object.gone ? std::nullopt : decode_submission(object.octets);
        if (submission) submissions.all.emplace(object.id, *std::move(submission));
        co_await async::give_way();
    }
    co_return submissions;
}

/// The letter in the queue; nothing if it has left it.
async::Awaitable<store::StoreResult<std::optional<store::QueuedMessage>>> find_queued(Call* call, store::QueueId id) {
    auto queued = co_await call->service->with.outgoing.queue.get(id);
    if (!queued && queued.error().code == store::ErrorCode::not_found) co_return std::optional<store::QueuedMessage>();
    if (!queued) co_return failure(queued.error());
    co_return std::optional(*std::move(queued));
}

/// True if something has happened to it. What cannot be read now is looked at another time.
async::Awaitable<bool> follow(Call* call, const store::Object* object, Submission submission) {
    if (submission.settled || !submission.queued) co_return false;
    const auto queued = co_await find_queued(call, *submission.queued);
    if (!queued) co_return false;
    if (*queued && (*queued)->message.is_held()) co_return false;
    const auto events = co_await call->service->with.outgoing.journeys.events(submission.journey);
    if (!events) co_return false;
    const Submission before = submission;
    note_progress(submission, *queued, *events);
    if (submission == before) co_return false;
    const store::AccountObjects kept(call->user->account, kSubmissions);
    store::Object changed = *object;
    changed.octets = encode_submission(submission);
    const auto put = co_await kept.put(std::move(changed));
    // Somebody else was quicker: it is read again as well.
    co_return put || put.error().code == store::ErrorCode::not_found;
}

} // namespace

async::Awaitable<Result<Submissions, jmap::Fault>> current_submissions(Call* call) {
    CO_TRY(Submissions submissions, co_await read_submissions(call));
    bool flushed = false;
    bool changed = false;
    for (const auto& [id, submission] : submissions.all) {
        if (submission.settled) continue;
        // Events wait a moment before they are written; a letter leaves the queue before that.
        if (!std::exchange(flushed, true)) {
            const auto written = co_await call->service->with.outgoing.journeys.flush();
            if (!written) co_return submissions;
        }
        const bool moved = co_await follow(call, submissions.objects.find(id), submission);
        changed = changed || moved;
        co_await async::give_way();
    }
    if (!changed) co_return submissions;
    co_return co_await read_submissions(call);
}

async::Awaitable<Result<void, jmap::Fault>> cancel_submission(Call* call, store::Object object, Submission submission) {
    const Outgoing& outgoing = call->service->with.outgoing;
    const store::AccountObjects kept(call->user->account, kSubmissions);
    const jmap::Fault too_late{.type = "cannotUnsend", .description = "the letter is on its way"};
    if (submission.undo != UndoStatus::pending || !submission.queued) co_return failure(too_late);
    // Written before the letter goes, so that whoever finds it gone after a crash knows why.
    submission.cancelling = true;
    object.octets = encode_submission(submission);
    const auto begun = co_await kept.put(object);
    if (!begun) co_return failure(set_fault(*call, begun.error()));
    const auto canceled = co_await outgoing.queue.cancel(*submission.queued);
    if (!canceled && canceled.error().code == store::ErrorCode::not_found) co_return failure(too_late);
    if (!canceled) co_return failure(set_fault(*call, canceled.error()));
    outgoing.journeys.record({.journey = submission.journey,
                              .time = {},
                              .kind = "canceled",
                              .fields = {{"by", call->user->identity.address.to_string()}},
                              .message_id = {},
                              .addresses = {}});
    co_return Result<void, jmap::Fault>();
}

} // namespace tegami::jmapd
