// Messages one after the other in one stream, each behind a line that says what it is: how the command line gives them to
// the server for `tegami import`, and gets them for `tegami export`.
//
// 1. A line has five fields between tabs: octets, seconds since 1970 or "-", letters, mailbox, keywords between spaces.
//    The octets follow it.
// 2. Reading holds a line and the octets that were fed, nothing else.
#pragma once

#include "message/card.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::transfer {

/// Limit: octets of the line before a message: the longest name and 100 of the longest keywords fit.
inline constexpr std::size_t kItemLineBytesMax = 16 * 1024;
/// Limit: the date of a message, before and after 1970.
inline constexpr std::int64_t kDateMax = 60'000'000'000; // in the year 3871, and in 68
/// Limit: octets of one message.
inline constexpr std::uint64_t kMessageBytesMax = 1ULL << 30;

/// The flags of a message. The letters are Maildir's, in the order of the alphabet, each once: D (draft), F (flagged),
/// R (replied), S (seen), T (trashed).
struct Marks {
    std::string letters;
    std::vector<std::string> keywords;

    bool operator==(const Marks&) const = default;
};

inline constexpr std::string_view kLetters = "DFRST";

/// Sets a letter; one that means nothing here is left out.
void add_letter(Marks& marks, char letter);
/// Sets a keyword unless it is there or cannot be one (RFC 9051 §9: an atom; at most 100 octets, 100 of them).
void add_keyword(Marks& marks, std::string_view keyword);

struct Item {
    std::uint64_t bytes = 0;
    std::optional<std::int64_t> date; ///< seconds since 1970
    Marks marks;
    std::string mailbox; ///< UTF-8, "/" between levels

    bool operator==(const Item&) const = default;
};

/// The line. The mailbox has no control characters.
std::string print_item(const Item& item);

class ItemReader {
public:
    struct NeedMore {}; ///< at a place where the stream may end, or within a message: see at_end()

    struct Octets {
        std::string octets;
    };

    struct End {}; ///< of the message

    struct Malformed {}; ///< and nothing that follows can be read

    using Event = std::variant<NeedMore, Item, Octets, End, Malformed>;

    void feed(std::string octets);
    Event next();

    /// Whether the stream may end here.
    bool at_end() const { return !in_message_ && buffer_.empty(); }

private:
    std::string buffer_;
    std::uint64_t left_ = 0;
    bool in_message_ = false;
};

/// 16 octets that are the same for the same message in a file and in a mailbox: of its size as it is stored and its
/// Message-ID, or its Date and Subject where it has none. `card` is of the message or of its header alone.
std::string fingerprint(std::uint64_t bytes, const message::Card& card);

} // namespace tegami::transfer
