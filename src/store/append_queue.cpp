#include "store/append_queue.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Limit: requests of one commit; a group is made without letting other work of the executor run.
constexpr std::size_t kGroupMax = 64;

} // namespace

AppendQueue::Place::Place(AppendQueue* queue, AppendRequestPtr request) : queue_(queue), request_(std::move(request)) {
    const std::lock_guard lock(queue_->guard_);
    queue_->waiting_.push_back(request_);
    leads_at_once_ = queue_->leader_ == nullptr;
    if (leads_at_once_) queue_->leader_ = request_;
}

async::Awaitable<> AppendQueue::Place::wait() const {
    if (!leads_at_once_) co_await request_->woken.wait();
}

AppendQueue::Place::~Place() {
    AppendRequestPtr next;
    {
        const std::lock_guard lock(queue_->guard_);
        std::erase(queue_->waiting_, request_); // cancelled before anybody took it
        if (queue_->leader_ != request_) return;
        if (!queue_->waiting_.empty()) next = queue_->waiting_.front();
        queue_->leader_ = next;
    }
    if (next) next->woken.set();
}

AppendQueue::Group AppendQueue::take() {
    std::vector<AppendRequestPtr> taken;
    const std::lock_guard lock(guard_);
    const auto shares = [&](const AppendRequest& request) {
        return request.messages.size() == 1 && taken.front()->messages.size() == 1 &&
               std::ranges::none_of(taken, [&](const AppendRequestPtr& other) {
                   return request.delivery_tag && other->delivery_tag == request.delivery_tag;
               });
    };
    while (!waiting_.empty() && taken.size() < kGroupMax && (taken.empty() || shares(*waiting_.front()))) {
        waiting_.front()->taken = true;
        taken.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return Group(std::move(taken));
}

void AppendQueue::Group::fail(const Error& error) const {
    for (const AppendRequestPtr& request : requests_)
        if (!request->result) request->result = failure(error);
}

AppendQueue::Group::~Group() {
    for (std::size_t at = 1; at < requests_.size(); ++at) // the first is the leader's own
        requests_[at]->woken.set();
}

} // namespace tegami::store
