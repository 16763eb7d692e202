// Stores the messages of one request: the octets go into blobs as they come, and all messages into the account in one
// commit. One that cannot be taken does not keep the others out.
#include "admin/mail_streams.h"

#include "admin/admin.h"
#include "admin/parameters.h"
#include "async/turns.h"
#include "ingest/gathered.h"
#include "store/mailbox_list.h"

#include <fmt/format.h>

#include <deque>
#include <optional>

namespace tegami::admin {

namespace {

store::Flags flags_of(const transfer::Marks& marks) {
    store::Flags flags;
    for (const auto& [letter, flag] : {std::pair('D', store::Flag::draft),
                                       {'F', store::Flag::flagged},
                                       {'R', store::Flag::answered},
                                       {'S', store::Flag::seen},
                                       {'T', store::Flag::deleted}})
        if (marks.letters.contains(letter)) flags = flags | store::Flags{flag};
    return flags;
}

std::string reason_for(const store::Error& error) {
    switch (error.code) {
    case store::ErrorCode::over_quota: return "the quota of the account is used up";
    case store::ErrorCode::not_found: return "its mailbox was removed meanwhile";
    default: return "the account cannot have so many different keywords";
    }
}

/// Whether one message of many may be the reason, and the others can be stored without it.
bool is_about_a_message(const store::Error& error) {
    return error.code == store::ErrorCode::over_quota || error.code == store::ErrorCode::invalid ||
           error.code == store::ErrorCode::not_found;
}

class Taking {
public:
    Taking(const Dependencies* on, store::AccountPtr account)
        : on_(on), account_(std::move(account)), bulk_(on->store.appends()),
          gathered_({.engine = &on->engine, .memory = on->message_memory, .workers = on->parsing}) {}

    /// Takes the messages of the stream; while some come, those before them are made into records and stored.
    async::Awaitable<Result<void, Refusal>> take(net::BodySource* octets) {
        do {
            Result<void, Refusal> taken;
            async::Awaitable<> more = take_some(octets, &taken);
            auto arrivals = co_await gathered_.advance(std::move(more));
            CO_TRY_VOID(taken);
            if (!arrivals) co_return failure(refusal_for(arrivals.error()));
            for (ingest::Arrival& arrival : *arrivals) {
                add(std::move(arrival), std::move(gathered_as_.front()));
                gathered_as_.pop_front();
            }
        } while (!ended_ || !gathered_.empty());
        co_return Result<void, Refusal>();
    }

    /// All that were taken, in one commit; if they cannot be stored together, one after the other.
    async::Awaitable<Result<void, Refusal>> commit() {
        if (messages_.empty()) co_return Result<void, Refusal>();
        std::vector<store::NewMessage> together = messages_;
        const auto stored = co_await account_->append(std::move(together));
        if (!stored && !is_about_a_message(stored.error())) co_return failure(refusal_for(stored.error()));
        for (std::size_t at = 0; at < messages_.size() && !stored; ++at) {
            std::vector<store::NewMessage> one{messages_[at]};
            const auto alone = co_await account_->append(std::move(one));
            if (!alone && !is_about_a_message(alone.error())) co_return failure(refusal_for(alone.error()));
            if (!alone) leave(places_[at], reason_for(alone.error()));
        }
        co_return Result<void, Refusal>();
    }

    json::object answer() && { return {{"taken", count_ - left_.size()}, {"left", std::move(left_)}}; }

private:
    /// A message while its octets come, and until it is stored.
    struct Present {
        transfer::Item item;
        store::MailboxId mailbox;
        std::size_t place = 0; ///< in the request
    };

    async::Awaitable<> take_some(net::BodySource* octets, Result<void, Refusal>* taken) {
        while (*taken && !ended_ && !gathered_.is_full())
            *taken = co_await take_next(octets);
    }

