// The messages of a mailbox as an mbox file (transfer/mbox.h). In the place of one that cannot be read stands a letter that says so.
#pragma once

#include "mailbox_export/mailbox_messages.h"
#include "net/http.h"
#include "transfer/mbox.h"

namespace tegami::mailbox_export {

class MboxStream final : public net::BodySource {
public:
    explicit MboxStream(MailboxMessages messages) : messages_(std::move(messages)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override;

private:
    void add(std::string& piece, const MailboxMessages::Event& event);

    MailboxMessages messages_;
    transfer::MboxWriter writer_;
};

} // namespace tegami::mailbox_export
