// What the store needs from a key-value engine, small enough that an embedded and a distributed one are both good.
//
// 1. A Domain is the unit of atomicity and of version: a batch touches one domain, all of it or nothing.
// 2. commit() returns only when the batch would survive a power cut.
// 3. Every successful commit raises its domain's version by exactly one. Safety rests on the version guard.
// 4. A batch never makes a reference to bytes that could be lost before it: a blob that a batch references is
//    durable at the latest with that batch.
// 5. No merge operator, no read-modify-write inside the engine. Scans are paged.
// 6. Any method may be called from any thread; it resumes its caller on the caller's executor and never blocks it.
//
// It does not know accounts, mailboxes or messages.
#pragma once

#include "async/awaitable.h"
#include "base/progress.h"
#include "store/types.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tegami::store {

enum class DomainKind : std::uint8_t {
    account = 'a',
    text_index = 'f',
    journey = 'j',
    queue = 'q',
    directory = 'd',
    tally = 't',
    audit = 'g',
    upload = 'u' ///< no rows: batches that make an upload durable (service/jmapd)
};

struct Domain {
    DomainKind kind;
    std::uint64_t id = 0;
    auto operator<=>(const Domain&) const = default;
};

struct Put {
    std::string key;
    std::string value;
};

struct Delete {
    std::string key;
};

/// Deletes every key in [begin, end); an empty `end` means to the end of the domain.
struct DeleteRange {
    std::string begin;
    std::string end;
};

/// Adds `tag` to the set of references that keep the blob alive; adding it twice is the same as once.
struct AddReference {
    BlobId blob;
    std::string tag;
};

/// Takes `tag` out of the set; a blob with an empty set is collected some time later.
struct RemoveReference {
    BlobId blob;
    std::string tag;
};

using Operation = std::variant<Put, Delete, DeleteRange, AddReference, RemoveReference>;

/// The batch commits only if the key has this value; nothing means: only if the key does not exist.
struct KeyAssertion {
    std::string key;
    std::optional<std::string> value;
};

struct Batch {
    Domain domain;
    std::optional<Version> expected; ///< commit only if the domain is at this version
    std::vector<KeyAssertion> assertions;
    std::vector<Operation> operations;
};

/// Keys in [begin, end) in order, or in reverse order; an empty `end` means to the end of the domain.
struct Range {
    std::string begin;
    std::string end;
    std::size_t rows_max = 1000; ///< the engine may return fewer (see Limits)
    bool reverse = false;
    /// Step over what the disk has damaged and tell it in Page::damaged; otherwise the answer is the error `damaged`.
    /// Only forwards.
    bool around_damage = false;
};

struct Row {
    std::string key;
    std::string value;
};

/// Keys in [begin, end) that cannot be read: how many rows are lost there is not known, perhaps none.
struct DamagedKeys {
    std::string begin;
    std::string end; ///< empty: to the end of the domain
};

struct Page {
    std::vector<Row> rows;
    bool more = false;                ///< the range has rows beyond these: go on after the last key
    Version version;                  ///< the domain's version that all these rows belong to
    std::vector<DamagedKeys> damaged; ///< in order, between the rows and behind the last of them
};

struct Limits {
    std::size_t batch_bytes_max; ///< keys and values of one batch
    std::size_t batch_operations_max;
    std::size_t value_bytes_max;
    std::size_t scan_rows_max;
};

/// What a walk over everything found. Damage never stops the walk: the rest stays readable.
struct EngineReport {
    std::uint64_t rows = 0;
    std::uint64_t blobs = 0;
    std::uint64_t blob_octets = 0;   ///< of content
    std::uint64_t unreferenced = 0;  ///< blobs without a reference: to be collected, no fault
    std::vector<std::string> damage; ///< one plain sentence each, naming key or blob; at most kDamageListedMax
    std::uint64_t damage_count = 0;

    static constexpr std::size_t kDamageListedMax = 1000;

    void add_damage(std::string sentence) {
        if (++damage_count <= kDamageListedMax) damage.push_back(std::move(sentence));
    }
};

/// Takes one blob's bytes as they arrive; holds a bounded part of them in memory. Dropping it before finish()
/// leaves nothing behind.
class BlobWriter {
public:
    virtual ~BlobWriter() = default;
    /// Adds content. Errors: no_space, unavailable.
    virtual async::Awaitable<StoreResult<>> append(std::string octets) = 0;
    /// Ends the content: it begins with `front`, which may be empty, and goes on with what was appended; `card` stands
    /// before it. The blob is durable no later than the first batch committed after this that references it; one that
    /// nothing references within an hour may be collected. Limit: segment::kFrontBytesMax.
    /// Errors: invalid (over a limit), no_space, unavailable.
    virtual async::Awaitable<StoreResult<BlobRef>> finish(std::string card, std::string front) = 0;

