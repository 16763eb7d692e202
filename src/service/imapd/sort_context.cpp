#include "service/imapd/sort_context.h"

#include "async/turns.h"
#include "protocol/imap/writer.h"
#include "service/imapd/session.h"
#include "service/imapd/sort_messages.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

namespace {

/// Members looked at before others on this thread get their turn.
constexpr std::size_t kMembersPerTurn = 4096;
/// Messages that are put into a list together.
constexpr std::size_t kAddedAtOnce = 1024;
/// Messages told in one line.
constexpr std::size_t kPlacesPerLine = 256;

/// Writes "* ESEARCH (TAG "a1") UID ADDTO (1 12 3 14)" (RFC 5267 §4.3.3), or REMOVEFROM.
class PlaceLines {
public:
    PlaceLines(Session* session, SortLines lines, bool added)
        : session_(session), lines_(std::move(lines)), added_(added) {}

    void add(std::size_t place, Uid uid) {
        std::string& out = session_->out();
        if (places_ == 0) {
            imap::append_esearch_begin(out, lines_.tag, lines_.numbering, {});
            out += added_ ? " ADDTO (" : " REMOVEFROM (";
        } else {
            out += ' ';
        }
        const std::uint32_t name = lines_.numbering == imap::Numbering::uid ? uid.value : lines_.number_of(uid);
        out += std::to_string(place) + ' ' + std::to_string(name);
        if (++places_ == kPlacesPerLine) finish();
    }

    void finish() {
        if (places_ != 0) session_->out() += ")\r\n";
        places_ = 0;
    }

private:
    Session* session_;
    SortLines lines_;
    bool added_;
    std::size_t places_ = 0;
};

/// A message on its way into the list.
struct Incoming {
    SortContext::Member member;
    std::string key;
    std::size_t low = 0;  ///< it goes behind all members before this
    std::size_t high = 0; ///< and before all from this on
};

/// What these members are sorted by, in the order given; at most kSortRowsMax.
async::Awaitable<store::StoreResult<std::vector<std::string>>> keys_of(Session* session, const SortContext* list,
                                                                       std::vector<SortContext::Member> members) {
    std::vector<store::EmailId> emails;
    for (const SortContext::Member& member : members)
        emails.emplace_back(member.email);
    CO_TRY(const store::SortRows rows,
           co_await session->selected->account().sort_rows(std::move(emails), wanted_by(list->criteria)));
    std::vector<std::string> keys;
    for (std::size_t at = 0; at < members.size(); ++at) {
        // What cannot be read is empty, as in the SORT itself.
        FoundMessage found{.message = {}, .size_bytes = members[at].size_bytes, .row = {}};
        if (rows.each[at]) found.row = *rows.each[at];
        message::SortKey key;
        append_key(key, found, list->criteria);
        keys.emplace_back(key.octets());
    }
    co_return keys;
}

bool is_before(std::string_view key, Uid uid, std::string_view other_key, Uid other_uid) {
    const int order = key.compare(other_key);
    return order != 0 ? order < 0 : uid < other_uid;
}

/// Halves the members between which each goes, until its place is found.
async::Awaitable<store::StoreResult<>> find_places(Session* session, const SortContext* list,
                                                   std::vector<Incoming>* incoming) {
    while (true) {
        std::vector<SortContext::Member> middles;
        for (const Incoming& one : *incoming)
            if (one.low < one.high) middles.push_back(list->members[one.low + (one.high - one.low) / 2]);
        if (middles.empty()) co_return store::StoreResult<>{};
        CO_TRY(const std::vector<std::string> keys, co_await keys_of(session, list, std::move(middles)));
        auto key = keys.begin();
        for (Incoming& one : *incoming) {
            if (one.low >= one.high) continue;
            const std::size_t middle = one.low + (one.high - one.low) / 2;
            if (is_before(one.key, one.member.uid, *key++, list->members[middle].uid))
                one.high = middle;
            else
                one.low = middle + 1;
        }
        co_await async::give_way();
    }
}

/// The list with what is ordered in its places, which are known.
std::vector<SortContext::Member> merged(const std::vector<SortContext::Member>& list,
                                        const std::vector<Incoming>& incoming) {
    std::vector<SortContext::Member> members;
    members.reserve(list.size() + incoming.size());
    auto next = list.begin();
    for (const Incoming& one : incoming) {
        const auto end = list.begin() + static_cast<std::ptrdiff_t>(one.low);
        members.insert(members.end(), next, end);
        members.push_back(one.member);
        next = end;
    }
    members.insert(members.end(), next, list.end());
    return members;
}

/// Puts what is ordered into the list and tells it.
async::Awaitable<> insert(Session* session, SortContext* list, SortLines lines, std::vector<Incoming> incoming) {
    list->members = co_await async::run(session->service->workers, [&] { return merged(list->members, incoming); });
    PlaceLines told(session, std::move(lines), true);
    for (std::size_t at = 0; at < incoming.size(); ++at)
        told.add(incoming[at].low + at + 1, incoming[at].member.uid);
    told.finish();
    co_await session->output.flush_if_full();
}

/// The message as a member; nothing if it is gone.
std::optional<SortContext::Member> member_of(store::ViewCursor& cursor, Uid uid) {
    if (!cursor.find(uid)) return std::nullopt;
    return SortContext::Member{.uid = uid,
                               .email = static_cast<std::uint32_t>(cursor.page().email(cursor.at()).value),
                               .size_bytes = cursor.page().size_bytes(cursor.at())};
}

} // namespace

