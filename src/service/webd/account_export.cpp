// A mailbox of one's own as a file to keep.
#include "base/visible.h"
#include "discovery/query.h"
#include "mailbox_export/mbox_stream.h"
#include "service/webd/answers.h"
#include "service/webd/own_account.h"
#include "store/mailbox_list.h"

#include <utility>

namespace tegami::webd {

namespace {

/// Keeps its place as long as somebody takes the file.
class ExportBody final : public net::BodySource {
public:
    ExportBody(mailbox_export::MailboxMessages messages, AccountPlaces::Place place)
        : mbox_(std::move(messages)), place_(std::move(place)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override { return mbox_.read(); }

private:
    mailbox_export::MboxStream mbox_;
    const AccountPlaces::Place place_;
};

/// The last level of a mailbox's name, as the name of a file.
std::string file_name(std::string_view mailbox) {
    constexpr InvisibleForms kNothing{[](std::string&, unsigned char) {}, [](std::string&, char32_t) {}};
    std::string name = visible(mailbox.substr(mailbox.rfind('/') + 1), kNothing);
    std::erase_if(name, [](char c) { return c == '\\' || c == ':'; });
    name.erase(0, name.find_first_not_of(". "));
    return (name.empty() ? "letters" : name) + ".mbox";
}

} // namespace

async::Awaitable<net::HttpResponse> export_mailbox(const AccountService* service, OwnRequest* own) {
    const auto name = discovery::query_value(own->request->target, "mailbox");
    if (!name) co_return refusal(400, "malformed");
    auto place = co_await service->exports->take(own->owner.identity.account);
    if (!place) co_return unavailable();
    auto account = co_await service->store.account(own->owner.identity.account);
    if (!account) co_return unavailable();
    const store::MailboxPtr mailbox = (*account)->mailboxes()->find(store::canonical_mailbox_name(*name));
    if (!mailbox || !mailbox->selectable) co_return refusal(404, "not-found");
    auto open = co_await (*account)->open(mailbox->id);
    if (!open) co_return unavailable();
    mailbox_export::MailboxMessages messages(&service->store, *std::move(account), *std::move(open));
    net::HttpResponse response;
    response.fields.add("Content-Type", "application/mbox");
    response.fields.add("Content-Disposition", attachment_named(file_name(mailbox->name)));
    response.stream = std::make_unique<ExportBody>(std::move(messages), *std::move(place));
    co_return response;
}

} // namespace tegami::webd
