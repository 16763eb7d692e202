// The messages of a mailbox as transfer/item.h has them. One that cannot be read stands there with no octets.
#pragma once

#include "mailbox_export/mailbox_messages.h"
#include "net/http.h"

namespace tegami::mailbox_export {

class ItemStream final : public net::BodySource {
public:
    explicit ItemStream(MailboxMessages messages) : messages_(std::move(messages)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override;

private:
    MailboxMessages messages_;
};

} // namespace tegami::mailbox_export
