#include "service/imapd/mailbox_access.h"

#include "base/ascii.h"
#include "service/imapd/session.h"

#include <map>
#include <set>

namespace tegami::imapd {

namespace {

/// "Other Users", and what is below.
bool is_of_others(std::string_view name) {
    return name == kOthersPrefix.substr(0, kOthersPrefix.size() - 1) || name.starts_with(kOthersPrefix);
}

/// A name below which nothing is there for the user.
NamedMailbox nothing_named(const Session& session, std::string name) {
    return {.account = session.home, .name = std::move(name), .mailbox = nullptr, .rights = {}};
}

/// What the user may do with a name that is no mailbox: make one, if that is allowed in what is above.
Rights rights_above(const store::MailboxList& list, std::string_view name, store::AccountId owner,
                    store::AccountId user) {
    for (std::size_t end = name.rfind('/'); end != std::string_view::npos && end > 0; end = name.rfind('/', end - 1))
        if (const store::MailboxPtr above = list.find(name.substr(0, end))) {
            const bool may = store::rights_of(*above, owner, user).has(Right::create);
            return may ? Rights{Right::create} : Rights();
        }
    return {};
}

/// The mailboxes of a listing under other names and ids.
class Listing {
public:
    explicit Listing(const store::MailboxList& own) : own_(own) {
        for (const store::MailboxPtr& mailbox : own.all()) {
            if (is_of_others(mailbox->name)) continue;
            all_.push_back(mailbox);
            next_ = std::max(next_, mailbox->id.value + 1);
        }
        subscribed_.insert(own.subscribed_names().begin(), own.subscribed_names().end());
    }

    void add(const std::string& owner, const store::MailboxList& part) {
        if (part.all().empty()) return;
        const std::string prefix = std::string(kOthersPrefix) + owner;
        if (!imap::MailboxName::from_utf8(prefix)) return; // an address that is no name here
        const store::MailboxId top = make_name(std::string(kOthersPrefix.substr(0, kOthersPrefix.size() - 1)), {});
        const store::MailboxId above = make_name(prefix, top);
        std::map<store::MailboxId, store::MailboxId> ids;
        for (const store::MailboxPtr& mailbox : part.all())
            ids.emplace(mailbox->id, store::MailboxId(next_++));
        for (const store::MailboxPtr& mailbox : part.all()) {
            store::MailboxInfo info = *mailbox;
            info.id = ids.at(mailbox->id);
            const auto parent = ids.find(mailbox->parent);
            info.parent = parent == ids.end() ? above : parent->second;
            info.name = prefix + "/" + mailbox->name;
            info.role = store::Role::none;
            info.subscribed = subscribed_.erase(info.name) > 0;
            all_.push_back(std::make_shared<const store::MailboxInfo>(std::move(info)));
        }
    }

    std::shared_ptr<const store::MailboxList> take() && {
        return std::make_shared<const store::MailboxList>(
            std::move(all_), std::vector<std::string>(subscribed_.begin(), subscribed_.end()), own_.version());
    }

private:
    store::MailboxId make_name(const std::string& name, store::MailboxId parent) {
        const auto [known, is_new] = names_.try_emplace(name, store::MailboxId(next_));
        if (!is_new) return known->second;
        store::MailboxInfo info{.id = store::MailboxId(next_++), .parent = parent, .name = name, .selectable = false};
        all_.push_back(std::make_shared<const store::MailboxInfo>(std::move(info)));
        return known->second;
    }

    const store::MailboxList& own_;
    std::vector<store::MailboxPtr> all_;
    std::set<std::string> subscribed_;
    std::map<std::string, store::MailboxId> names_;
    std::uint32_t next_ = 1;
};

} // namespace

async::Awaitable<NamedMailbox> resolve(Session* session, imap::MailboxName name) {
    const std::string& whole = name.utf8();
    if (!is_of_others(whole))
        co_return NamedMailbox{.account = session->home,
                               .name = whole,
                               .mailbox = session->home->mailboxes()->find(whole),
                               .rights = Rights::all()};
    const std::size_t end = whole.find('/', kOthersPrefix.size());
    if (end == std::string::npos) co_return nothing_named(*session, whole);
    std::string address = whole.substr(kOthersPrefix.size(), end - kOthersPrefix.size());
    sharing::Shares& shares = *session->service->shares;
    const store::AccountId user = session->home->id();
    const auto owner = co_await shares.find_account(std::move(address));
    if (!owner || !*owner || **owner == user) co_return nothing_named(*session, whole);
    const auto account = co_await shares.find_shared(user, **owner);
    if (!account || !*account) co_return nothing_named(*session, whole);
    const std::shared_ptr<const store::MailboxList> list = (*account)->mailboxes();
    NamedMailbox found{
        .account = *account, .name = whole.substr(end + 1), .mailbox = nullptr, .rights = {}, .is_own = false};
    found.mailbox = list->find(found.name);
    found.rights = found.mailbox ? store::rights_of(*found.mailbox, **owner, user)
                                 : rights_above(*list, found.name, **owner, user);
    if (found.rights.empty()) found.mailbox = nullptr;
    co_return found;
}

async::Awaitable<Result<NamedMailbox, Completion>> resolve_for(Session* session, imap::MailboxName name, Right needed,
                                                               std::string missing_code) {
    NamedMailbox found = co_await resolve(session, std::move(name));
    if (!found.mailbox || !found.mailbox->selectable) co_return failure(no_mailbox(found.mailbox, missing_code));
    if (!found.rights.has(needed)) co_return failure(not_permitted());
    co_return found;
}

async::Awaitable<std::shared_ptr<const store::MailboxList>> visible_mailboxes(Session* session) {
    const std::shared_ptr<const store::MailboxList> own = session->home->mailboxes();
    const auto shared = co_await session->service->shares->shared_with(session->home);
    if (!shared) failed(shared.error(), session->service->log);
    if (!shared || shared->empty()) co_return own;
    Listing listing(*own);
    for (const sharing::SharedAccount& each : *shared)
        listing.add(each.address.to_string(), store::part_of(*each.account->mailboxes(), session->home->id()));
    co_return std::move(listing).take();
}

std::uint64_t object_base(const Session& session, const store::Account& account) {
    constexpr int kObjectBits = 32; // of one account: store/ids.h
    return account.id() == session.home->id() ? 0 : account.id().value << kObjectBits;
}

store::Flags changeable_flags(Rights rights) {
    using store::Flag;
    store::Flags flags;
    if (rights.has(Right::seen)) flags = flags | store::Flags{Flag::seen};
    if (rights.has(Right::mark)) flags = flags | store::Flags{Flag::deleted};
    if (rights.has(Right::write)) flags = flags | store::Flags{Flag::answered, Flag::flagged, Flag::draft};
    return flags;
}

Completion not_permitted() {
    return no(imap::code::kNoPermission, "You may not do this here");
}

} // namespace tegami::imapd
