// CREATE (RFC 9051 §6.3.4), with a special use (RFC 6154 §3).
#include "service/imapd/commands.h"
#include "service/imapd/list_plan.h"
#include "service/imapd/mailbox_access.h"

namespace tegami::imapd {

namespace {

/// The store's role for what the client wants; nothing for a use that no mailbox here can have.
std::optional<store::Role> role_for(const std::vector<imap::SpecialUse>& uses) {
    if (uses.empty()) return store::Role::none;
    if (uses.size() > 1) return std::nullopt;
    for (const store::Role role :
         {store::Role::drafts, store::Role::sent, store::Role::junk, store::Role::trash, store::Role::archive})
        if (special_use_of(role).contains(uses.front())) return role;
    return std::nullopt;
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Create command) {
    const std::optional<store::Role> role = role_for(command.special_use);
    if (!role) co_return no(imap::code::kUseAttr, "This use cannot be given to a mailbox");
    const NamedMailbox place = co_await resolve(session, std::move(command.mailbox));
    if (!place.rights.has(Right::create)) co_return not_permitted();
    if (!place.is_own && *role != store::Role::none)
        co_return no(imap::code::kUseAttr, "The owner says what a mailbox is for");
    if (*role != store::Role::none && place.account->mailboxes()->find(*role))
        co_return no(imap::code::kUseAttr, "There is a mailbox of this use");
    const store::StoreResult<store::MailboxId> made =
        co_await place.account->create_mailbox(place.name, {.role = *role});
    if (!made) co_return failed(made.error(), session->service->log);
    co_return Completion{.code = imap::code::mailbox_id(object_base(*session, *place.account) + made->value)};
}

} // namespace tegami::imapd
