// The messages of a mailbox as one stream (transfer/item.h), read as somebody takes it: a run of small ones at once, a
// large one in pieces. A message that cannot be read stands there with no octets.
#include "admin/mail_streams.h"

#include "admin/parameters.h"
#include "store/mailbox_list.h"
#include "transfer/item.h"

#include <fmt/format.h>

#include <deque>

namespace tegami::admin {

namespace {

constexpr std::uint32_t kRunMessagesMax = 64;
constexpr std::uint64_t kRunBytesMax = 512 * 1024;
constexpr std::uint64_t kPieceBytes = 128 * 1024;

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

net::HttpFault fault_of(const store::Error& error) {
    return {500, error.detail};
}

class MailStream final : public net::BodySource {
public:
    MailStream(store::Store* store, store::AccountPtr account, store::OpenMailboxPtr open)
        : store_(store), account_(std::move(account)), open_(std::move(open)), view_(open_->view()) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        if (left_ > 0) co_return co_await read_on();
        while (starts_.empty()) {
            if (position_ == view_->size() && run_.empty()) co_return std::string();
            CO_TRY_VOID(co_await read_run());
        }
        std::string piece;
        while (!starts_.empty() && left_ == 0 && piece.size() < kPieceBytes) {
            add_first(piece);
            run_.pop_front();
            starts_.pop_front();
        }
        co_return piece;
    }

private:
    /// The next messages' rows, unless there are some left, and the starts of as many of them as come at once.
    async::Awaitable<Result<void, net::HttpFault>> read_run() {
        if (run_.empty()) {
            std::vector<Uid> uids;
            for (; position_ < view_->size() && uids.size() < kRunMessagesMax; ++position_)
                uids.push_back(view_->uid_at(position_));
            auto details = co_await account_->details(view_->mailbox(), std::move(uids));
            if (!details) co_return failure(fault_of(details.error()));
            run_.assign(std::move_iterator(details->begin()), std::move_iterator(details->end()));
            if (run_.empty()) co_return Result<void, net::HttpFault>(); // others have expunged them
        }
        std::vector<store::BlobId> blobs;
        for (const store::MessageDetails& details : run_)
            blobs.push_back(details.email.blob.id);
        auto starts =
            co_await store_->read_starts(std::move(blobs), {.length = kPieceBytes, .octets_max = kRunBytesMax});
        if (!starts) co_return failure(fault_of(starts.error()));
        starts_.assign(std::move_iterator(starts->begin()), std::move_iterator(starts->end()));
        co_return Result<void, net::HttpFault>();
    }

    void add_first(std::string& piece) {
        const store::MessageDetails& details = run_.front();
        const auto& start = starts_.front();
        const store::BlobRef blob = details.email.blob;
        transfer::Item item{
            .bytes = start ? blob.size : 0,
            .date = std::chrono::floor<std::chrono::seconds>(details.email.internal_date).time_since_epoch().count(),
            .marks = marks_of(details.message, *view_),
            .mailbox = {}};
        piece += transfer::print_item(item);
        if (!start) return;
        piece += std::string_view(start->octets).substr(0, blob.size);
        at_ = std::min<std::uint64_t>(start->octets.size(), blob.size);
        left_ = blob.size - at_;
        blob_ = blob.id;
    }

    async::Awaitable<Result<std::string, net::HttpFault>> read_on() {
        auto octets = co_await store_->read_blob(blob_, at_, std::min(left_, kPieceBytes));
        if (!octets) co_return failure(fault_of(octets.error()));
        if (octets->empty() || octets->size() > left_) co_return failure(net::HttpFault{500, "a message is cut off"});
        at_ += octets->size();
        left_ -= octets->size();
        co_return *std::move(octets);
    }

    store::Store* const store_;
    const store::AccountPtr account_;
    const store::OpenMailboxPtr open_;
    const store::ViewPtr view_;
    std::uint32_t position_ = 0;
    std::deque<store::MessageDetails> run_;
    std::deque<store::StoreResult<store::BlobStart>> starts_; ///< of the first of these
    store::BlobId blob_;                                      ///< the message that is given in pieces
    std::uint64_t at_ = 0;
    std::uint64_t left_ = 0;
};

} // namespace

async::Awaitable<Given> give_mail(const Dependencies* on, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::string name, required_text(request, "mailbox"));
    CO_TRY(store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const store::MailboxPtr mailbox = account->mailboxes()->find(store::canonical_mailbox_name(name));
    if (!mailbox || !mailbox->selectable) co_return failure(Refusal{404, fmt::format("there is no mailbox {}", name)});
    auto open = co_await account->open(mailbox->id);
    if (!open) co_return failure(refusal_for(open.error()));
    co_return std::make_unique<MailStream>(&on->store, std::move(account), *std::move(open));
}

} // namespace tegami::admin
