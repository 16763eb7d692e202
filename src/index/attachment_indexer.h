// Reads attachments and puts their words into the indexes, in the background, behind the text of messages.
//
// 1. The Indexer tells it which accounts are up to date with their messages. It waits for no attachment: only while the words
//    of some are being written does one of the two wait for the other.
// 2. Attachments are read one after the other, in a process of their own each (extraction/helper.h). Their texts are kept
//    beside the index, and committed together with their words.
// 3. One that cannot be read has no text; that is final until the index is made anew.
// 4. If more formats can be read than when the index was made, it is made anew.
#pragma once

#include "async/mutex.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "extraction/helper.h"
#include "index/attachments.h"
#include "index/writer.h"
#include "store/append_feed.h"
#include "store/store.h"

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace tegami::index {

/// Limits of one turn: emails, attachments that are read of them, and octets of words and of texts in memory, each but for
/// those of one email.
inline constexpr std::size_t kAttachmentTurnEmailsMax = 512;
inline constexpr std::size_t kTurnAttachmentsMax = 8;
inline constexpr std::size_t kTurnWordsMemoryMax = std::size_t{16} << 20;
inline constexpr std::size_t kTurnTextBytesMax = std::size_t{8} << 20;
/// So many emails without attachments are passed over again rather than noted with a commit.
inline constexpr std::size_t kPassedOverMax = 64;

class AttachmentIndexer {
public:
    /// All of them outlive it. `workers` are those for long jobs; `waiting` may block for as long as an attachment takes, and
    /// is nobody else's.
    struct Dependencies {
        store::Store& store;
        async::WorkerPool& workers;
        async::WorkerPool& waiting;
        extraction::Helper& helper;
        async::Timers& timers;
        Log& log;
    };

    explicit AttachmentIndexer(Dependencies dependencies) : dependencies_(dependencies) {}

    /// The account may have new attachments. From any thread.
    void tell(store::AccountId account) { feed_.tell(account); }

    /// Held by who writes an account's index.
    async::Mutex& writing() { return writing_; }

    /// Works until its task is cancelled.
    async::Awaitable<> run();

    /// The task is about to be cancelled, and the helpers end: that is nothing to warn of. From any thread.
    void stop() { stopping_ = true; }

    /// Reads all attachments of an account, now.
    async::Awaitable<store::StoreResult<>> catch_up(store::AccountId account);

private:
    enum class Progress : std::uint8_t { done, more };

    /// What a turn has found.
    struct Gathered;

    async::Awaitable<> work_through(std::set<store::AccountId> accounts);
    async::Awaitable<store::StoreResult<Progress>> turn(store::AccountId account);
    async::Awaitable<store::StoreResult<Progress>> look(store::AccountPtr account);
    async::Awaitable<store::StoreResult<>> gather(store::AccountPtr account, const store::EmailWalk* walk,
                                                  Gathered* gathered);
    async::Awaitable<std::string> read_attachment(store::BlobId blob, Attachment attachment);
    async::Awaitable<Result<std::string, extraction::HelperEnd>> try_attachment(store::BlobId blob,
                                                                                Attachment attachment);
    async::Awaitable<> add_words(Gathered* gathered, std::uint32_t number, const std::vector<std::string>* texts);
    async::Awaitable<store::StoreResult<Progress>> write(store::AccountPtr account, std::uint32_t from,
                                                         Gathered* gathered);
    async::Awaitable<store::StoreResult<Progress>> join(store::AccountPtr account);

    const Dependencies dependencies_;
    store::AppendFeed feed_;
    async::Mutex writing_;
    std::set<store::AccountId> failed_; ///< to be looked at again after a pause
    bool gone_ = false;                 ///< no helper can be made any more
    std::atomic<bool> stopping_ = false;
};

} // namespace tegami::index
