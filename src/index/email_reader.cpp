#include "index/email_reader.h"

#include "message/card.h"

#include <algorithm>
#include <utility>

namespace tegami::index {

namespace {

using store::ErrorCode;
using store::StoreResult;

/// Octets of an email read first; most are shorter.
constexpr std::uint64_t kFirstBytes = store::kReadPieceBytes;
/// Octets read at once of the others.
constexpr std::uint64_t kPieceBytes = 8 * store::kReadPieceBytes;
/// Limit: octets of emails that wait for a worker.
constexpr std::size_t kWaitingBytesMax = 512 * 1024;

bool is_of_the_email(const store::Error& error) {
    return error.code == ErrorCode::damaged || error.code == ErrorCode::not_found;
}

} // namespace

/// On a worker. Null if the email cannot be read; it is incomplete then.
std::unique_ptr<EmailWords> EmailReader::begin(const Waiting& email) {
    builder_->begin_email(email.number);
    const auto card = email.readable ? message::decode_card(email.card) : failure(message::CardError::malformed);
    if (!card) {
        builder_->set_incomplete();
        return nullptr;
    }
    const std::string_view header = email.header.empty() ? email.octets : email.header;
    auto words = std::make_unique<EmailWords>(header, card->root, builder_);
    words->feed(email.octets);
    return words;
}

async::Awaitable<> EmailReader::flush() {
    auto work = [this, emails = std::exchange(waiting_, {})] {
        for (const Waiting& email : emails)
            if (const std::unique_ptr<EmailWords> words = begin(email)) words->finish();
    };
    waiting_bytes_ = 0;
    co_await async::run(workers_, std::move(work));
}

void EmailReader::add_unreadable(std::uint32_t number) {
    waiting_.push_back({.number = number});
}

async::Awaitable<StoreResult<>> EmailReader::add(std::uint32_t number, store::BlobRef blob) {
    Waiting email{.number = number, .readable = true};
    StoreResult<store::BlobStart> start = co_await store_->read_start(blob.id, kFirstBytes);
    if (start && start->octets.size() < blob.size && !message::Header(start->octets).has_end()) {
        // As SEARCH does: a header without an end is looked at up to a limit.
        const std::uint64_t length = std::min<std::uint64_t>(blob.size, message::kHeaderBytesMax);
        StoreResult<std::string> header = co_await store_->read_blob(blob.id, 0, length);
        if (header)
            email.header = *std::move(header);
        else
            start = failure(std::move(header).error());
    }
    if (!start && !is_of_the_email(start.error())) co_return failure(start.error());
    email.readable = start.has_value();
    if (start) {
        email.card = std::move(start->card);
        email.octets = std::move(start->octets);
    }
    if (email.readable && email.octets.size() < blob.size) co_return co_await add_large(std::move(email), blob);
    waiting_bytes_ += email.octets.size() + email.card.size();
    waiting_.push_back(std::move(email));
    if (waiting_bytes_ >= kWaitingBytesMax) co_await flush();
    co_return StoreResult<>{};
}

/// An email that is read in pieces, each looked at by a worker before the next is read.
async::Awaitable<StoreResult<>> EmailReader::add_large(Waiting email, store::BlobRef blob) {
    co_await flush();
    std::uint64_t offset = email.octets.size();
    const auto first = [this, &email] { return begin(email); };
    const std::unique_ptr<EmailWords> words = co_await async::run(workers_, first);
    while (words != nullptr && !words->done() && offset < blob.size) {
        const StoreResult<std::string> octets = co_await store_->read_blob(blob.id, offset, kPieceBytes);
        if (!octets && !is_of_the_email(octets.error())) co_return failure(octets.error());
        if (!octets || octets->empty()) {
            builder_->set_incomplete();
            co_return StoreResult<>{};
        }
        offset += octets->size();
        const auto more = [&words, &octets] { words->feed(*octets); };
        co_await async::run(workers_, more);
    }
    const auto last = [&words] { words->finish(); };
    if (words != nullptr) co_await async::run(workers_, last);
    co_return StoreResult<>{};
}

} // namespace tegami::index
