// Results of SORT that are kept up to date (RFC 5267, CONTEXT=SORT): the list as the client has it, and the lines that
// change it.
//
// 1. A place told is that in the list as it is after all lines before.
// 2. Of a message in the list only its place is kept; where a new one goes is found by looking at few of the others. So a
//    message that comes costs some reads, however long the list is.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/command.h"
#include "store/account.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tegami::imapd {

struct Session;

struct SortContext {
    /// What finds again by what a message is sorted, even after it was expunged.
    struct Member {
        Uid uid;
        std::uint32_t email = 0;
        std::uint32_t size_bytes = 0;
    };

    std::vector<imap::SortCriterion> criteria;
    std::vector<Member> members; ///< in order

    std::size_t memory_bytes() const { return members.capacity() * sizeof(Member); }
};

/// The context of a list that was just told: `names` are UIDs or numbers. All outlive it.
async::Awaitable<SortContext> make_sort_context(Session* session, const imap::Sort* command,
                                                const std::vector<std::uint32_t>* names);

/// How the client's lines call a list and its messages.
struct SortLines {
    std::string tag;
    imap::Numbering numbering{};
    std::function<std::uint32_t(Uid)> number_of; ///< for sequence numbers
};

/// Takes messages out of the list and tells it. Session and list outlive it.
async::Awaitable<> remove_from_list(Session* session, SortContext* list, SortLines lines, UidSet gone);

/// Puts messages, which the client knows, where they belong in the list, and tells it; `uids` are those that are left to
/// do when it fails. All outlive it.
async::Awaitable<store::StoreResult<>> add_to_list(Session* session, SortContext* list, SortLines lines, UidSet* uids);

} // namespace tegami::imapd
