// SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS (RFC 4314 §3). An identifier is the whole address of an account of this
// server; there are no groups, no "anyone" and no negative rights.
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"

#include <algorithm>

namespace tegami::imapd {

namespace {

/// With the rights of RFC 2086 that stand for several (RFC 4314 §2.1.1).
std::string letters(Rights rights) {
    std::string text = store::letters_of(rights);
    if (rights.has(Right::create) || rights.has(Right::remove)) text += 'c';
    if (rights.has(Right::mark) || rights.has(Right::expunge)) text += 'd';
    return text;
}

/// A mailbox whose list the user may see and change.
async::Awaitable<Result<NamedMailbox, Completion>> administered(Session* session, imap::MailboxName name) {
    co_return co_await resolve_for(session, std::move(name), Right::administer, std::string(imap::code::kNonexistent));
}

async::Awaitable<Result<store::AccountId, Completion>> account_named(Session* session, std::string identifier) {
    const auto found = co_await session->service->shares->find_account(std::move(identifier));
    if (!found) co_return failure(failed(found.error(), session->service->log));
    if (!*found) co_return failure(no(imap::code::kCannot, "There is no account of this address here"));
    co_return **found;
}

async::Awaitable<Completion> change(Session* session, NamedMailbox place, store::GrantChange grant) {
    if (grant.grantee == place.account->id())
        co_return no(imap::code::kCannot, "The owner of a mailbox always has all rights");
    sharing::ShareChange wanted{
        .owner = place.account, .mailbox = place.mailbox->id, .changed_by = session->home->id(), .grants = {grant}};
    const store::StoreResult<> done = co_await session->service->shares->change(std::move(wanted));
    if (!done && done.error().code == store::ErrorCode::invalid)
        co_return no(imap::code::kLimit, "The mailbox is shared with too many, or somebody has too many shares");
    if (!done) co_return failed(done.error(), session->service->log);
    co_return Completion{};
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::SetAcl command) {
    const auto rights = store::parse_rights(command.rights);
    if (!rights) co_return bad("Rights are the letters lrswikxtea");
    Result<NamedMailbox, Completion> place = co_await administered(session, std::move(command.mailbox));
    if (!place) co_return place.error();
    const Result<store::AccountId, Completion> grantee = co_await account_named(session, std::move(command.identifier));
    if (!grantee) co_return grantee.error();
    store::GrantChange grant{.grantee = *grantee, .add = *rights, .remove = {}};
    if (command.mode == imap::StoreMode::replace) grant.remove = Rights::all();
    if (command.mode == imap::StoreMode::remove) std::swap(grant.add, grant.remove);
    co_return co_await change(session, *std::move(place), grant);
}

async::Awaitable<Completion> run(Session* session, imap::DeleteAcl command) {
    Result<NamedMailbox, Completion> place = co_await administered(session, std::move(command.mailbox));
    if (!place) co_return place.error();
    const Result<store::AccountId, Completion> grantee = co_await account_named(session, std::move(command.identifier));
    if (!grantee) co_return grantee.error();
    store::GrantChange grant{.grantee = *grantee, .add = {}, .remove = Rights::all()};
    co_return co_await change(session, *std::move(place), grant);
}

async::Awaitable<Completion> run(Session* session, imap::GetAcl command) {
    const std::string name = command.mailbox.utf8();
    const Result<NamedMailbox, Completion> place = co_await administered(session, std::move(command.mailbox));
    if (!place) co_return place.error();
    store::AccessList list = place->mailbox->access;
    list.insert(list.begin(), {.grantee = place->account->id(), .rights = Rights::all()});
    std::vector<imap::AclEntry> entries;
    for (const store::Grant& grant : list) {
        const auto address = co_await session->service->shares->address_of(grant.grantee);
        if (!address) co_return failed(address.error(), session->service->log);
        // Who is gone, or disabled, has no rights now.
        if (*address) entries.push_back({.identifier = (*address)->to_string(), .rights = letters(grant.rights)});
    }
    imap::append_acl(session->out(), name, entries, session->enabled);
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::ListRights command) {
    const std::string name = command.mailbox.utf8();
    const std::string identifier = command.identifier;
    const Result<NamedMailbox, Completion> place = co_await administered(session, std::move(command.mailbox));
    if (!place) co_return place.error();
    const Result<store::AccountId, Completion> who = co_await account_named(session, std::move(command.identifier));
    if (!who) co_return who.error();
    const bool is_owner = *who == place->account->id();
    std::vector<std::string> optional;
    if (!is_owner)
        for (const char letter : letters(Rights::all()))
            optional.emplace_back(1, letter);
    imap::append_list_rights(session->out(), name, identifier, is_owner ? letters(Rights::all()) : "", optional,
                             session->enabled);
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::MyRights command) {
    const std::string name = command.mailbox.utf8();
    const NamedMailbox place = co_await resolve(session, std::move(command.mailbox));
    if (!place.mailbox || !place.mailbox->selectable) co_return no_mailbox(place.mailbox, imap::code::kNonexistent);
    imap::append_my_rights(session->out(), name, letters(place.rights), session->enabled);
    co_return Completion{};
}

} // namespace tegami::imapd
