#include "mailbox_export/mailbox_messages.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::mailbox_export {

namespace {

using store::StoreResult;

constexpr std::uint32_t kRunMessagesMax = 64;
constexpr std::uint64_t kRunBytesMax = 512 * 1024;

transfer::Marks marks_of(const store::MessageRow& row, const store::MailboxView& view) {
    transfer::Marks marks;
    for (const auto& [flag, letter] : {std::pair(store::Flag::draft, 'D'),
                                       {store::Flag::flagged, 'F'},
                                       {store::Flag::answered, 'R'},
                                       {store::Flag::seen, 'S'},
                                       {store::Flag::deleted, 'T'}})
        if (row.flags.has(flag)) transfer::add_letter(marks, letter);
    for (const std::string& keyword : view.keyword_names(row.keywords))
        transfer::add_keyword(marks, keyword);
    return marks;
}

} // namespace

MailboxMessages::MailboxMessages(store::Store* store, store::AccountPtr account, store::OpenMailboxPtr open)
    : store_(store), account_(std::move(account)), open_(std::move(open)), view_(open_->view()) {}

async::Awaitable<StoreResult<MailboxMessages::Event>> MailboxMessages::next() {
    if (state_ == State::begun) {
        state_ = State::in_octets;
        if (!start_.empty()) co_return Event(Octets{std::exchange(start_, {})});
    }
    if (state_ == State::in_octets) {
        if (left_ == 0) {
            state_ = State::between;
            co_return Event(End{});
        }
        CO_TRY(std::string octets, co_await store_->read_blob(blob_, at_, std::min(left_, kPieceBytes)));
        if (octets.empty() || octets.size() > left_)
            co_return failure(store::Error{store::ErrorCode::damaged, "a message is cut off"});
        at_ += octets.size();
        left_ -= octets.size();
        co_return Event(Octets{std::move(octets)});
    }
    while (starts_.empty()) {
        if (position_ == view_->size() && run_.empty()) co_return Event(Done{});
        CO_TRY_VOID(co_await read_run());
    }
    co_return begin_first();
}

/// The next messages' rows, unless there are some left, and the starts of as many of them as come at once.
async::Awaitable<StoreResult<>> MailboxMessages::read_run() {
    if (run_.empty()) {
        std::vector<Uid> uids;
        for (; position_ < view_->size() && uids.size() < kRunMessagesMax; ++position_)
            uids.push_back(view_->uid_at(position_));
        CO_TRY(auto details, co_await account_->details(view_->mailbox(), std::move(uids)));
        run_.assign(std::move_iterator(details.begin()), std::move_iterator(details.end()));
        if (run_.empty()) co_return StoreResult<>{}; // others have expunged them
    }
    std::vector<store::BlobId> blobs;
    for (const store::MessageDetails& details : run_)
        blobs.push_back(details.email.blob.id);
    CO_TRY(auto starts,
           co_await store_->read_starts(std::move(blobs), {.length = kPieceBytes, .octets_max = kRunBytesMax}));
    starts_.assign(std::move_iterator(starts.begin()), std::move_iterator(starts.end()));
    co_return StoreResult<>{};
}

MailboxMessages::Event MailboxMessages::begin_first() {
    const store::MessageDetails details = std::move(run_.front());
    store::StoreResult<store::BlobStart> start = std::move(starts_.front());
    run_.pop_front();
    starts_.pop_front();
    const store::BlobRef blob = details.email.blob;
    state_ = State::begun;
    start_.clear();
    blob_ = blob.id;
    if (start) start_ = std::move(start->octets);
    if (start_.size() > blob.size) start_.resize(blob.size);
    at_ = start_.size();
    left_ = start ? blob.size - at_ : 0;
    return Begin{
        {.bytes = start ? blob.size : 0,
         .date = std::chrono::floor<std::chrono::seconds>(details.email.internal_date).time_since_epoch().count(),
         .marks = marks_of(details.message, *view_),
         .mailbox = {}}};
}

} // namespace tegami::mailbox_export
