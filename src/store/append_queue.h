// Appends to one account that wait for their turn: the first of them carries out all that wait, so that a hundred
// connections delivering to one account share a commit and its sync.
//
// 1. One request leads at a time. The others wait; a leader gives the lead to the first that waits when it is done.
// 2. A leader that ends without having answered what it took (cancellation) leaves it without a result: whether those
//    messages are there is then unknown, as after any broken commit, and there is nothing true to answer.
// 3. Any thread; each request resumes on its own executor.
#pragma once

#include "async/event.h"
#include "store/account.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store {

struct AppendRequest {
    AppendRequest(const async::Executor& executor, std::vector<NewMessage> messages, std::optional<std::string> tag,
                  Commits commits)
        : messages(std::move(messages)), delivery_tag(std::move(tag)), commits(commits), woken(executor) {}

    std::vector<NewMessage> messages;
    std::optional<std::string> delivery_tag;
    const Commits commits;
    std::optional<StoreResult<AppendResult>> result; ///< set by the leader, before `woken`
    bool taken = false;                              ///< by a leader
    const async::Event woken;                        ///< answered, cut off, or to lead
};

using AppendRequestPtr = std::shared_ptr<AppendRequest>;

class AppendQueue {
public:
    /// A request's place from its arrival to its answer, given up if its coroutine is cancelled.
    class Place {
    public:
        Place(AppendQueue* queue, AppendRequestPtr request);
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place();

        /// Suspends until the request is answered or is to lead.
        async::Awaitable<> wait() const;

    private:
        AppendQueue* const queue_;
        const AppendRequestPtr request_;
        bool leads_at_once_ = false;
    };

    /// What a leader carries out; answers and wakes the others when destroyed.
    class Group {
    public:
        explicit Group(std::vector<AppendRequestPtr> requests) : requests_(std::move(requests)) {}

        Group(Group&& other) noexcept = default;
        Group& operator=(Group&&) = delete;
        ~Group();

        const std::vector<AppendRequestPtr>& requests() const { return requests_; }

        /// The answer for all that have none yet.
        void fail(const Error& error) const;

    private:
        std::vector<AppendRequestPtr> requests_;
    };

    /// For the leader: its own request and those behind it that can share a commit: of one message each, and no
    /// delivery tag twice. A request of many messages is alone.
    Group take();

private:
    std::mutex guard_;
    std::deque<AppendRequestPtr> waiting_;
    AppendRequestPtr leader_;
};

} // namespace tegami::store