async::Awaitable<SortContext> make_sort_context(Session* session, const imap::Sort* command,
                                                const std::vector<std::uint32_t>* names) {
    const SessionView& numbers = session->selected->numbers();
    const store::ViewPtr view = numbers.view();
    store::ViewCursor cursor(view.get());
    SortContext list{.criteria = command->criteria, .members = {}};
    list.members.reserve(names->size());
    for (const std::uint32_t name : *names) {
        const bool is_uid = command->search.numbering == imap::Numbering::uid;
        const Uid uid = is_uid ? Uid(name) : numbers.uid_of(imap::SequenceNumber(name));
        if (const auto member = member_of(cursor, uid)) list.members.push_back(*member);
        if (list.members.size() % kMembersPerTurn == 0) co_await async::give_way();
    }
    co_return list;
}

async::Awaitable<> remove_from_list(Session* session, SortContext* list, SortLines lines, UidSet gone) {
    PlaceLines told(session, std::move(lines), false);
    std::size_t kept = 0;
    for (std::size_t at = 0; at < list->members.size(); ++at) {
        const SortContext::Member member = list->members[at];
        if (gone.contains(member.uid))
            told.add(kept + 1, member.uid); // those before it are gone from the client's list already
        else
            list->members[kept++] = member;
        if (at % kMembersPerTurn == kMembersPerTurn - 1) {
            told.finish();
            co_await session->output.flush_if_full();
            co_await async::give_way();
        }
    }
    told.finish();
    list->members.resize(kept);
}

async::Awaitable<store::StoreResult<>> add_to_list(Session* session, SortContext* list, SortLines lines, UidSet* uids) {
    const std::vector<Uid> all = uids->uids();
    for (std::size_t next = 0; next < all.size(); next += kAddedAtOnce) {
        const store::ViewPtr view = session->selected->numbers().view();
        store::ViewCursor cursor(view.get());
        std::vector<SortContext::Member> members;
        UidSet some;
        for (std::size_t at = next; at < std::min(all.size(), next + kAddedAtOnce); ++at) {
            some.add(all[at]);
            if (const auto member = member_of(cursor, all[at])) members.push_back(*member);
        }
        std::vector<SortContext::Member> asked = members;
        CO_TRY(std::vector<std::string> keys, co_await keys_of(session, list, std::move(asked)));
        std::vector<Incoming> incoming;
        for (std::size_t at = 0; at < members.size(); ++at)
            incoming.push_back({.member = members[at], .key = std::move(keys[at]), .high = list->members.size()});
        std::ranges::sort(incoming, [](const Incoming& a, const Incoming& b) {
            return is_before(a.key, a.member.uid, b.key, b.member.uid);
        });
        CO_TRY_VOID(co_await find_places(session, list, &incoming));
        co_await insert(session, list, lines, std::move(incoming));
        uids->subtract(some);
    }
    co_return store::StoreResult<>{};
}

} // namespace tegami::imapd
