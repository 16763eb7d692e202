#include "store/access.h"

#include "base/bytes.h"
#include "store/mailbox_list.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace tegami::store {

namespace {

struct RightLetter {
    Right right;
    char letter;
};

constexpr std::array kLetters{RightLetter{Right::lookup, 'l'},  RightLetter{Right::read, 'r'},
                              RightLetter{Right::seen, 's'},    RightLetter{Right::write, 'w'},
                              RightLetter{Right::insert, 'i'},  RightLetter{Right::create, 'k'},
                              RightLetter{Right::remove, 'x'},  RightLetter{Right::mark, 't'},
                              RightLetter{Right::expunge, 'e'}, RightLetter{Right::administer, 'a'}};

std::optional<Rights> rights_of_letter(char letter) {
    const auto* const found = std::ranges::find(kLetters, letter, &RightLetter::letter);
    if (found != kLetters.end()) return Rights{found->right};
    if (letter == 'c') return Rights{Right::create, Right::remove};
    if (letter == 'd') return Rights{Right::mark, Right::expunge};
    if (letter == 'p') return Rights();
    return std::nullopt;
}

/// FNV-1a, 64 bits.
class Fingerprint {
public:
    void add(std::string_view octets) {
        add(octets.size());
        for (const char octet : octets)
            take(static_cast<unsigned char>(octet));
    }

    void add(std::uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8)
            take(static_cast<unsigned char>(number >> shift));
    }

    std::uint64_t value() const { return std::max<std::uint64_t>(value_, 1); }

private:
    void take(unsigned char octet) { value_ = (value_ ^ octet) * 0x100'0000'01b3; }

    std::uint64_t value_ = 0xcbf2'9ce4'8422'2325;
};

/// A name that holds nothing.
MailboxPtr shell_of(const MailboxInfo& mailbox, AccessList access = {}) {
    MailboxInfo shell;
    shell.id = mailbox.id;
    shell.parent = mailbox.parent;
    shell.name = mailbox.name;
    shell.selectable = false;
    shell.access = std::move(access);
    return std::make_shared<const MailboxInfo>(std::move(shell));
}

} // namespace

std::string letters_of(Rights rights) {
    std::string letters;
    for (const auto& [right, letter] : kLetters)
        if (rights.has(right)) letters += letter;
    return letters;
}

std::optional<Rights> parse_rights(std::string_view letters) {
    Rights rights;
    for (const char letter : letters) {
        const auto more = rights_of_letter(letter);
        if (!more) return std::nullopt;
        rights = rights | *more;
    }
    return rights;
}

std::optional<AccessList> changed(AccessList list, const std::vector<GrantChange>& changes) {
    for (const GrantChange& change : changes) {
        auto place = std::ranges::lower_bound(list, change.grantee, {}, &Grant::grantee);
        if (place == list.end() || place->grantee != change.grantee)
            place = list.insert(place, {.grantee = change.grantee, .rights = {}});
        place->rights = (place->rights - change.remove) | change.add;
    }
    std::erase_if(list, [](const Grant& grant) { return grant.rights.empty(); });
    if (list.size() > kGrantsMax) return std::nullopt;
    return list;
}

Rights rights_in(const AccessList& list, AccountId who) {
    const auto found = std::ranges::lower_bound(list, who, {}, &Grant::grantee);
    return found == list.end() || found->grantee != who ? Rights() : found->rights;
}

Rights rights_of(const MailboxInfo& mailbox, AccountId owner, AccountId who) {
    return who == owner ? Rights::all() : rights_in(mailbox.access, who);
}

bool shares_with(const MailboxList& mailboxes, AccountId who) {
    return std::ranges::any_of(mailboxes.all(), [who](const MailboxPtr& mailbox) {
        return rights_in(mailbox->access, who).has(Right::lookup);
    });
}

MailboxList part_of(const MailboxList& mailboxes, AccountId who) {
    std::vector<MailboxPtr> seen;
    std::set<MailboxId> there;
    Version version;
    Fingerprint part;
    for (const MailboxPtr& mailbox : mailboxes.all()) {
        const Rights rights = rights_in(mailbox->access, who);
        if (!rights.has(Right::lookup)) continue;
        const bool readable = rights.has(Right::read);
        seen.push_back(readable ? mailbox : shell_of(*mailbox, mailbox->access));
        there.insert(mailbox->id);
        if (readable) version = std::max(version, mailbox->highest_modseq);
        part.add(mailbox->id.value);
        part.add(mailbox->uid_validity.value);
        part.add(mailbox->name);
        part.add(static_cast<std::uint64_t>(mailbox->role));
        part.add(mailbox->sort_order);
        part.add(rights.bits());
        if (!rights.has(Right::administer)) continue;
        for (const Grant& other : mailbox->access) {
            part.add(other.grantee.value);
            part.add(other.rights.bits());
        }
    }
    const std::size_t own = seen.size();
    for (std::size_t at = 0; at < own; ++at)
        for (MailboxPtr above = mailboxes.find(seen[at]->parent); above; above = mailboxes.find(above->parent))
            if (there.insert(above->id).second) seen.push_back(shell_of(*above));
    return {std::move(seen), {}, version, part.value()};
}

} // namespace tegami::store

namespace tegami::store::record {

void append_access(std::string& out, const AccessList& list) {
    bytes::append_varint(out, list.size());
    for (const Grant& grant : list) {
        bytes::append_varint(out, grant.grantee.value);
        bytes::append_varint(out, grant.rights.bits());
    }
}

AccessList read_access(bytes::Reader& in) {
    AccessList list;
    const std::uint64_t count = in.varint();
    if (count > kGrantsMax) in.fail();
    for (std::uint64_t left = count; left > 0 && !in.failed(); --left) {
        const AccountId grantee(in.varint());
        const std::uint64_t bits = in.varint();
        const bool sound = bits != 0 && bits <= Rights::all().bits() && (list.empty() || list.back().grantee < grantee);
        if (!sound) in.fail();
        list.push_back({.grantee = grantee, .rights = Rights::from_bits(static_cast<std::uint16_t>(bits))});
    }
    return list;
}

} // namespace tegami::store::record
