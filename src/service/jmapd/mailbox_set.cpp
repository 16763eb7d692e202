// Mailbox/set (RFC 8621 §2.5): creates first, so that what follows may name what is new; a parent before what is in it.
// What is destroyed goes from the bottom up.
#include "async/turns.h"
#include "protocol/jmap/answers.h"
#include "protocol/jmap/patch.h"
#include "protocol/jmap/standard.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/mailbox_record.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"
#include "service/jmapd/session_resource.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using store::MailboxPtr;
using Creation = std::pair<std::string, const json::object*>;

Fault forbidden(std::string description) {
    return {.type = "forbidden", .description = std::move(description)};
}

Fault not_found() {
    return {.type = "notFound", .description = {}};
}

/// A mailbox comes after the one of this call that it is to be in. Of those in a circle one comes first, and has no parent.
std::vector<Creation> parents_first(const std::vector<Creation>& creations) {
    std::map<std::string_view, const Creation*> by_name;
    for (const Creation& one : creations)
        by_name.emplace(one.first, &one);
    const auto parent_of = [&by_name](const Creation& one) -> const Creation* {
        const json::value* const parent = one.second->if_contains("parentId");
        if (parent == nullptr || !parent->is_string() || !parent->get_string().starts_with('#')) return nullptr;
        const auto found = by_name.find(std::string_view(parent->get_string()).substr(1));
        return found == by_name.end() ? nullptr : found->second;
    };
    std::set<std::string_view> seen;
    std::vector<Creation> ordered;
    for (const Creation& one : creations) {
        std::vector<Creation> path;
        for (const Creation* at = &one; at != nullptr && seen.insert(at->first).second; at = parent_of(*at))
            path.push_back(*at);
        ordered.insert(ordered.end(), path.rbegin(), path.rend());
    }
    return ordered;
}

/// The work of one call.
class MailboxSet {
public:
    MailboxSet(Call* call, const jmap::SetArguments* set, bool remove_emails)
        : call_(call), set_(set), remove_emails_(remove_emails) {}

    async::Awaitable<jmap::SetAnswer> run() {
        co_await create_all();
        for (const auto& [id, patch] : set_->update) {
            co_await begin_record();
            const std::string name = resolved(id);
            const auto updated = co_await update(name, patch);
            if (updated)
                answer_.updated(name);
            else
                answer_.not_updated(name, updated.error());
        }
        for (const std::string& id : destroyed_in_order()) {
            co_await begin_record();
            const auto destroyed = co_await destroy(id);
            if (destroyed)
                answer_.destroyed(id);
            else
                answer_.not_destroyed(id, destroyed.error());
        }
        co_return std::move(answer_);
    }

private:
    store::Account& account() const { return call_->account(); }

    /// Others have their turn between two records.
    async::Awaitable<> begin_record() {
        if (records_++ > 0) {
            co_await async::give_way();
        }
    }

    /// The id that was created in this call for "#new".
    std::string resolved(const std::string& id) const { return call_->batch->created_ids().resolve(id).value_or(id); }

    MailboxPtr find(const std::string& id) const {
        const auto mailbox = parse_mailbox_id(id);
        return mailbox ? call_->mailboxes()->find(*mailbox) : nullptr;
    }

    async::Awaitable<> create_all() {
        const std::vector<Creation> ordered = parents_first(set_->create);
        for (const Creation& creation : ordered) {
            co_await begin_record();
            auto created = co_await create(creation.second);
            if (created) {
                call_->batch->created_ids().add(creation.first, std::string(created->at("id").as_string()));
                answer_.created(creation.first, *std::move(created));
            } else {
                answer_.not_created(creation.first, created.error());
            }
        }
    }

    async::Awaitable<Result<json::object, Fault>> create(const json::object* wanted_object) {
        const std::shared_ptr<const store::MailboxList> list = call_->mailboxes();
        CO_TRY(const WantedMailbox wanted, read_wanted(*wanted_object, nullptr, *list));
        const MailboxPtr parent = above(wanted.name, *list);
        CO_TRY_VOID(may_be_below(parent));
        if (!call_->is_own() && wanted.settings.role != store::Role::none)
            co_return failure(forbidden("its owner says what a mailbox is for"));
        if (!wanted.grants.empty() && parent) CO_TRY_VOID(may(*call_, *parent, {store::Right::administer}));
        const auto made = co_await account().create_mailbox(wanted.name, wanted.settings);
        if (!made && made.error().code == store::ErrorCode::exists)
            co_return failure(jmap::invalid_properties({"name"}, "there is one of this name"));
        if (!made) co_return failure(set_fault(*call_, made.error()));
        const std::shared_ptr<const store::MailboxList> after = call_->mailboxes();
        const MailboxPtr mailbox = after->find(*made);
        if (!mailbox) co_return failure(not_found());
        if (!wanted.grants.empty()) {
            // In the place of the list that it has from the one above.
            auto grants = read_share_with(wanted_object->at("shareWith"), mailbox->access, call_->service->with.secret);
            const auto shared = co_await share(mailbox, *std::move(grants));
            if (!shared) {
                const auto removed = co_await account().remove_mailbox(mailbox->id);
                static_cast<void>(removed);
                co_return failure(shared.error());
            }
        }
        json::object created = mailbox_object(*call_->mailboxes()->find(*made), {}, reader_of(*call_, *mailbox));
        for (const auto& [name, value] : *wanted_object)
            if (!value.is_null()) created.erase(name);
        co_return created;
    }

