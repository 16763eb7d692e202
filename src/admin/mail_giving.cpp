// The messages of a mailbox as one stream.
#include "admin/mail_streams.h"

#include "admin/parameters.h"
#include "mailbox_export/item_stream.h"
#include "store/mailbox_list.h"

#include <fmt/format.h>

namespace tegami::admin {

async::Awaitable<Given> give_mail(const Dependencies* on, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::string name, required_text(request, "mailbox"));
    CO_TRY(store::AccountPtr account, co_await account_with_mail(on, std::move(address)));
    const store::MailboxPtr mailbox = account->mailboxes()->find(store::canonical_mailbox_name(name));
    if (!mailbox || !mailbox->selectable) co_return failure(Refusal{404, fmt::format("there is no mailbox {}", name)});
    auto open = co_await account->open(mailbox->id);
    if (!open) co_return failure(refusal_for(open.error()));
    mailbox_export::MailboxMessages messages(&on->store, std::move(account), *std::move(open));
    co_return std::make_unique<mailbox_export::ItemStream>(std::move(messages));
}

} // namespace tegami::admin
