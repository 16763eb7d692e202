// The messages of a mailbox as it is now, one after the other, read as somebody takes them: a run of small ones at once, a large one
// in pieces. What others expunge meanwhile is left out.
#pragma once

#include "async/awaitable.h"
#include "store/store.h"
#include "transfer/item.h"

#include <cstdint>
#include <deque>
#include <string>
#include <variant>

namespace tegami::mailbox_export {

/// Octets that a stream gives at once, more or less.
inline constexpr std::uint64_t kPieceBytes = 128 * 1024;

class MailboxMessages {
public:
    struct Begin {
        transfer::Item item; ///< without the mailbox; of no octets if they cannot be read, and then none come
    };

    struct Octets {
        std::string octets;
    };

    struct End {}; ///< of the message

    struct Done {};

    using Event = std::variant<Begin, Octets, End, Done>;

    /// The store outlives it.
    MailboxMessages(store::Store* store, store::AccountPtr account, store::OpenMailboxPtr open);

    /// What comes next. Errors: those of the store.
    async::Awaitable<store::StoreResult<Event>> next();

private:
    enum class State : std::uint8_t { between, begun, in_octets };

    async::Awaitable<store::StoreResult<>> read_run();
    Event begin_first();

    store::Store* const store_;
    const store::AccountPtr account_;
    const store::OpenMailboxPtr open_;
    const store::ViewPtr view_;
    State state_ = State::between;
    std::uint32_t position_ = 0;
    std::deque<store::MessageDetails> run_;
    std::deque<store::StoreResult<store::BlobStart>> starts_; ///< of the first of these
    std::string start_;                                       ///< the beginning of the present message
    store::BlobId blob_;
    std::uint64_t at_ = 0;
    std::uint64_t left_ = 0; ///< of the present message behind its beginning
};

} // namespace tegami::mailbox_export