    async::Awaitable<Result<void, Fault>> update(std::string id, const json::object* patch) {
        const std::shared_ptr<const store::MailboxList> list = call_->mailboxes();
        const MailboxPtr mailbox = find(id);
        if (!mailbox) co_return failure(not_found());
        if (std::ranges::find(set_->destroy, id) != set_->destroy.end())
            co_return failure(Fault{.type = "willDestroy", .description = {}});
        CO_TRY(const json::object before, co_await present(mailbox, patch));
        CO_TRY(const json::object after, jmap::apply_patch(before, *patch));
        CO_TRY_VOID(check_server_set(before, after));
        CO_TRY(WantedMailbox wanted, read_wanted(after, &*mailbox, *list));
        // A list that is not shown is not changed, nor one that is said as it was shown.
        const json::value* const was = before.if_contains("shareWith");
        const json::value* const now = after.if_contains("shareWith");
        if (was == nullptr || (now != nullptr && *now == *was)) wanted.grants.clear();
        CO_TRY_VOID(may_become(*mailbox, wanted, *list));
        store::MailboxUpdate change; // of what is shown: others do not see all of a mailbox
        if (wanted.name != mailbox->name) change.name = wanted.name;
        if (wanted.settings.role != mailbox->role) change.role = wanted.settings.role;
        if (wanted.settings.sort_order != mailbox->sort_order) change.sort_order = wanted.settings.sort_order;
        if (call_->is_own()) change.subscribed = wanted.settings.subscribed;
        const bool keeps_role = wanted.settings.role == mailbox->role;
        if (mailbox->damaged || (mailbox->role == store::Role::inbox && (change.name || !keeps_role)))
            co_return failure(forbidden("this mailbox keeps its name, its place and its role"));
        CO_TRY_VOID(co_await share(mailbox, std::move(wanted.grants)));
        const auto done = co_await account().update_mailbox(mailbox->id, std::move(change));
        if (!done && done.error().code == store::ErrorCode::exists)
            co_return failure(jmap::invalid_properties({"name"}, "there is one of this name"));
        if (!done) co_return failure(set_fault(*call_, done.error()));
        co_return Result<void, Fault>();
    }

    Result<WantedMailbox, Fault> read_wanted(const json::object& object, const store::MailboxInfo* present,
                                             const store::MailboxList& list) const {
        if (!call_->batch->uses(kMailShareCapability) && object.contains("shareWith"))
            return failure(jmap::invalid_properties({"shareWith"}, "a mailbox has no such property"));
        return read_mailbox(object, present, list, call_->batch->created_ids(), call_->service->with.secret);
    }

    /// Null at the top.
    static MailboxPtr above(const std::string& name, const store::MailboxList& list) {
        const std::size_t slash = name.rfind('/');
        return slash == std::string::npos ? nullptr : list.find(std::string_view(name).substr(0, slash));
    }

    Result<void, Fault> may_be_below(const MailboxPtr& parent) const {
        if (call_->is_own()) return {};
        if (!parent) return failure(forbidden("at the top only the owner makes mailboxes"));
        return may(*call_, *parent, {store::Right::create});
    }

    /// Whether the user may make of a mailbox what is wanted.
    Result<void, Fault> may_become(const store::MailboxInfo& mailbox, const WantedMailbox& wanted,
                                   const store::MailboxList& list) const {
        if (call_->is_own()) return {};
        if (wanted.name != mailbox.name) {
            TRY_VOID(may(*call_, mailbox, {store::Right::remove}));
            const MailboxPtr parent = above(wanted.name, list);
            if (!parent || parent->id != mailbox.parent) TRY_VOID(may_be_below(parent));
        }
        if (wanted.settings.role != mailbox.role || wanted.settings.sort_order != mailbox.sort_order)
            TRY_VOID(may(*call_, mailbox, {store::Right::administer}));
        if (!wanted.settings.subscribed) return failure(forbidden("what is shared is subscribed to"));
        if (!wanted.grants.empty()) TRY_VOID(may(*call_, mailbox, {store::Right::administer}));
        return {};
    }

