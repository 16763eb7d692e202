// Conversations as IMAP's THREAD tells them: ORDEREDSUBJECT and REFERENCES (RFC 5256 §3), and REFS (draft-ietf-morg-inthread).
//
// 1. Time is that of sorting, memory a small multiple of the messages and their references, whatever the references say:
//    chains of any depth, loops, ids that nobody has.
// 2. No function here calls itself: trees may be as deep as there are messages.
// 3. Message ids are hashes of 64 bit (message_id_hash): two ids with one hash are taken for the same. They are mixed with a
//    secret of the caller's, so that nobody can make ids that are slow to look up.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tegami::message {

enum class ThreadAlgorithm : std::uint8_t { ordered_subject, references, refs };

/// A tree of messages: nodes by their places in `nodes`.
struct ThreadForest {
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    struct Node {
        std::uint32_t number =
            0; ///< of the message; 0: one that is not there, at the top and with two children or more
        std::uint32_t first_child = kNone;
        std::uint32_t next = kNone; ///< sibling
    };

    std::vector<Node> nodes;
    std::uint32_t first = kNone; ///< thread
};

/// Gathers messages and threads them.
class Threads {
public:
    /// `seed` is a random number of the caller's.
    Threads(ThreadAlgorithm algorithm, std::uint64_t seed) : algorithm_(algorithm), seed_(seed) {}

    /// What is to be known of a message, as SortFields have it (sort_key.h).
    struct Message {
        std::uint32_t number = 0; ///< above all before
        /// Seconds since 1970: when it was sent, or for REFS when it came.
        std::int64_t date = 0;
        std::string_view subject;
        bool is_reply = false;
        std::uint64_t id = 0; ///< 0: none
        std::span<const std::uint64_t> references;
    };

    void add(const Message& message);

    /// What it holds in memory, about; build() takes no more than three times as much.
    std::size_t memory_bytes() const;

    /// The threads of all messages; once. Long work: of the order of a microsecond for each message and reference.
    ThreadForest build() &&;

private:
    struct Item {
        std::uint32_t number = 0;
        std::int64_t date = 0;
        std::uint64_t id = 0; ///< 0: none
        std::uint32_t references_begin = 0;
        std::uint32_t references_end = 0;
        std::uint64_t subject = 0; ///< hash of the base subject; 0: empty
        bool is_reply = false;
    };

    class ReferenceBuilder;
    class SubjectBuilder;

    std::uint64_t mix(std::uint64_t hash) const;
    std::uint64_t hash_of(std::string_view text) const;

    const ThreadAlgorithm algorithm_;
    const std::uint64_t seed_;
    std::vector<Item> items_;
    std::vector<std::uint64_t> references_;
};

} // namespace tegami::message