    /// What append() and finish() compute of a small blob that is there whole, without waiting: for a worker, which does it
    /// for many. Nothing was appended before; write() follows, and nothing else. Limit: kSmallBlobBytes of content.
    /// Errors: invalid (over a limit), unavailable.
    virtual StoreResult<> prepare(std::string content, std::string card) = 0;
    /// Ends what was prepared, as finish() does. Errors: no_space, unavailable.
    virtual async::Awaitable<StoreResult<BlobRef>> write() = 0;
};

/// See BlobWriter::prepare().
inline constexpr std::size_t kSmallBlobBytes = 512 * 1024;

/// See StartWanted.
inline constexpr std::uint64_t kReadPieceBytes = 64 * 1024;

/// Limit: keys of one Engine::get_many() or get_first().
inline constexpr std::size_t kGetManyMax = 64;

/// The beginning of a blob: its card and octets of its content.
struct BlobStart {
    std::string card;
    std::string octets;
};

using BlobStarts = std::vector<StoreResult<BlobStart>>;

/// How much of each blob Engine::read_starts() reads.
struct StartWanted {
    /// Octets of the content, for who reads all of it; some more come where that saves work: reading on behind them in
    /// pieces of kReadPieceBytes, or a multiple, opens no compressed block twice. 0: the card alone.
    std::uint64_t length = 0;
    /// Octets of all blobs together.
    std::size_t octets_max = 256 * 1024;
};

class Engine {
public:
    virtual ~Engine() = default;

    virtual Limits limits() const = 0;

    /// Commits the batch and returns the domain's new version. Operations apply in the order given, after all checks.
    /// Errors: conflict, not_found (it references a blob that does not exist), no_space, invalid (over a limit),
    /// unavailable: nothing of the batch is there. unknown (an I/O error while it was written, an answer that was
    /// lost): it is there, whole, or not; perhaps only the next start shows which (docs/formats/engine_rocksdb.md).
    virtual async::Awaitable<StoreResult<Version>> commit(Batch batch) = 0;

    /// One page of rows and the version they were read at. A domain that was never written is at version 0.
    virtual async::Awaitable<StoreResult<Page>> scan(Domain domain, Range range) = 0;

    /// The values of several keys in one go, in the order given. Limit: kGetManyMax.
    virtual async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
    get_many(Domain domain, std::vector<std::string> keys) = 0;

    /// For each of several prefixes the value of the first key that begins so, in one go, in the order given. What cannot
    /// be read is not there. Limit: kGetManyMax.
    virtual async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
    get_first(Domain domain, std::vector<std::string> prefixes) = 0;

    /// The value of one key.
    virtual async::Awaitable<StoreResult<std::optional<std::string>>> get(Domain domain, std::string key) = 0;

    /// Up to `count_max` domains of one kind with an id above `after`, in order (for verify and for start-up).
    virtual async::Awaitable<StoreResult<std::vector<Domain>>> domains(DomainKind kind, std::uint64_t after,
                                                                       std::size_t count_max) = 0;

    virtual std::unique_ptr<BlobWriter> new_blob() = 0;

    /// Up to `length` octets of content from `offset` (fewer only at its end). Errors: not_found, damaged, unavailable.
    virtual async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset,
                                                                 std::uint64_t length) = 0;

    /// The starts of several blobs in one go, in the order given. It ends with the blob that makes it `octets_max` octets
    /// or more, so fewer may come back than were asked for, but one at least. Errors of a blob stand in its place:
    /// not_found, damaged. Errors: unavailable.
    virtual async::Awaitable<StoreResult<BlobStarts>> read_starts(std::vector<BlobId> blobs, StartWanted wanted) = 0;

    /// One blob's start.
    async::Awaitable<StoreResult<BlobStart>> read_start(BlobId blob, std::uint64_t length);
    /// The card that was given to BlobWriter::finish().
    async::Awaitable<StoreResult<std::string>> read_card(BlobId blob);

    /// Reads everything that is stored and checks every checksum and reference. Takes long; others go on meanwhile.
    /// `progress`, which may be null, hears of the octets of blobs.
    virtual async::Awaitable<StoreResult<EngineReport>> check(ProgressPtr progress) = 0;

    /// Stops background work and makes everything durable; afterwards every call answers unavailable.
    virtual async::Awaitable<void> close() = 0;
};

} // namespace tegami::store
