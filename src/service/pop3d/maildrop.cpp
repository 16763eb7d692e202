// The maildrop: INBOX as POP3 sees it.
#include "async/turns.h"
#include "message/card.h"
#include "protocol/pop3/message_writer.h"
#include "service/pop3d/connection.h"
#include "store/retrieval.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::pop3d {

namespace {

/// What a message of an open maildrop takes in memory, here and in the session.
constexpr std::uint64_t kMessageBytes = 40;
/// Messages listed before others on this thread get their turn.
constexpr std::uint32_t kTurnMessages = 1024;
/// How long a login waits for another session to let go of the maildrop, and how often it looks.
constexpr auto kLockTime = std::chrono::seconds(3);
constexpr auto kLockInterval = std::chrono::milliseconds(100);

} // namespace

/// A program whose connection broke comes back at once, often before its old session has ended here: it is let wait a
/// moment instead of being told [IN-USE].
async::Awaitable<> Connection::lock_maildrop() {
    const Instant deadline = service_.timers.instant() + kLockTime;
    for (;;) {
        locked_ = service_.locks.take(identity_->account);
        if (locked_ || service_.timers.instant() >= deadline) co_return;
        co_await async::sleep(&service_.timers, kLockInterval);
    }
}

async::Awaitable<> Connection::open_maildrop() {
    co_await lock_maildrop();
    if (!locked_) {
        queue(session_.maildrop_opened(failure(pop3::Refusal::in_use)));
        co_return;
    }
    const auto account = co_await service_.store.account(identity_->account);
    if (!account) {
        queue(session_.maildrop_opened(failure(pop3::Refusal::temporary_fault)));
        co_return;
    }
    account_ = *account;
    const store::MailboxPtr inbox = account_->mailboxes()->find(store::Role::inbox);
    if (!inbox) { // its name is lost with its record
        queue(session_.maildrop_opened(failure(pop3::Refusal::temporary_fault)));
        co_return;
    }
    inbox_ = inbox->id;
    const auto opened = co_await account_->open(inbox_);
    if (!opened) {
        queue(session_.maildrop_opened(failure(pop3::Refusal::temporary_fault)));
        co_return;
    }
    const store::ViewPtr view = (*opened)->view();
    const std::uint32_t count = std::min<std::uint32_t>(view->size(), kMaildropMessagesMax);
    if (!charge_.resize(std::uint64_t{count} * kMessageBytes)) {
        service_.log.warning("no memory for a maildrop", {{"account", identity_->address.to_string()}});
        queue(session_.maildrop_opened(failure(pop3::Refusal::temporary_fault)));
        co_return;
    }
    pop3::Maildrop maildrop{.uid_validity = view->uid_validity()};
    maildrop.messages.reserve(count);
    messages_.reserve(count);
    for (std::uint32_t position = 0; position < count; ++position) {
        const store::MessageRow row = view->at(position);
        messages_.push_back({.uid = row.uid, .email = row.email});
        maildrop.messages.push_back({.size = row.size_bytes, .uid = row.uid});
        if ((position + 1) % kTurnMessages == 0) {
            co_await async::give_way();
        }
    }
    queue(session_.maildrop_opened(std::move(maildrop)));
}

void Connection::tell_unreadable(const store::Error& error) {
    service_.log.error("a message cannot be read",
                       {{"service", "pop3"}, {"account", identity_->address.to_string()}, {"reason", error.detail}});
}

async::Awaitable<net::IoResult<>> Connection::send_message(pop3::SendMessage request) {
    const Message message = messages_.at(request.number - 1);
    auto start = co_await ahead_.read(account_.get(), request.number - 1, messages_.size(),
                                      [this](std::size_t place) { return messages_[place].email; });
    if (!start) {
        tell_unreadable(start.error());
        queue(session_.message_unavailable());
        co_return net::IoResult<>{};
    }
    const store::BlobRef blob = start->email.blob;
    store::StoreResult<std::string> chunk = std::move(start->blob.octets);
    std::string out;
    for (pop3::ServerAction& action : session_.message_opened()) // the first line goes with the message
        if (auto* const send = std::get_if<pop3::Send>(&action)) out += send->bytes;

    pop3::MessageWriter writer(request.top_lines);
    std::uint64_t offset = 0;
    for (;;) {
        offset += chunk->size();
        out.reserve(out.size() + chunk->size() + 64);
        writer.append(*chunk, out);
        const bool last = offset >= blob.size || chunk->empty() || writer.done();
        if (last) writer.finish(out);
        stream_->set_deadline(service_.timers.instant() + std::chrono::minutes(5));
        CO_TRY_VOID(co_await stream_->write_all(std::exchange(out, {})));
        if (last) break;
        chunk = co_await service_.store.read_blob(blob.id, offset, kChunkBytes);
        // The client cannot be told in the middle of a message: without its end it knows that this one is not whole.
        if (!chunk) {
            tell_unreadable(chunk.error());
            co_return failure(net::IoError::failed);
        }
    }
    queue(session_.message_sent());
    if (!request.top_lines && !retrieved_.contains(message.uid)) {
        retrieved_.add(message.uid);
        if (store::is_traced(start->email.internal_date, service_.timers.now())) record_retrieval(start->blob.card);
    }
    co_return net::IoResult<>{};
}

void Connection::record_retrieval(const std::string& card_octets) {
    auto card = message::decode_card(card_octets);
    if (!card) return;
    store::record_retrieval(service_.journeys, {.journey = std::move(card->journey),
                                                .account = identity_->address.to_string(),
                                                .service = "POP3",
                                                .client = stream_->remote_endpoint().address.to_string()});
}

async::Awaitable<bool> Connection::delete_messages(std::vector<std::uint32_t> numbers) {
    UidSet uids;
    for (const std::uint32_t number : numbers)
        uids.add(messages_.at(number - 1).uid);
    retrieved_.subtract(uids);
    const auto expunged = co_await account_->expunge(inbox_, uids, store::Account::Expunge::forced);
    co_return expunged.has_value();
}

/// What was taken to a device counts as read for the owner's other programs.
async::Awaitable<> Connection::mark_retrieved() {
    if (!account_ || retrieved_.empty()) co_return;
    store::FlagChange seen{.mode = store::FlagChange::Mode::add, .flags = {store::Flag::seen}, .keywords = {}};
    const auto marked = co_await account_->change_flags(inbox_, std::move(retrieved_), std::move(seen));
    if (!marked)
        service_.log.warning("retrieved messages could not be marked as read",
                             {{"account", identity_->address.to_string()}, {"reason", marked.error().detail}});
}

} // namespace tegami::pop3d
