// Reads emails from the store and has a worker put their words into a builder.
#pragma once

#include "async/worker_pool.h"
#include "index/email_words.h"
#include "store/store.h"

#include <memory>
#include <string>
#include <vector>

namespace tegami::index {

class EmailReader {
public:
    /// All of them outlive it.
    EmailReader(store::Store* store, async::WorkerPool* workers, SegmentBuilder* builder)
        : store_(store), workers_(workers), builder_(builder) {}

    /// The words of an email, number `number` of the segment; small ones wait for flush(). What cannot be read makes
    /// the email incomplete. Errors: those of the engine.
    async::Awaitable<store::StoreResult<>> add(std::uint32_t number, store::BlobRef blob);
    /// The email is there, but nothing is known of it.
    void add_unreadable(std::uint32_t number);
    /// Everything that was added is in the builder then.
    async::Awaitable<> flush();

private:
    struct Waiting {
        std::uint32_t number = 0;
        bool readable = false;
        std::string card;
        std::string header; ///< octets from the first on that hold the header
        std::string octets; ///< the first ones of the email
    };

    async::Awaitable<store::StoreResult<>> add_large(Waiting email, store::BlobRef blob);
    std::unique_ptr<EmailWords> begin(const Waiting& email);

    store::Store* const store_;
    async::WorkerPool* const workers_;
    SegmentBuilder* const builder_;
    std::vector<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
};

} // namespace tegami::index