    /// Changes whom the mailbox is shared with.
    async::Awaitable<Result<void, Fault>> share(MailboxPtr mailbox, std::vector<store::GrantChange> grants) {
        if (grants.empty()) co_return Result<void, Fault>();
        const store::AccountId owner = account().id();
        if (std::ranges::find(grants, owner, &store::GrantChange::grantee) != grants.end())
            co_return failure(jmap::invalid_properties({"shareWith"}, "the owner has all rights"));
        sharing::ShareChange change{.owner = call_->entered,
                                    .mailbox = mailbox->id,
                                    .changed_by = call_->reader(),
                                    .grants = std::move(grants)};
        const auto done = co_await call_->service->with.shares.change(std::move(change));
        if (!done &&
            (done.error().code == store::ErrorCode::not_found || done.error().code == store::ErrorCode::invalid))
            co_return failure(jmap::invalid_properties({"shareWith"}, done.error().detail));
        if (!done) co_return failure(set_fault(*call_, done.error()));
        co_return Result<void, Fault>();
    }

    /// The mailbox as an object; it is counted only if the patch says how many emails there are.
    async::Awaitable<Result<json::object, Fault>> present(MailboxPtr mailbox, const json::object* patch) {
        store::EmailCounts counts;
        const auto named = [patch](const std::string& name) { return patch->contains(name); };
        if (std::ranges::any_of(mailbox_count_properties(), named)) {
            const auto view = co_await view_of(call_);
            if (!view) co_return failure(method_fault(*call_, view.error()));
            counts = (*view)->counts(mailbox->id);
        }
        co_return mailbox_object(*mailbox, counts, reader_of(*call_, *mailbox));
    }

    /// RFC 8620 §5.3: they may be said, as they are.
    static Result<void, Fault> check_server_set(const json::object& before, const json::object& after) {
        std::vector<std::string> changed;
        for (const auto& [name, value] : before) {
            const json::value* const now = after.if_contains(name);
            if (is_server_set(name) && (now == nullptr || *now != value)) changed.emplace_back(name);
        }
        if (changed.empty()) return {};
        return failure(jmap::invalid_properties(std::move(changed), "the server sets these"));
    }

    /// What lies deeper goes first.
    std::vector<std::string> destroyed_in_order() const {
        std::multimap<std::ptrdiff_t, std::string, std::greater<>> by_depth;
        for (const std::string& one : set_->destroy) {
            std::string id = resolved(one);
            const MailboxPtr mailbox = find(id);
            by_depth.emplace(mailbox ? std::ranges::count(mailbox->name, '/') : 0, std::move(id));
        }
        std::vector<std::string> ids;
        for (auto& [depth, id] : by_depth)
            ids.push_back(std::move(id));
        return ids;
    }

    async::Awaitable<Result<void, Fault>> destroy(std::string id) {
        const MailboxPtr mailbox = find(id);
        if (!mailbox) co_return failure(not_found());
        if (mailbox->role == store::Role::inbox || mailbox->damaged) co_return failure(forbidden("this mailbox stays"));
        CO_TRY_VOID(may(*call_, *mailbox, {store::Right::remove}));
        const std::shared_ptr<const store::MailboxList> all = account().mailboxes();
        const MailboxPtr whole = all->find(mailbox->id);
        if (!whole) co_return failure(not_found());
        if (all->has_children(mailbox->id)) co_return failure(Fault{.type = "mailboxHasChild", .description = {}});
        // RFC 8621 §4.1.1: emails that are marked \Deleted are not seen.
        if (whole->messages > whole->deleted && !remove_emails_)
            co_return failure(Fault{.type = "mailboxHasEmail", .description = {}});
        const auto removed = co_await account().remove_mailbox(mailbox->id);
        if (!removed) co_return failure(set_fault(*call_, removed.error()));
        // In IMAP a subscription outlives its mailbox; here it is part of it.
        const auto unsubscribed = co_await account().unsubscribe(mailbox->name);
        if (!unsubscribed) co_return failure(set_fault(*call_, unsubscribed.error()));
        co_return Result<void, Fault>();
    }

    Call* const call_;
    const jmap::SetArguments* const set_;
    const bool remove_emails_;
    std::size_t records_ = 0; ///< begun
    jmap::SetAnswer answer_;
};

} // namespace

async::Awaitable<MethodResult> mailbox_set(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set, jmap::take_set(arguments, call->batch->created_ids(), call->limits()));
    const bool remove_emails = arguments.flag("onDestroyRemoveEmails", false);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_to_write(call, set.account));
    const std::string old_state = state_of(*call->mailboxes());
    if (set.if_in_state && *set.if_in_state != old_state)
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    MailboxSet work(call, &set, remove_emails);
    jmap::SetAnswer answer = co_await work.run();
    const std::string new_state = state_of(*call->mailboxes());
    co_return std::move(answer).finish(set.account, old_state, new_state);
}

} // namespace tegami::jmapd
