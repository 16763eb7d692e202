// The nouns of IMAP that several files of this room share: numbers, flags, dates, and what a session has enabled.
//
// 1. A Uid and a SequenceNumber are different types and never convert into each other; only a session's view maps them (service/imapd/session_view.h).
// 2. Flags are kept as a set of the standard's system flags plus keywords as the client wrote them.
#pragma once

#include "base/strong_id.h"
#include "base/uid.h"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::imap {

using tegami::Uid;
using tegami::UidValidity;
/// A message's place in the mailbox as this session sees it, from 1 (RFC 9051 §2.3.1.2).
using SequenceNumber = StrongId<struct SequenceNumberTag, std::uint32_t>;

/// A small set of enumerators.
template <class Enum>
class EnumSet {
public:
    constexpr EnumSet() = default;

    constexpr EnumSet(std::initializer_list<Enum> members) {
        for (const Enum member : members)
            insert(member);
    }

    constexpr bool contains(Enum member) const { return (bits_ & bit(member)) != 0; }

    constexpr void insert(Enum member) { bits_ |= bit(member); }

    constexpr void erase(Enum member) { bits_ &= ~bit(member); }

    constexpr bool empty() const { return bits_ == 0; }

    constexpr bool operator==(const EnumSet&) const = default;

private:
    static constexpr std::uint32_t bit(Enum member) { return std::uint32_t{1} << static_cast<unsigned>(member); }

    std::uint32_t bits_ = 0;
};

/// Whether a command counts messages by sequence number or by UID ("UID FETCH").
enum class Numbering : std::uint8_t { sequence, uid };

/// RFC 9051 §2.3.2. `recent` is IMAP4rev1 only and no client may set it.
enum class SystemFlag : std::uint8_t { answered, flagged, deleted, seen, draft, recent };
using SystemFlags = EnumSet<SystemFlag>;

/// Flags of a message or of a STORE or APPEND.
struct FlagList {
    SystemFlags system;
    std::vector<std::string> keywords;

    bool operator==(const FlagList&) const = default;
};

/// "\Seen" for SystemFlag::seen.
std::string_view name_of(SystemFlag flag);

/// What a session switched on with ENABLE (RFC 9051 §6.3.1, RFC 6855 §3); `condstore` also with any command that says that
/// the client knows mod-sequences (RFC 7162 §3.1).
enum class Enabled : std::uint8_t { imap4rev2, utf8_accept, condstore, qresync };
using EnabledSet = EnumSet<Enabled>;

/// True if mailbox names are plain UTF-8 and quoted strings may hold UTF-8: after ENABLE IMAP4rev2 or UTF8=ACCEPT.
constexpr bool speaks_utf8(EnabledSet enabled) {
    return enabled.contains(Enabled::imap4rev2) || enabled.contains(Enabled::utf8_accept);
}

/// A date-time of the protocol: the moment, and the zone it was or is written in.
struct DateTime {
    std::chrono::sys_seconds moment;
    std::chrono::minutes zone{0};

    bool operator==(const DateTime&) const = default;
};

/// RFC 6154 §2: what a mailbox is for.
enum class SpecialUse : std::uint8_t { all, archive, drafts, flagged, junk, sent, trash };

/// "\Drafts" for SpecialUse::drafts.
std::string_view name_of(SpecialUse use);

/// RFC 9051 §6.3.11, RFC 8438, RFC 7162 §3.1.7, RFC 8474 §4.3; `recent` is IMAP4rev1's (RFC 3501 §6.3.10).
enum class StatusItem : std::uint8_t {
    messages,
    recent,
    uid_next,
    uid_validity,
    unseen,
    deleted,
    size,
    highest_modseq,
    mailbox_id,
};
using StatusItems = EnumSet<StatusItem>;

} // namespace tegami::imap