    async::Awaitable<Result<void, Refusal>> take_next(net::BodySource* octets) {
        transfer::ItemReader::Event event = reader_.next();
        if (std::holds_alternative<transfer::ItemReader::Malformed>(event))
            co_return failure(Refusal{400, "what comes is no stream of messages"});
        if (!std::holds_alternative<transfer::ItemReader::NeedMore>(event))
            co_return co_await take_event(std::move(event));
        auto piece = co_await octets->read();
        if (!piece) co_return failure(Refusal{piece.error().status, piece.error().text});
        if (piece->empty() && !reader_.at_end()) co_return failure(Refusal{400, "the last message is cut off"});
        ended_ = piece->empty();
        reader_.feed(*std::move(piece));
        co_return Result<void, Refusal>();
    }

    async::Awaitable<Result<void, Refusal>> take_event(transfer::ItemReader::Event event) {
        if (auto* const item = std::get_if<transfer::Item>(&event)) {
            if (++count_ > kMailMessagesMax)
                co_return failure(Refusal{400, fmt::format("more than {} messages in one request", kMailMessagesMax)});
            begin(std::move(*item));
        } else if (auto* const octets = std::get_if<transfer::ItemReader::Octets>(&event)) {
            if (!present_) co_return Result<void, Refusal>();
            const auto kept = co_await gathered_.append(std::move(octets->octets));
            if (!kept) co_return failure(refusal_for(kept.error()));
        } else if (present_) {
            const auto complete = co_await gathered_.complete();
            if (!complete) co_return failure(refusal_for(complete.error()));
            gathered_as_.push_back(*std::exchange(present_, std::nullopt));
            co_await async::give_way();
        }
        co_return Result<void, Refusal>();
    }

    void begin(transfer::Item item) {
        present_.reset();
        const store::MailboxPtr mailbox = account_->mailboxes()->find(store::canonical_mailbox_name(item.mailbox));
        if (!mailbox || !mailbox->selectable) return leave(count_ - 1, "its mailbox is not there");
        if (item.bytes == 0) return leave(count_ - 1, "it is empty");
        gathered_.begin(item.bytes);
        present_ = Present{.item = std::move(item), .mailbox = mailbox->id, .place = count_ - 1};
    }

    void add(ingest::Arrival arrival, Present present) {
        transfer::Item& item = present.item;
        const Timestamp date = item.date ? Timestamp(std::chrono::seconds(*item.date)) : on_->timers.now();
        messages_.push_back({.blob = arrival.blob,
                             .placements = {{.mailbox = present.mailbox,
                                             .flags = flags_of(item.marks),
                                             .keywords = std::move(item.marks.keywords)}},
                             .internal_date = date,
                             .zone = on_->timers.zone(date),
                             .thread = {.message_id = std::move(arrival.card.message_id),
                                        .in_reply_to = std::move(arrival.card.in_reply_to),
                                        .references = std::move(arrival.card.references)},
                             .card = std::move(arrival.card_octets)});
        places_.push_back(present.place);
    }

    void leave(std::size_t place, std::string_view reason) {
        left_.push_back(json::object{{"at", place}, {"reason", reason}});
    }

    const Dependencies* const on_;
    const store::AccountPtr account_;
    const store::AppendFeed::Bulk bulk_;
    transfer::ItemReader reader_;
    bool ended_ = false;             ///< the stream
    std::optional<Present> present_; ///< unless it cannot be taken
    ingest::Gathered gathered_;
    std::deque<Present> gathered_as_; ///< what the client said of those
    std::size_t count_ = 0;
    std::vector<store::NewMessage> messages_;
    std::vector<std::size_t> places_; ///< of these in the request
    json::array left_;
};

/// Hears the client out: one that is still sending does not hear us.
async::Awaitable<> pass_over(net::BodySource* octets) {
    for (;;) {
        const auto piece = co_await octets->read();
        if (!piece || piece->empty()) co_return;
        co_await async::give_way();
    }
}

} // namespace

async::Awaitable<Answer> take_mail(const Dependencies* on, json::object request, net::BodySource* octets) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    Taking taking(on, std::move(account));
    const auto taken = co_await taking.take(octets);
    if (!taken) {
        co_await pass_over(octets);
        co_return failure(taken.error());
    }
    CO_TRY_VOID(co_await taking.commit());
    co_return std::move(taking).answer();
}

} // namespace tegami::admin
