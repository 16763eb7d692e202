// Who beside its owner may do what in a mailbox (RFC 4314): the list that a mailbox has, and an account as somebody sees
// with whom some of its mailboxes are shared.
//
// 1. The owner has every right, and is in no list.
// 2. A list is part of its mailbox and goes with it.
// 3. A new mailbox, and one that is brought back, has the list of the one above it; at the top, none.
// It knows accounts by number; what is said of an account that is gone means nothing, for numbers are never used again.
#pragma once

#include "store/types.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

struct MailboxInfo;
class MailboxList;

/// RFC 4314 §2.1. The values are on disk: never renumber. `p` is not here: nobody posts to a mailbox by name.
enum class Right : std::uint16_t {
    lookup = 1,       ///< l: its name is listed
    read = 2,         ///< r: its messages are read
    seen = 4,         ///< s: \Seen is changed, which all who see the mailbox share
    write = 8,        ///< w: other flags and keywords are
    insert = 16,      ///< i: messages come into it
    create = 32,      ///< k: mailboxes are made in it
    remove = 64,      ///< x: it is removed or renamed
    mark = 128,       ///< t: \Deleted is changed
    expunge = 256,    ///< e: messages are taken out for good
    administer = 512, ///< a: this list is changed
};

class Rights {
public:
    constexpr Rights() = default;

    constexpr Rights(std::initializer_list<Right> rights) {
        for (const Right right : rights)
            bits_ |= static_cast<std::uint16_t>(right);
    }

    static constexpr Rights from_bits(std::uint16_t bits) {
        Rights rights;
        rights.bits_ = bits & kAll;
        return rights;
    }

    static constexpr Rights all() { return from_bits(kAll); }

    constexpr bool has(Right right) const { return (bits_ & static_cast<std::uint16_t>(right)) != 0; }

    constexpr bool has(Rights rights) const { return (bits_ & rights.bits_) == rights.bits_; }

    constexpr std::uint16_t bits() const { return bits_; }

    constexpr bool empty() const { return bits_ == 0; }

    constexpr Rights operator|(Rights other) const { return from_bits(bits_ | other.bits_); }

    /// These without the others.
    constexpr Rights operator-(Rights other) const {
        return from_bits(static_cast<std::uint16_t>(bits_ & ~other.bits_));
    }

    constexpr bool operator==(const Rights&) const = default;

private:
    static constexpr std::uint16_t kAll = 1023;

    std::uint16_t bits_ = 0;
};

/// "lrswikxtea", as far as they are there, in this order.
std::string letters_of(Rights rights);
/// Nothing where a letter is no right. Of the letters of RFC 2086, c is kx and d is te (RFC 4314 §2.1.1); p is passed over.
std::optional<Rights> parse_rights(std::string_view letters);

/// What one account may do in a mailbox.
struct Grant {
    AccountId grantee;
    Rights rights; ///< never empty in a list

    bool operator==(const Grant&) const = default;
};

/// By grantee, each once.
using AccessList = std::vector<Grant>;

/// What is to become of one account's rights: those it has, without `remove`, with `add`.
struct GrantChange {
    AccountId grantee;
    Rights add;
    Rights remove;
};

/// Limit: grantees of one mailbox.
inline constexpr std::size_t kGrantsMax = 100;

/// The list after the changes; nothing if it would be too long. A grantee without a right is left out.
std::optional<AccessList> changed(AccessList list, const std::vector<GrantChange>& changes);

/// What it takes to see the messages of a mailbox.
inline constexpr Rights kReading{Right::lookup, Right::read};

/// Those of `who` in the list.
Rights rights_in(const AccessList& list, AccountId who);
/// What `who` may do in a mailbox of the account `owner`.
Rights rights_of(const MailboxInfo& mailbox, AccountId owner, AccountId who);

/// Whether this account sees some mailbox of them.
bool shares_with(const MailboxList& mailboxes, AccountId who);

/// What an account that is not the owner sees of these mailboxes: those that it may look up, and, as names that hold nothing,
/// what is above them or may not be read. The version is that of the last change of messages that are seen, and
/// MailboxList::part() says which part it is: so what happens elsewhere shows nowhere.
MailboxList part_of(const MailboxList& mailboxes, AccountId who);

} // namespace tegami::store

namespace tegami::bytes {
class Reader;
}

namespace tegami::store::record {

void append_access(std::string& out, const AccessList& list);
/// Fails `in` for what append_access() does not write.
AccessList read_access(bytes::Reader& in);

} // namespace tegami::store::record
